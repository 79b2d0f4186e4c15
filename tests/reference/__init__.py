"""The network in floating point: what the integer network is held against."""
