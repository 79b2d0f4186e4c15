"""The completion script for bash 4 and newer."""

from __future__ import annotations

from options import Group, Option, archive_flags, fill

__all__ = ["completion", "reading"]

_SCRIPT = """\
# Completion of weightless for bash, generated from its options (tools/share).

_weightless() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} earlier archives=
    # Bash splits --option=value into three words.
    if [[ $word == = ]]; then
        word=
    elif [[ $before == = ]]; then
        before=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    COMPREPLY=()
    case $before in
@VALUES@
    esac
    if [[ $word == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W '@FLAGS@' -- "$word")
        return
    fi
    for earlier in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        case $earlier in
        --) break ;;
        @ARCHIVE_WORDS@) archives=1 ;;
        --*) ;;
        # Short options may be bundled; what follows an o is a file name.
        -*) [[ ${earlier%%o*} == *[@ARCHIVE_LETTERS@]* ]] && archives=1 ;;
        esac
    done
    compopt -o filenames
    if [[ $archives ]]; then
        mapfile -t COMPREPLY < <(
@ARCHIVES@
        )
    else
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
    fi
}

complete -F _weightless weightless
"""

_READING = """\
# Completion of @NAME@ for bash (tools/share): archives and folders.

_@NAME@() {
    local word=${COMP_WORDS[COMP_CWORD]}
    COMPREPLY=()
    [[ $word == -* ]] && return
    compopt -o filenames
    mapfile -t COMPREPLY < <(
@ARCHIVES@
    )
}

complete -F _@NAME@ @NAME@
"""

_ARCHIVES = (
    """compgen -f -X '!*.wl' -- "$word\"""",
    """compgen -f -X '!*.twl' -- "$word\"""",
    """compgen -d -- "$word\"""",
)


def completion(groups: list[Group]) -> str:
    """Return the script."""
    options = [option for group in groups for option in group.options]
    letters, words = archive_flags(options)
    return fill(
        _SCRIPT,
        values="\n".join(_case(option) for option in options if _has_next_word(option)),
        flags=" ".join(flag for option in options for flag in option.flags),
        archives="\n".join(" " * 12 + line for line in _ARCHIVES),
        archive_words=" | ".join(f"--{word}" for word in words),
        archive_letters="".join(letters),
    )


def reading(name: str) -> str:
    """Return the script of a command that reads archives."""
    return fill(_READING, name=name, archives="\n".join(" " * 8 + line for line in _ARCHIVES))


def _has_next_word(option: Option) -> bool:
    return option.value is not None and not option.value_optional


def _case(option: Option) -> str:
    files = {"FILE": "-f", "DIR": "-d"}.get(option.value or "")
    lines = [f"    {' | '.join(option.flags)})"]
    if files:
        lines.append("        compopt -o filenames")
    if files or option.suggestions:
        generator = files or f"-W '{' '.join(option.suggestions)}'"
        lines.append(f'        mapfile -t COMPREPLY < <(compgen {generator} -- "$word")')
    return "\n".join([*lines, "        return", "        ;;"])
