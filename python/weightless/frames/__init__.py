"""Encoding and decoding of frames and archives, block by block, with the model."""
