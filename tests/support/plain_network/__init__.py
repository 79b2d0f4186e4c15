"""The predictor of parameter set 10 in plain Python, written from docs/format_network.md alone."""
