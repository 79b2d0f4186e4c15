"""The page as a file: nothing of the content is markup, and only its own script may run."""

from __future__ import annotations

import base64
import hashlib
import json
import random
import re
import zlib
from html.parser import HTMLParser
from pathlib import Path

import pytest
from conftest import Run
from data import SAMPLES, text

import weightless
from weightless.explanations.parts import shown

HOSTILE = (
    b"<script>window.hit = 1</script><img src=x onerror='window.hit = 1'>\n"
    b"</script><script>window.hit = 1</script>@SCRIPT@ @DATA@ <!-- --> ]]> &lt; \"'`${window.hit}\n"
    b"<iframe src='javascript:parent.hit = 1'></iframe> javascript:window.hit=1 \xff\xfe\x00\n"
) * 3
HOSTILE_NAME = "<img src=x onerror=hit()>\"'&@DATA@.txt"


class Tags(HTMLParser):
    """Collects elements with their attributes, and the text of scripts and styles."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self._within = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self._within = tag

    def handle_endtag(self, tag: str) -> None:
        self._within = ""

    def handle_data(self, data: str) -> None:
        if self._within in ("script", "style", "title"):
            self.texts.setdefault(self._within, []).append(data)


def parsed(page: str) -> Tags:
    tags = Tags()
    tags.feed(page)
    return tags


def unpacked(page: str) -> dict[str, bytes]:
    packed = json.loads(parsed(page).texts["script"][0])
    return {name: zlib.decompress(base64.b64decode(text)) for name, text in packed.items()}


def test_structure_does_not_depend_on_the_content() -> None:
    plain = parsed(weightless.explain(b"", 1).html())
    hostile = parsed(weightless.explain(HOSTILE, 1, name=HOSTILE_NAME).html())
    assert hostile.found == plain.found
    assert hostile.texts["script"][1] == plain.texts["script"][1]
    assert hostile.texts["title"][0].startswith(HOSTILE_NAME)


def test_policy_allows_what_is_in_the_page_alone() -> None:
    tags = parsed(weightless.explain(HOSTILE, 1).html())
    (policy,) = (a["content"] for t, a in tags.found if a.get("http-equiv"))
    assert policy is not None
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    for kind, source in (("script", tags.texts["script"][1]), ("style", tags.texts["style"][0])):
        digest = base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
        assert rules[f"{kind}-src"] == f"'sha256-{digest}'"
    assert set(rules) == {"default-src", "script-src", "style-src", "base-uri", "form-action"}
    assert [a.get("type") for t, a in tags.found if t == "script"] == ["application/json", None]
    for _, attributes in tags.found:
        assert not {"src", "style", "onclick", "onload", "action"} & set(attributes)
        assert attributes.get("href", "#").startswith("#")  # type: ignore[union-attr]


def test_the_script_never_parses_markup_or_asks_for_anything() -> None:
    script = parsed(weightless.explain(b"", 1).html()).texts["script"][1]
    markup = r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b|new Function"
    requests = r"fetch\(|XMLHttp|WebSocket|import\(|localStorage|https?://(?!www\.w3)"
    assert re.findall(f"{markup}|{requests}", script) == []


def test_data() -> None:
    content = text(5000)
    explanation = weightless.explain(content, 4, probes=10)
    data = unpacked(explanation.html())
    figures = json.loads(data["figures"])
    assert data["content"] == content
    low, high = data["bits"][:5000], data["bits"][5000:]
    units = sum(low) + 256 * sum(high)
    assert units / 64 / 8 == pytest.approx(explanation.payload_size, rel=1e-3, abs=4)
    assert sum(data["network"]) / 8 == pytest.approx(explanation.network_bits.sum(), abs=0.1)
    assert sum(data["experts"]) / 8 == pytest.approx(explanation.experts_bits.sum(), abs=0.1)
    assert figures["payload_size"] == explanation.payload_size
    assert figures == json.loads(explanation.to_json()) | {
        name: figures[name] for name in ("windows", "text", "row", "rowStart", "hiddenWidth")
    }


def test_a_sample_says_where_it_is() -> None:
    explanation = weightless.explain(text(50_000), 1, keep=6400, probes=5)
    figures = json.loads(unpacked(explanation.html())["figures"])
    assert len(figures["windows"]) == 64
    for index, position in figures["windows"]:
        assert explanation.positions[index] == position


def test_a_quarter_of_a_megabyte_is_at_most_five_quarters() -> None:
    # As hard as a novel: words of which many are rare, with short matches everywhere.
    rng = random.Random(8)
    words = ["".join(rng.choices("etaoinshrdlucmfw", k=rng.randint(2, 9))) for _ in range(20_000)]
    weights = [1 / (i + 3) for i in range(len(words))]
    content = " ".join(rng.choices(words, weights, k=60_000)).encode()[:250_000]
    explanation = weightless.explain(content, 4, compare=False, probes=5)
    assert len(content) == 250_000
    assert explanation.bits_per_byte > 2
    assert len(explanation.html().encode()) <= 5e6 / 4


def test_notebook_shows_the_page_in_a_frame_of_its_own() -> None:
    shown = weightless.explain(HOSTILE, 1)._repr_html_()
    (tag, attributes), *rest = parsed(shown).found
    assert (tag, rest, attributes["sandbox"]) == ("iframe", [], "allow-scripts")
    assert unpacked(attributes["srcdoc"] or "")["content"] == HOSTILE


def test_plot(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("matplotlib", reason="the extra plot")
    figure = weightless.explain(text(2000), 4, compare=False).plot()
    curve, bars = figure.axes
    assert [line.get_label() for line in curve.lines] == ["whole", "mixers", "network"]
    assert bars.patches
    monkeypatch.setitem(__import__("sys").modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match="plot"):
        weightless.explain(b"x", 1).plot()


def test_a_line_represents_it() -> None:
    explained = weightless.explain(b"x" * 100, 1, compare=False)
    assert (
        repr(explained)
        == f"<Explanation of 'bytes': 100 bytes, {explained.archive_size} in the archive>"
    )


def test_command(run: Run, folder: Path) -> None:
    Path("a.txt").write_bytes(text(3000))
    done = run("-1", "--explain", "a.txt")
    assert (done.returncode, done.stdout) == (0, b"")
    assert done.stderr == b"a.txt: explained in a.txt.html\n"
    page = Path("a.txt.html").read_text("utf-8")
    assert unpacked(page)["content"] == text(3000)
    again = run("-1", "--explain", "a.txt")
    assert again.returncode == 1
    assert b"a.txt.html: already exists" in again.stderr or b"exists" in again.stderr
    assert run("-1f", "--explain", "a.txt").returncode == 0
    assert run("-1", "--explain", "-c", "a.txt").stdout.decode() == page
    Path("b").write_bytes(weightless.compress(text(3000), 1))
    figures = json.loads(run("--explain", "--json", "b").stdout)
    assert figures["from_archive"]
    assert figures["payload_size"] == weightless.explain(text(3000), 1).payload_size
    assert run("-1", "--explain", "-o", "c.html", "-", stdin=b"abc").returncode == 0
    assert unpacked(Path("c.html").read_text("utf-8"))["content"] == b"abc"
    assert run("--explain", "missing").returncode == 1


def test_command_refuses_before_any_work(run: Run, folder: Path) -> None:
    Path("damaged.wl").write_bytes(weightless.compress(text(300), 1)[:-20])
    Path("page.html").write_bytes(b"old")
    refused = run("--explain", "damaged.wl", "-o", "page.html")
    assert (refused.returncode, b"exists" in refused.stderr) == (1, True)
    # What is read is never replaced, even if files may be.
    Path("a.txt").write_bytes(text(300))
    Path("b.txt").write_bytes(text(200))
    for arguments, stdin in (
        (("a.txt", "-o", "a.txt"), b""),
        (("b.txt", "-D", "a.txt", "-o", "a.txt"), b""),
        (("-", "-D", "a.txt", "-o", "a.txt"), b"abc"),
    ):
        refused = run("-1f", "--explain", *arguments, stdin=stdin)
        assert refused.returncode == 1
        assert b"input and output are the same file" in refused.stderr
        assert Path("a.txt").read_bytes() == text(300)
    # A page is replaced by a complete one only.
    assert run("-f", "--explain", "damaged.wl", "-o", "page.html").returncode == 1
    assert Path("page.html").read_bytes() == b"old"
    assert {p.name for p in folder.iterdir()} == {"damaged.wl", "page.html", "a.txt", "b.txt"}


def test_command_writes_json_to_a_file(run: Run, folder: Path) -> None:
    Path("a.txt").write_bytes(text(300))
    done = run("-1", "--explain", "--json", "a.txt", "-o", "a.json")
    assert (done.returncode, done.stdout) == (0, b"")
    assert json.loads(Path("a.json").read_bytes())["content_size"] == 300
    assert run("-1", "--explain", "--json", "a.txt", "-o", "a.json").returncode == 1


def test_a_name_that_is_no_text(tmp_path: Path) -> None:
    explanation = weightless.explain(b"abc", 1, name="caf\udce9.txt")
    page = explanation.save(tmp_path / "page.html").read_text("utf-8")
    assert parsed(page).texts["title"] == ["caf\\udce9.txt \N{EM DASH} what each byte cost"]
    assert json.loads(unpacked(page)["figures"])["name"] == "caf\udce9.txt"


@pytest.mark.parametrize("name", SAMPLES)
def test_every_content_makes_a_page(name: str) -> None:
    data = unpacked(weightless.explain(SAMPLES[name], 1).html())
    assert data["content"] == SAMPLES[name]


def test_a_continuation_outside_the_sample_is_not_called_the_end() -> None:
    explanation = weightless.explain(text(50_000), 1, keep=6400)
    figures = json.loads(explanation.to_json())["continuations"]
    recorded = {c["position"] for c in figures if c["recorded"]}
    assert recorded == set(explanation.continuations) & set(explanation.positions.tolist())
    assert len(recorded) < len(figures)
    assert all(bool(c["followed"]) == c["recorded"] for c in figures)


def test_what_is_no_text_is_shown_in_hexadecimal() -> None:
    assert shown(b"\xff") == "ff"
    assert shown(bytes(range(0x80, 0xC0))).startswith("80 81 82")
    assert shown("naïve".encode()) == "naïve"


def test_the_network_continues_by_itself() -> None:
    content = b"abcdefgh" * 500
    figures = json.loads(weightless.explain(content, 4, probes=0).to_json())
    assert figures["network_continuation"].startswith("abcdefgh")
    assert json.loads(weightless.explain(content, 1).to_json())["network_continuation"] is None
