"""Messages of the command: units, names, and help after usage errors."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from conftest import Run
from data import text
from run_outcome import outcome

import weightless
from weightless.cli import main
from weightless.cli.parser import build_parser
from weightless.sizes import compare_sizes, human_size

DATA = text(1500)
SMALL = weightless.Parameters(width=0, experts=1, memory_bits=16)
TRY = "Try 'weightless --help' for the list of options.\n"


class Here:
    """Run the command within this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(words)
        return int(ended.value.code or 0), *self._capsys.readouterr()


@pytest.fixture
def here(capsys: pytest.CaptureFixture[str]) -> Here:
    return Here(capsys)


def refusal(message: str) -> tuple[int, str, str]:
    usage = "usage: weightless [OPTION]... [FILE]...\n"
    return 2, "", f"{usage}weightless: error: {message}\n{TRY}"


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("--nonsense", "unknown option --nonsense"),
        ("--decomp", "unknown option --decomp (did you mean --decompress?)"),
        ("--memroy=1G", "unknown option --memroy=1G (did you mean --memory?)"),
        ("-x", "unknown option -x"),
        ("-kxy", "unknown option -x, -y"),
        ("--ultra", "unknown option --ultra"),
    ],
)
def test_unknown_options_are_told_where_the_known_are(here: Here, word: str, message: str) -> None:
    assert here(word, "a") == refusal(message)
    assert here("a", word) == refusal(message)


def test_every_refusal_of_an_option_says_where_to_look(here: Here) -> None:
    """Each option that takes a value, without a value and with an invalid one."""
    for action in build_parser()._actions:
        if not action.option_strings or action.nargs == 0:
            continue
        words = [(flag,) for flag in action.option_strings if action.nargs != "?"]
        if action.type is not None:
            words += [(f"{flag}{'=' * flag.startswith('--')}?",) for flag in action.option_strings]
        for word in words:
            code, out, err = here(*word)
            assert (code, out) == (2, ""), word
            assert err.endswith(TRY), (word, err)
            assert "invalid" not in err, err  # argparse's wording about a function of ours


def test_value_of_b_stands_beside_it(run: Run, folder: Path) -> None:
    Path("file").write_bytes(b"x")
    assert outcome(run("-b", "3", "file")) == refusal(
        "there is no file 3; write a level without a space: -b3"
    )
    shown = run("--help").stdout.decode()
    assert "-b[LEVEL]" in shown
    assert "-b [" not in shown
    # A file with that name is still accepted, and -b3 is unambiguous.
    Path("3").write_bytes(b"x")
    code, out, _ = outcome(run("-1b", "3", "file"))
    assert code == 0
    assert [row.split()[-1] for row in out.splitlines()[1:]] == ["3", "file"]
    assert outcome(run("-b1", "2"))[0] == 1


@pytest.mark.parametrize("number", ["9" * 5000, "\u0663", "03", "1e0", "-3", " 3"])
def test_numbers_that_are_none(here: Here, number: str) -> None:
    assert here(f"--level={number}") == refusal(
        f"argument --level: {number!r} is not a level from 1 to 9"
    )


def test_standard_input_has_one_name(run: Run, folder: Path) -> None:
    archive = weightless.compress(DATA, 1)
    for arguments, content in (
        (("-tv", "-"), archive),
        (("-dcvv",), archive),
        (("-1cvv", "-"), DATA),
        (("-1vv", "-", "-o", "x.wl"), DATA),
        (("-t", "-"), DATA),
    ):
        done = run(*arguments, stdin=content)
        lines = done.stderr.decode().splitlines()
        assert lines, arguments
        assert all(re.match("(weightless: )?standard input: ", line) for line in lines), lines
    table = run("-b1", "-", stdin=DATA).stdout.decode()
    assert table.splitlines()[1].endswith("  standard input")
    # Programs get the name as it was given, and a file of that name keeps it.
    assert json.loads(run("-b1", "--json", "-", stdin=DATA).stdout)[0]["filename"] == "-"
    Path("-").write_bytes(archive)
    assert outcome(run("-t", "./-")) == (0, "", "-: 1500 bytes, sound\n")


def test_large_sizes_have_units(run: Run, folder: Path) -> None:
    archive = 100 * weightless.compress(bytes(10_010), parameters=SMALL)
    Path("a.wl").write_bytes(archive)
    assert outcome(run("-d", "a.wl")) == (0, "", "a.wl: 977.5 KiB, a\n")
    lines = run("-tv", "a.wl").stderr.decode().splitlines()
    assert lines[0] == "a.wl: 977.5 KiB, sound"
    # Verbose output states the exact sizes.
    assert lines[1].endswith(f"(1001000 <=> {len(archive)} bytes)")


def test_limits_are_told_with_units(run: Run, folder: Path) -> None:
    Path("a.wl").write_bytes(weightless.compress(DATA, 9))
    needed = human_size(weightless.level_parameters(9).memory)
    assert outcome(run("-tM64M", "a.wl")) == (
        1,
        "",
        f"weightless: a.wl: decoding needs {needed} of memory, but the limit is 64.0 MiB; "
        "raise it with memory_limit (-M on the command line)\n",
    )
    # Sizes that rounding would make equal are shown to the byte.
    memory = weightless.level_parameters(9).memory
    with pytest.raises(weightless.MemoryLimitError, match=f"needs {memory} bytes .* {memory - 1}"):
        weightless.decompress(Path("a.wl").read_bytes(), memory_limit=memory - 1)


def test_sizes_in_words() -> None:
    assert [human_size(size) for size in (0, 999, 1000, 1 << 20, 1 << 31, 5 << 40, 1 << 60)] == [
        "0 B",
        "999 B",
        "0.98 KiB",
        "1.00 MiB",
        "2.00 GiB",
        "5.00 TiB",
        "1048576.0 TiB",
    ]
    assert compare_sizes(2048, 1024) == ("2.00 KiB", "1.00 KiB")
    assert compare_sizes(1025, 1024) == ("1025 bytes", "1024 bytes")


def test_unknown_suffix_names_the_option(run: Run, folder: Path) -> None:
    Path("noending").write_bytes(weightless.compress(b"x", 1))
    code, _, err = outcome(run("-d", "noending"))
    assert code == 1
    assert "(-o on the command line)" in err
    assert run("-d", "-o", "x", "noending").returncode == 0
