"""Lossless compression by a neural network whose weights are never stored."""
