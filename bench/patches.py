"""Measure patches: the new version of a file, given the old one.

    python bench/patches.py OLD NEW [--levels 1,3,6] [--limit BYTES]

Beside `weightless --patch-from` it runs `zstd --patch-from -19 --ultra`, `xdelta3 -9` and `bsdiff`,
where they are installed. Every patch is applied and compared. Times are processor time.
"""

from __future__ import annotations

import argparse
import pathlib
import resource
import shutil
import subprocess
import sys
import tempfile

#: The commands that make a patch, and those that apply it.
PEERS = {
    "zstd --patch-from -19 --ultra": (
        "zstd -q -f -19 --ultra --long=27 --patch-from {old} {new} -o {patch}",
        "zstd -q -f -d --long=27 --patch-from {old} {patch} -o {back}",
    ),
    "xdelta3 -9": (
        "xdelta3 -f -9 -B 536870912 -e -s {old} {new} {patch}",
        "xdelta3 -f -B 536870912 -d -s {old} {patch} {back}",
    ),
    "bsdiff": ("bsdiff {old} {new} {patch}", "bspatch {old} {back} {patch}"),
}
LEVEL = (
    "weightless -qf -{level} --patch-from {{old}} {{new}} -o {{patch}}",
    "weightless -qf -d --patch-from {{old}} {{patch}} -o {{back}}",
)


def run(command: str, **names: pathlib.Path) -> float:
    """Run a command; return its processor time in seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    words = [word.format(**names) for word in command.split()]
    if words[0] == "weightless":
        words[:1] = [sys.executable, "-m", "weightless"]
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Measure as the arguments say."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("old", type=pathlib.Path)
    parser.add_argument("new", type=pathlib.Path)
    parser.add_argument("--levels", default="1,3,6")
    parser.add_argument("--limit", type=int, help="use only the first BYTES of both files")
    arguments = parser.parse_args()
    programs = {name: commands for name, commands in PEERS.items() if shutil.which(name.split()[0])}
    for level in arguments.levels.split(","):
        if level:
            make, apply = (command.format(level=level) for command in LEVEL)
            programs[f"weightless --patch-from -{level}"] = (make, apply)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        names = {what: folder / what for what in ("old", "new", "patch", "back")}
        for what, path in (("old", arguments.old), ("new", arguments.new)):
            names[what].write_bytes(path.read_bytes()[: arguments.limit])
        sizes = [names[what].stat().st_size for what in ("old", "new")]
        print(f"old {sizes[0]:,} bytes, new {sizes[1]:,} bytes\n")
        print("| | bytes | make, s | apply, s |\n|---|---|---|---|")
        for program, (make, apply) in programs.items():
            made = run(make, **names)
            applied = run(apply, **names)
            if names["back"].read_bytes() != names["new"].read_bytes():
                raise SystemExit(f"{program} does not restore the file")
            size = names["patch"].stat().st_size
            print(f"| {program} | {size:,} | {made:.1f} | {applied:.1f} |", flush=True)


if __name__ == "__main__":
    main()
