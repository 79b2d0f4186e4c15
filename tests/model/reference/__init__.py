"""The network in floating point: the reference that the integer network is compared with."""
