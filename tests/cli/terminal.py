"""A program on a pseudo-terminal, whose output a test reads and into which it types."""

from __future__ import annotations

import codecs
import os
import select
import struct
import subprocess
import time

import pytest
from patience import PATIENCE

pty = pytest.importorskip("pty")
fcntl = pytest.importorskip("fcntl")
termios = pytest.importorskip("termios")


class Terminal:
    """Standard error on a terminal, and standard input and output if asked."""

    def __init__(
        self,
        arguments: list[str],
        *,
        stdin: bool = False,
        stdout: bool = False,
        env: dict[str, str] | None = None,
        columns: int = 100,
    ) -> None:
        self._leader, follower = pty.openpty()
        fcntl.ioctl(self._leader, termios.TIOCSWINSZ, struct.pack("HHHH", 25, columns, 0, 0))
        self.process = subprocess.Popen(
            arguments,
            stdin=follower if stdin else subprocess.DEVNULL,
            stdout=follower if stdout else subprocess.PIPE,
            stderr=follower,
            env=env,
            start_new_session=True,
            # This becomes its controlling terminal, so that keys typed there can interrupt it.
            preexec_fn=lambda: fcntl.ioctl(2, termios.TIOCSCTTY, 0),
        )
        os.close(follower)
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._ended = False
        self.seen = ""
        self.everything = ""

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()
        os.close(self._leader)

    def type(self, text: str) -> None:
        """Type these keys into the terminal."""
        os.write(self._leader, text.encode())

    def read_until(self, wanted: str) -> None:
        """Wait until this text appears in the output, after the text of the previous wait."""
        deadline = time.monotonic() + PATIENCE
        while wanted not in self.seen:
            assert time.monotonic() < deadline, (wanted, self.seen)
            assert self._read() or self.process.poll() is None, (wanted, self.seen)
        self.seen = self.seen.partition(wanted)[2]

    def finish(self) -> tuple[int, str, bytes]:
        """Wait for the exit; return the exit status, terminal output and piped output."""
        deadline = time.monotonic() + PATIENCE
        while not self._ended:
            self._read()
            assert time.monotonic() < deadline, self.seen
        out = self.process.stdout.read() if self.process.stdout else b""
        return self.process.wait(), self.seen, out

    def _read(self) -> bool:
        """Read available output after a short wait; return whether there was any."""
        ready, _, _ = select.select([self._leader], [], [], 0.1)
        if not ready:
            return False
        try:
            piece = os.read(self._leader, 4096)
        except OSError:  # On Linux: the other end is closed, and everything has been read.
            piece = b""
        self._ended = not piece
        text = self._decoder.decode(piece)
        self.everything += text
        self.seen = (self.seen + text).replace("\r\n", "\n")
        return bool(piece)
