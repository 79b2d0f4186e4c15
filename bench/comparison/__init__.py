"""The parts of `compare.py`: programs, measurement, results and reports."""
