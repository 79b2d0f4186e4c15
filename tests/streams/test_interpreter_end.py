"""Files left open when the interpreter ends, or when a cycle is collected, are whole.

As those of `gzip`, `bz2` and `lzma` are. Each program runs in an interpreter of its own.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from patience import PATIENCE

import weightless

HEAD = """
import atexit, contextvars, gc, io, logging, sys, threading
late = []
atexit.register(lambda: [call() for call in late])
import weightless
options = {"parameters": weightless.Parameters(width=16, experts=0, horizon=2), **OPTIONS}
class Holder:
    pass
def begin(name="a.wl", mode=MODE):
    text = {"encoding": "utf-8"} if "t" in mode else {}
    return weightless.open(name, mode, **options, **text)
def fill(file):
    for i in range(100):
        file.write(("line %d\\n" % i) if "t" in MODE else b"line %d\\n" % i)
"""
CONTENT = b"".join(b"line %d\n" % i for i in range(100))

#: Ways in which the file is still referenced at the end.
HELD = {
    "a global": "f = begin(); fill(f)",
    "a global, nothing written": "f = begin()",
    "a default argument": "f = begin(); fill(f)\ndef g(f=f): pass\ndel f",
    "a cycle": "h = Holder(); h.h = h; h.f = begin(); fill(h.f); del h",
    "a cycle with a reference back": (
        "f = begin(); fill(f); h = Holder(); h.f = f; h.h = h; f.holder = h; del f, h"
    ),
    "a cycle that is old": (
        "h = Holder(); h.h = h; h.f = begin(); gc.collect(); fill(h.f); gc.collect(); del h"
    ),
    "another module": "import string; string.f = begin(); fill(string.f)",
    "the package itself": "weightless.f = begin(); fill(weightless.f)",
    "sys": "sys.f = begin(); fill(sys.f)",
    "builtins": "import builtins; builtins.f = begin(); fill(builtins.f)",
    "a thread's function": (
        "f = begin()\nt = threading.Thread(target=fill, args=(f,)); t.start(); t.join()"
    ),
    "an exception": (
        "f = begin(); fill(f)\n"
        "try: 1 / 0\nexcept ZeroDivisionError as e: kept = e\n"
        "kept.f = f; del f"
    ),
    "written at exit": "f = begin(); atexit.register(lambda: fill(f))",
    "written at exit, by who began before": "f = begin(); late.append(lambda: fill(f))",
    "written before and at exit": (
        "f = begin()\n"
        "def write(a, b):\n"
        " for i in range(a, b): f.write(('line %d\\n' % i) if 't' in MODE else b'line %d\\n' % i)\n"
        "write(0, 30); late.append(lambda: write(30, 100))"
    ),
    "a handler of logging": (
        "f = begin(); fill(f); logging.getLogger().addHandler(logging.StreamHandler(f))"
    ),
    "a handler of logging, nothing written": (
        "logging.getLogger().addHandler(logging.StreamHandler(begin()))"
    ),
    "a context variable": "v = contextvars.ContextVar('v'); v.set(begin()); fill(v.get())",
    "a context variable, nothing written": "v = contextvars.ContextVar('v'); v.set(begin())",
    "a finalizer that writes": (
        "class W:\n def __init__(self): self.f = begin()\n def __del__(self): fill(self.f)\nw = W()"
    ),
    "sys.exit": "f = begin(); fill(f); sys.exit(0)",
}
#: Ways in which the program writes.
WAYS = {
    "binary": ("wb", {}),
    "text": ("wt", {}),
    "new": ("xb", {}),
    "append": ("ab", {}),
    "append text": ("at", {}),
    "frames on threads": ("wb", {"frame_size": 100, "threads": 3}),
    "text in frames on threads": ("wt", {"frame_size": 70, "threads": 2}),
    "small blocks on threads": ("wb", {"block_size": 100, "threads": 2}),
}


def run(program: str, mode: str, options: dict[str, int]) -> None:
    code = f"MODE = {mode!r}\nOPTIONS = {options!r}\n{HEAD}{program}"
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "ignore::ResourceWarning", "-c", code],
        capture_output=True,
        timeout=300,
        check=True,
    )
    assert done.stderr == b""


@pytest.mark.parametrize("held", HELD)
def test_held(folder: Path, held: str) -> None:
    for mode, options in (WAYS["binary"], WAYS["text in frames on threads"]):
        run(HELD[held], mode, options)
        expected = b"" if "nothing" in held else CONTENT
        assert weightless.decompress(Path("a.wl").read_bytes()) == expected


@pytest.mark.parametrize("way", WAYS)
def test_ways_to_write(folder: Path, way: str) -> None:
    mode, options = WAYS[way]
    before = b""
    if mode.startswith("a"):
        before = b"before\n"
        Path("a.wl").write_bytes(weightless.compress(before, 1))
    run(HELD["a global"], mode, options)
    assert weightless.decompress(Path("a.wl").read_bytes()) == before + CONTENT


def test_garbage_is_collected_in_a_helper_thread(folder: Path) -> None:
    """The collector finalizes a file in a cycle in any thread, also in one that codes."""
    program = """
gc.disable()
start = threading.Thread.run
def run(thread):
    gc.collect()
    start(thread)
threading.Thread.run = run
""" + HELD["a cycle"]
    run(program, *WAYS["text in frames on threads"])
    assert weightless.decompress(Path("a.wl").read_bytes()) == CONTENT


def test_a_lock_that_nobody_will_release(folder: Path) -> None:
    """A daemon thread that the end finds in the middle of a write does not hold it up."""
    program = """
begun = threading.Event()
class Stuck(io.RawIOBase):
    def writable(self): return True
    def write(self, data): begun.set(); threading.Event().wait()
f = begin(Stuck())
fill(f)
threading.Thread(target=f.flush, daemon=True).start()
begun.wait()
print("done")
"""
    run(program, "wb", {})


def test_nothing_is_imported_late(folder: Path) -> None:
    """What closing needs is there when a file has been opened."""
    program = """
import builtins
f = begin()
def refuse(name, *rest, **named):
    raise ImportError(f"{name} is imported late")
real, builtins.__import__ = builtins.__import__, refuse
fill(f)
f.flush()
fill(f)
f.close()
builtins.__import__ = real
"""
    for mode, options in WAYS.values():
        if not mode.startswith("x"):
            run(program, mode, options)


UNSTEADY = """
import io, os, sys
import weightless

class Unsteady(io.BytesIO):
    def tell(self):
        raise ValueError("no position")

open("a", "wb").close()
descriptors = os.dup(0)
os.close(descriptors)
calls = (
    lambda: weightless.open("a", memory_limit="1M"),
    lambda: weightless.open("a", cost_limit=-1),
    lambda: weightless.open(Unsteady()),
    lambda: weightless.open(Unsteady(), "a"),
)
for call in calls:
    try:
        call()
    except (TypeError, ValueError):
        pass
assert os.dup(0) == descriptors, "some file is still open"
"""


def test_what_could_not_be_opened_has_no_end(folder: Path) -> None:
    """In Python's development mode every finalizer that fails is reported."""
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-c", UNSTEADY], capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")


#: What a daemon thread does when the end of the interpreter finds it at work; `begun` is set
#: by then.
AT_WORK = {
    "codes": "codec = parameters.codec(); begun.set(); codec.encode(bytes(1 << 28))",
    "codes and reports": "parameters.codec().encode(bytes(1 << 28), report)",
    "codes on threads": (
        "codec = parameters.codec(); codec.set_threads(3); codec.encode(bytes(1 << 28), report)"
    ),
    "absorbs": "parameters.codec().absorb(bytes(1 << 28), report)",
    "compresses frames on threads": (
        "begun.set(); "
        "weightless.compress(bytes(1 << 26), parameters=parameters, frame_size=9999, threads=2)"
    ),
    "makes codecs": "begun.set()\n    while True: parameters.codec()",
    "makes predictors": (
        "begun.set()\n    while True: weightless.Predictor(parameters=parameters)"
    ),
    "waits for a codec": (
        "codec = parameters.codec()\n"
        "    threading.Thread(target=codec.encode, args=(bytes(1 << 28), report), daemon=True)"
        ".start()\n"
        "    codec.reset()"
    ),
    "trains": (
        "predictor = weightless.Predictor(parameters=parameters)\n"
        "    begun.set()\n"
        "    while True: predictor.update(65)"
    ),
}


def at_work(work: str) -> str:
    """The end of a program, whose `parameters` are known, with a daemon thread at work."""
    return f"""
begun = threading.Event()
def report(done):
    begun.set()
def work():
    {AT_WORK[work]}
threading.Thread(target=work, daemon=True).start()
begun.wait()
"""


@pytest.mark.parametrize("work", AT_WORK)
def test_a_daemon_thread_in_the_extension(work: str) -> None:
    """It stops there: the process ends as it would have without the thread."""
    run('parameters = options["parameters"]' + at_work(work), "wb", {})


def asleep(pid: int) -> bool:
    """Whether no thread of the process works."""
    try:
        states = {
            stat.read_text().rpartition(")")[2].split()[0]
            for stat in Path(f"/proc/{pid}/task").glob("*/stat")
        }
    except OSError:  # a thread has ended in the meantime
        return False
    return states == {"S"}


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks at threads in /proc")
@pytest.mark.parametrize(
    "work", ["codes and reports", "codes on threads", "absorbs", "waits for a codec"]
)
def test_a_daemon_thread_asks_for_python_after_its_end(work: str) -> None:
    """The network is so large that its next report is due when the interpreter is gone.

    The process is not: it waits for a line.
    """
    program = f"""
import ctypes, threading
import weightless
parameters = weightless.Parameters(width=1024, horizon=16){at_work(work)}
ctypes.pythonapi.Py_AtExit(ctypes.CDLL(None).getchar)
print("the end", flush=True)
"""
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"the end\n"
    rounds = 0  # in a row; a thread that hands over the GIL sleeps, too, for a moment
    while process.poll() is None and rounds < 10:
        time.sleep(0.02)
        rounds = rounds + 1 if asleep(process.pid) else 0
    _, errors = process.communicate(b"\n", timeout=PATIENCE)
    assert (process.returncode, errors) == (0, b"")
