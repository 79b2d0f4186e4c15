"""Objects that work on data in pieces: compressor, decompressor, file object."""
