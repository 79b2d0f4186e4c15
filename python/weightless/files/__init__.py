"""Files: checks of inputs, and outputs that appear only when complete."""
