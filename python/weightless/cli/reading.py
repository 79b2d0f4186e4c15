"""`wlcat`, `wlless` and `wlgrep`: archives where a program reads plain files."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Sequence

from weightless.cli.main import main

__all__ = ["cat", "grep", "less"]

#: Options of grep that take a value, in the next argument if none is attached.
_WITH_VALUE = frozenset("ABCDEefmd") - {"E"}
_LONG_WITH_VALUE = frozenset(
    f"--{name}"
    for name in (
        *("regexp", "file", "max-count", "label", "binary-files", "devices", "directories"),
        *("after-context", "before-context", "context", "include", "exclude"),
    )
)


def cat(arguments: Sequence[str] | None = None) -> int:
    """Write the content of archives to standard output; as ``weightless -dcf``."""
    return main(["-dcf", *(sys.argv[1:] if arguments is None else arguments)])


def less(arguments: Sequence[str] | None = None) -> int:
    """Show the content of archives in ``less``, with its options."""
    command = f"-{shlex.quote(sys.executable)} -m weightless -dcfq -- %s"
    return _run(
        ["less", *(sys.argv[1:] if arguments is None else arguments)],
        env={**os.environ, "LESSOPEN": f"|{command}"},
    )


def grep(arguments: Sequence[str] | None = None) -> int:
    """Search the content of archives with ``grep`` and its options.

    Returns
    -------
    int
        0 if something was found, 1 if not, and 2 after an error, as grep.
    """
    options, files = _divide(sys.argv[1:] if arguments is None else list(arguments))
    if files is None:  # nothing is searched
        return _run(["grep", *options])
    if not any(option in ("-h", "--no-filename") for option in options) and len(files) > 1:
        options = ["-H", *options]
    found, failed = False, False
    for file in files or ["-"]:
        decoder = subprocess.Popen(
            [sys.executable, "-m", "weightless", "-dcfq", "--", file], stdout=subprocess.PIPE
        )
        label = "(standard input)" if file == "-" else file
        status = _run(["grep", f"--label={label}", *options], stdin=decoder.stdout)
        assert decoder.stdout is not None
        decoder.stdout.close()
        # grep may have ended early: the decoder then ends by SIGPIPE, which is no error.
        failed |= (decoder.wait() > 0 and decoder.returncode < 128) or status > 1
        found |= status == 0
    return 2 if failed else 0 if found else 1


def _divide(arguments: Sequence[str]) -> tuple[list[str], list[str] | None]:
    """Divide grep's arguments into options with the pattern, and files; None without a pattern."""
    options: list[str] = []
    operands: list[str] = []
    has_pattern = False
    rest = iter(arguments)
    for argument in rest:
        if argument == "--":
            operands += rest
        elif argument.startswith("--"):
            options.append(argument)
            name, attached, _ = argument.partition("=")
            has_pattern |= name in ("--regexp", "--file")
            if name in _LONG_WITH_VALUE and not attached:
                options.append(next(rest, ""))
        elif argument.startswith("-") and argument != "-":
            options.append(argument)
            for at, letter in enumerate(argument[1:], 2):
                if letter in _WITH_VALUE:
                    has_pattern |= letter in "ef"
                    if at == len(argument):
                        options.append(next(rest, ""))
                    break
        else:
            operands.append(argument)
    if "--help" in options or not (has_pattern or operands):
        return options, None
    if not has_pattern:
        options += ["-e", operands.pop(0)]
    return options, operands


def _run(command: list[str], **options: object) -> int:
    try:
        return subprocess.run(command, check=False, **options).returncode  # type: ignore[call-overload,no-any-return]
    except FileNotFoundError:
        sys.stderr.write(f"weightless: {command[0]} is not installed\n")
        return 2
