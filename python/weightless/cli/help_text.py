"""What help and manual page say beside the options."""

from __future__ import annotations

__all__ = ["DESCRIPTION", "ENVIRONMENT", "EXIT_STATUS", "NOTES", "USAGE", "epilog"]

USAGE = "weightless [OPTION]... [FILE]..."

DESCRIPTION = "Compress or decompress FILEs, keeping them; archives end in .wl."

NOTES = (
    "With no FILE, or when FILE is -, reads standard input and writes standard output.",
    "Short options may be written together: -9T0dkf. SIZE is in bytes, or ends in K, M or G.",
)

#: Variable to meaning.
ENVIRONMENT = {
    "WEIGHTLESS_LEVEL": "the level in place of the default",
    "WEIGHTLESS_THREADS": "the number of threads in place of the default",
    "WEIGHTLESS_TARGET": "force an instruction set (scalar, sse4, avx2, ...); same bytes",
}

#: Exit code to meaning.
EXIT_STATUS = {
    "0": "all went well",
    "1": "at least one file failed; the others were done all the same",
    "2": "wrong usage; nothing was done",
    "128+N": "ended by signal N (130: Ctrl-C), as shells show it",
}


def epilog() -> str:
    """Return what stands below the options in --help."""
    return "\n".join(
        (
            *NOTES,
            "\nenvironment:",
            *(f"  {name:<18}  {meaning}" for name, meaning in ENVIRONMENT.items()),
            "\nexit status; an output that is not complete is removed:",
            *(f"  {code:<5}  {meaning}" for code, meaning in EXIT_STATUS.items()),
        )
    )
