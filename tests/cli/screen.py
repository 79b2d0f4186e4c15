"""The content of a terminal's screen after given output."""

from __future__ import annotations

__all__ = ["screen"]


def screen(sent: str, columns: int = 100) -> list[str]:
    """Return the lines that are visible in the end, without trailing blanks.

    It interprets characters, carriage returns and new lines; a full line continues in the next
    one with the next character.
    """
    lines: list[list[str]] = [[]]
    row = column = 0
    for letter in sent:
        if letter == "\r":
            column = 0
        elif letter == "\n":
            row, column = row + 1, 0
        else:
            assert letter.isprintable(), repr(letter)
            if column == columns:
                row, column = row + 1, 0
            while len(lines) <= row:
                lines.append([])
            line = lines[row]
            line += " " * (column + 1 - len(line))
            line[column] = letter
            column += 1
        while len(lines) <= row:
            lines.append([])
    shown = ["".join(line).rstrip() for line in lines]
    while shown and not shown[-1]:
        shown.pop()
    return shown
