"""What `compare.py` is made of: programs, measuring them, their results, reports."""
