"""The completion script for fish."""

from __future__ import annotations

from options import Group, Option, archive_flags

__all__ = ["completion", "reading"]


def completion(groups: list[Group]) -> str:
    """Return the script."""
    options = [option for group in groups for option in group.options]
    letters, words = archive_flags(options)
    condition = " ".join((*(f"-s {letter}" for letter in letters), *words))
    return "\n".join(
        (
            "# Completion of weightless for fish, generated from its options (tools/share).",
            *(_line(option) for option in options),
            f"complete -c weightless -n '__fish_contains_opt {condition}' "
            "-k -f -a '(__fish_complete_suffix .wl)'",
            "",
        )
    )


def reading(name: str) -> str:
    """Return the script of a command that reads archives."""
    return (
        f"# Completion of {name} for fish (tools/share): archives before other files.\n"
        f"complete -c {name} -k -f -a '(__fish_complete_suffix .wl)'\n"
    )


def _line(option: Option) -> str:
    parts = ["complete -c weightless"]
    parts += [f"-s {letter}" for letter in option.letters]
    parts += [f"-l {word}" for word in option.words]
    if option.value == "FILE":
        parts.append("-r -F")
    elif option.value == "DIR":
        parts.append("-x -a '(__fish_complete_directories)'")
    elif option.value_optional:
        pass  # fish would take the next word as the value
    elif option.suggestions:
        parts.append(f"-x -a '{' '.join(option.suggestions)}'")
    elif option.value is not None:
        parts.append("-x")
    quoted = option.help.replace("\\", "\\\\").replace("'", "\\'")
    parts.append(f"-d '{quoted}'")
    return " ".join(parts)
