"""Whole frames to and from bytes, block by block, with the model in step."""
