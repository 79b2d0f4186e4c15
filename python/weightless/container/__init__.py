"""The structure of an archive: frames, blocks and checks, as specified in `docs/format.md`.

Nothing here depends on the model. Each module encodes and decodes one part of the format.
"""
