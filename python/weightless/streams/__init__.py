"""Incremental compression and decompression, and the file object."""
