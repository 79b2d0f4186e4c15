"""The memory of a model is known before the model is created."""

from __future__ import annotations

import subprocess
import sys

import pytest
from data import text
from hypothesis import given, settings
from hypothesis import strategies as st
from patience import PATIENCE
from strategies import any_parameters

import weightless
from weightless import _core

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks /proc")


@settings(max_examples=100, deadline=None)
@given(any_parameters(width=96, memory_bits=18, ngram_bits=18))
def test_what_is_built_takes_what_was_said(fields: dict[str, int]) -> None:
    values = weightless.Parameters(**fields).values
    assert _core.Codec.memory_for(values) == _core.Codec(values).memory


def alone(code: str) -> list[str]:
    """Run code in a new process; it can use `largest`, with the largest parameters, and `sizes`."""
    head = (
        "import resource, weightless\n"
        "from weightless import _core\n"
        "from weightless.container.header import FrameHeader\n"
        "fields = {name: high for name, _, _, high in _core.FIELDS}\n"
        "largest = weightless.Parameters(**fields)\n"
        "def sizes():\n"  # the mapped size and the resident size
        "    with open('/proc/self/statm') as file:\n"
        "        return [int(n) * resource.getpagesize() for n in file.read().split()]\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", head + code],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@linux
def test_the_largest_model_is_refused_unbuilt() -> None:
    """A header that asks for the largest parameters is refused before anything is allocated."""
    said = alone(
        "archive = FrameHeader(largest).to_bytes() + bytes([9, 1]) + bytes(18)\n"
        "room = sizes()[0] + (50 << 20)\n"
        "resource.setrlimit(resource.RLIMIT_AS, (room, room))\n"
        "for limit in (2 << 30, None):\n"
        "    try:\n"
        "        weightless.decompress(archive, memory_limit=limit, cost_limit=None)\n"
        "    except MemoryError as error:\n"
        "        print(type(error).__name__, getattr(error, 'needed', 0))\n"
    )
    assert said[0] == "MemoryLimitError"
    assert int(said[1]) > 2 << 30
    assert said[2:] == ["MemoryError", "0"]  # without a limit, building it fails


@linux
@pytest.mark.parametrize("gates", [0, 1])
def test_nothing_large_is_forgotten(gates: int) -> None:
    """A network takes as much memory as it reports; all its tables are in use from the start."""
    changes = f"width=384, horizon=32, experts=0, ngrams=0, ngram_words=0, gates={gates}"
    before, after, said = alone(
        f"parameters = largest.replace({changes})\n"
        "before = sizes()[1]\n"
        "codec = parameters.codec()\n"
        "print(before, sizes()[1], parameters.memory)\n"
    )
    assert 0.95 < (int(after) - int(before)) / int(said) < 1.1


@linux
def test_the_window_takes_what_was_said() -> None:
    """A model grows with its content by at most as much as `memory_for` says."""
    size = 3 << 20
    before, after, said = alone(
        "import random\n"
        "parameters = weightless.Parameters(width=0, experts=1, memory_bits=16)\n"
        "codec = parameters.codec()\n"
        f"data = random.Random(1).randbytes({size})\n"
        "codec.absorb(data[:100000])\n"
        "before = sizes()[1]\n"
        "codec.absorb(data[100000:])\n"
        "print(before, sizes()[1], parameters.memory_for(len(data)) - parameters.memory)\n"
    )
    # The allocator may keep what earlier, smaller tables took.
    assert size - 200_000 < int(after) - int(before) < 1.7 * int(said)


@pytest.mark.parametrize("brief", [False, True])
@settings(max_examples=25, deadline=None)
@given(fields=any_parameters(width=48, memory_bits=18, ngram_bits=18), threads=st.integers(1, 2))
def test_a_model_taken_back_to_the_beginning(
    brief: bool, fields: dict[str, int], threads: int
) -> None:
    """After a reset it codes as a new one does, whatever it has coded before."""
    values = weightless.Parameters(**fields).values
    data = text(400)
    used = _core.Codec(values)
    used.set_threads(threads)
    used.absorb(bytes(range(256)) * 4)
    used.reset(brief)
    assert used.memory == _core.Codec.memory_for(values)
    assert used.encode(data) == _core.Codec(values, brief).encode(data)
    used.reset()
    assert used.encode(data) == _core.Codec(values).encode(data)


@linux
def test_a_model_that_finds_no_memory_to_begin_anew() -> None:
    """If a reset fails, all later calls raise errors."""
    said = alone(
        "parameters = largest.replace(width=16, layers=1, memory_bits=24, ngram_bits=24)\n"
        "codec = parameters.codec()\n"
        "codec.encode(b'abc')\n"
        "room = sizes()[0] - (30 << 20)\n"
        "resource.setrlimit(resource.RLIMIT_AS, (room, room))\n"
        "for call in (codec.reset, lambda: codec.encode(b'abc'), codec.reset):\n"
        "    try:\n"
        "        call()\n"
        "    except Exception as error:\n"
        "        print(type(error).__name__)\n"
    )
    assert said == ["MemoryError", "RuntimeError", "RuntimeError"]
