"""The constants of the text."""

H = 32
M = 96
T = 16
VALUES = 256
