"""The time after which a test that hangs is stopped."""

#: Seconds. Nothing waits for them to pass, and no result depends on how many have: what
#: takes longer, on any machine, has stopped.
PATIENCE = 900
