"""The archive's structure: frames, blocks, checks. See `docs/format.md`.

Nothing here knows the model; each module writes and reads one part, from bytes to a
plain record and back.
"""
