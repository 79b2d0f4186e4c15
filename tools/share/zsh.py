"""The completion script for zsh, built on `_arguments`."""

from __future__ import annotations

from collections.abc import Sequence

from options import Group, Option, archive_flags, fill

__all__ = ["completion", "reading"]

_SCRIPT = """\
#compdef weightless
# Completion of weightless for zsh, generated from its options (tools/share).

_weightless_files() {
    # Short options may be bundled; what follows an o is a file name.
    if (( ${words[(I)(@ARCHIVE_WORDS@|-[^-o]#[@ARCHIVE_LETTERS@]*)]} )); then
        _files -g '*.(wl|twl)(-.)'
    else
        _files
    fi
}

_weightless() {
    setopt localoptions extendedglob
    _arguments -s -S : \\
@SPECIFICATIONS@
        '*:file:_weightless_files'
}

_weightless "$@"
"""


def completion(groups: list[Group]) -> str:
    """Return the script."""
    options = [option for group in groups for option in group.options]
    letters, words = archive_flags(options)
    actions = " ".join(flag for option in options if option.action for flag in option.flags)
    specifications = [
        f"        '{specification}' \\"
        for option in options
        for specification in _specifications(option, actions)
    ]
    return fill(
        _SCRIPT,
        specifications="\n".join(specifications),
        archive_words="|".join(f"--{word}" for word in words),
        archive_letters="".join(letters),
    )


def reading(names: Sequence[str]) -> str:
    """Return the script of the commands that read archives."""
    return (
        f"#compdef {' '.join(names)}\n"
        "# Completion for zsh (tools/share): archives and folders.\n"
        "\n"
        "_files -g '*.(wl|twl)(-.)'\n"
    )


def _specifications(option: Option, actions: str) -> list[str]:
    excluded = actions if option.action else " ".join(option.flags)
    before = "*" if option.repeatable else f"({excluded})"
    help_text = option.help.translate({ord(c): f"\\{c}" for c in "[]:"}).replace("'", r"'\''")
    out = []
    for flag in option.flags:
        name = flag
        if option.value is not None:
            # -: the value is in the same word; +: in the same word or the next.
            name += "=" if flag.startswith("--") else "-" if option.value_optional else "+"
        out.append(f"{before}{name}[{help_text}]{_value(option)}")
    return out


def _value(option: Option) -> str:
    if option.value is None:
        return ""
    suggestions = f"({' '.join(option.suggestions)})" if option.suggestions else " "
    generator = {"FILE": "_files", "DIR": "_files -/"}.get(option.value, suggestions)
    return f"{'::' if option.value_optional else ':'}{option.value}:{generator}"
