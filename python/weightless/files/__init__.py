"""Files: checked inputs, outputs that appear only when whole."""
