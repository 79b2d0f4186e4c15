"""The text of the help and of the manual page, apart from the options."""

from __future__ import annotations

__all__ = ["DESCRIPTION", "ENVIRONMENT", "EXIT_STATUS", "NOTES", "USAGE", "epilog"]

USAGE = "weightless [OPTION]... [FILE]..."

DESCRIPTION = "Compress or decompress FILEs and keep the originals; archive names end in .wl."

NOTES = (
    "With no FILE, or when FILE is -, read standard input and write to standard output.",
    "Options that concern only compression have no effect on decoding, and the reverse.",
    "Short options can be combined, as in -9T0dkf. SIZE is in bytes; suffixes are K, M and G.",
)

#: Maps each variable to its meaning.
ENVIRONMENT = {
    "WEIGHTLESS_LEVEL": "default compression level",
    "WEIGHTLESS_THREADS": "default number of threads",
    "WEIGHTLESS_TARGET": "instruction set to use (scalar, sse4, avx2, ...); archives are identical",
}

#: Maps each exit status to its meaning.
EXIT_STATUS = {
    "0": "success",
    "1": "at least one file failed; all others were processed",
    "2": "invalid usage; nothing was done",
    "128+N": "terminated by signal N, as shells report it (130 for Ctrl-C)",
}


def epilog() -> str:
    """Return the text below the options in --help."""
    return "\n".join(
        (
            *NOTES,
            "\nenvironment:",
            *(f"  {name:<18}  {meaning}" for name, meaning in ENVIRONMENT.items()),
            "\nexit status (incomplete outputs are removed):",
            *(f"  {code:<5}  {meaning}" for code, meaning in EXIT_STATUS.items()),
        )
    )
