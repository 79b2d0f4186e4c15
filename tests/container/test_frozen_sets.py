"""The parameter sets that archives name are frozen (docs/format.md, "What is promised")."""

from __future__ import annotations

from pathlib import Path

import pytest
import xxhash
from programs import CORE, lines_of

from weightless import Parameters
from weightless.levels import LEVELS, NETWORK_ALONE, PARAMETER_SETS

#: XXH3-64 of the names and values of each set. Never change one: an archive that names the set
#: could no longer be decoded. Something better is a new set with a new id.
FROZEN: dict[int, str] = {
    1: "d0c04e5412236f97",
    2: "31d38fe878fed881",
    3: "0eba3ed7c35ece9f",
    4: "164746257f7fd518",
    5: "da332b5e0bc458ed",
    6: "7fefc783b0a2d4b6",
    7: "ade4e8121323e8c1",
    8: "3d7738ae24e6b6b8",
    9: "8885bc8049e85b7d",
    10: "533c44ed9be136e1",
}

#: The parameters that there were when the sets were frozen. Others have their default values.
FIELDS = 27


def digest(parameters: Parameters) -> str:
    pairs = zip(parameters.names()[:FIELDS], parameters.values[:FIELDS], strict=True)
    return xxhash.xxh3_64_hexdigest(" ".join(f"{name}={value}" for name, value in pairs).encode())


@pytest.mark.parametrize("number", range(1, 11))
def test_values_never_change(number: int) -> None:
    assert digest(PARAMETER_SETS[number]) == FROZEN[number]
    later = PARAMETER_SETS[number].values[FIELDS:]
    assert later == Parameters().values[FIELDS:]


def test_defaults_never_change() -> None:
    """A header lists the first parameters, and the others have these values."""
    assert digest(Parameters()) == "3c4dfe2b7bc5fe8b"


def test_no_id_is_given_up() -> None:
    assert set(FROZEN) <= set(PARAMETER_SETS)
    assert set(LEVELS.values()) <= set(PARAMETER_SETS)
    assert PARAMETER_SETS[10] == NETWORK_ALONE


def test_the_container_in_cpp_has_the_same_sets(tmp_path: Path) -> None:
    lines = lines_of(Path(__file__).parent / "parameter_sets.cpp", tmp_path, f"-I{CORE.parent}")
    sets = [tuple(map(int, line.split())) for line in lines]
    assert dict(enumerate(sets, 1)) == {n: p.values for n, p in PARAMETER_SETS.items()}
