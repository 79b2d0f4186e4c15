"""The manual page, in the macros of man(7)."""

from __future__ import annotations

import weightless
from options import Group, Option
from weightless.cli.help_text import DESCRIPTION, ENVIRONMENT, EXIT_STATUS, NOTES

__all__ = ["page"]

_ABOUT = (
    "The predictor is a neural network, mixed with experts, that compression and "
    "decompression train in step: no weights are stored, and decompression takes as long "
    "and as much memory as compression did. All of its arithmetic is in integers, so an "
    "archive made on any machine decodes on every other.",
    "An output appears under its name only when it is complete, with the mode and the time "
    "of modification of its input. A file that exists is not overwritten, and an archive is "
    "not written to a terminal, unless -f is given. After an error the other files are done "
    "all the same.",
    "On a terminal, progress is shown with speed and time left; elsewhere it is not.",
)

_EXAMPLES = {
    "weightless -9 -T0 data.csv": "writes data.csv.wl by the strongest level, on all processors",
    "weightless -d data.csv.wl": "writes data.csv",
    "tar -I weightless -cf folder.tar.wl folder": "a folder; tar -I weightless -xf takes it out",
    "weightless -b1 -e4 data.csv": "sizes and speeds of levels 1 to 4",
    "weightless -lr --json backups": "what all archives below a folder hold",
}


def page(groups: list[Group]) -> str:
    """Return the page."""
    lines = [
        '.\\" Made by tools/share from the options of the command; edit those.',
        f'.TH WEIGHTLESS 1 "" "weightless {weightless.__version__}" "User Commands"',
        ".SH NAME",
        r"weightless \- lossless compression by a network whose weights are never stored",
        ".SH SYNOPSIS",
        ".B weightless",
        '.RI [ OPTION "]... [" FILE ]...',
        ".SH DESCRIPTION",
        _text(f"{DESCRIPTION} {NOTES[0]}"),
    ]
    for paragraph in _ABOUT:
        lines += [".PP", _text(paragraph)]
    lines += [".SH OPTIONS", _text(NOTES[1])]
    for group in groups:
        lines.append(f".SS {_text(group.title.capitalize())}")
        for option in group.options:
            lines += [".TP", _heading(option), _text(_sentence(option.help))]
    lines.append(".SH ENVIRONMENT")
    for name, meaning in ENVIRONMENT.items():
        lines += [".TP", f".B {_text(name)}", _text(_sentence(meaning))]
    lines.append(".SH EXIT STATUS")
    for code, meaning in EXIT_STATUS.items():
        lines += [".TP", f".B {_text(code)}", _text(_sentence(meaning))]
    lines.append(".SH EXAMPLES")
    for command, meaning in _EXAMPLES.items():
        lines += [".TP", f".B {_text(command)}", _text(_sentence(meaning))]
    lines += [".SH SEE ALSO", ".BR zstd (1),", ".BR xz (1),", ".BR tar (1)"]
    return "\n".join(lines) + "\n"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."


def _text(text: str) -> str:
    """Return text that troff takes literally."""
    text = text.replace("\\", r"\e").replace("-", r"\-").replace("...", r"...\&")
    return rf"\&{text}" if text.startswith((".", "'")) else text


def _heading(option: Option) -> str:
    if all(letter.isdigit() for letter in option.letters) and not option.words:
        return rf"\fB\-{option.letters[0]}\fR to \fB\-{option.letters[-1]}\fR"
    return ", ".join(_flag(flag, option) for flag in option.flags)


def _flag(flag: str, option: Option) -> str:
    bold = rf"\fB{_text(flag)}\fR"
    if option.value is None:
        return bold
    value = rf"\fI{option.value}\fR"
    if option.value_optional:
        return f"{bold}[{value}]"
    return f"{bold}={value}" if flag.startswith("--") else f"{bold} {value}"
