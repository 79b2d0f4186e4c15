"""The page that makes and opens archives, in headless Chromium.

With the environment variable WEIGHTLESS_SCREENSHOTS, a folder, pictures are kept there for a person
to look at.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from browser import OpenPage, chromium, needs_chromium
from crafted import SMALL, stored_frame
from data import noise, records, text
from patience import PATIENCE
from webassembly import built

import weightless
from weightless import Parameters
from weightless.container.header import FrameHeader

pytest.importorskip("selenium", reason="the tests' extra is not installed")
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

pytestmark = needs_chromium

CONTENT = text(3000) + records(800)


@pytest.fixture(scope="module")
def browser() -> Iterator[Chrome]:
    built("weightless.html")
    yield from chromium()


class Page(OpenPage):
    """The page, opened anew."""

    def __init__(self, browser: Chrome, folder: Path) -> None:
        super().__init__(browser, built("weightless.html"))
        self.folder = folder

    def choose(self, control: str, value: int) -> None:
        Select(self.browser.find_element(By.ID, control)).select_by_value(str(value))

    def give(self, name: str, data: bytes) -> int:
        """Choose a file; return the number of its job."""
        path = self.folder / name
        path.write_bytes(data)
        number = int(self.script("return jobs.length"))
        self.browser.find_element(By.ID, "files").send_keys(str(path))
        self.wait(f"jobs.length > {number}")
        return number

    def outcome(self, number: int) -> tuple[str, str]:
        """Wait for the end of a job; return its state and what its row says."""
        self.wait(f"!['waiting', 'working'].includes(jobs[{number}].state)")
        return (
            self.script("return jobs[arguments[0]].state", number),
            self.script(
                "return document.querySelectorAll('#jobs .status')[arguments[0]].innerText", number
            ),
        )

    def saved(self, number: int) -> bytes:
        return base64.b64decode(
            self.browser.execute_async_script(
                "const [number, done] = arguments;"
                "const reader = new FileReader();"
                "reader.onload = () => done(reader.result.split(',')[1] || '');"
                "reader.readAsDataURL(jobs[number].result);",
                number,
            )
        )

    def make(self, name: str, data: bytes) -> bytes:
        number = self.give(name, data)
        assert self.outcome(number)[0] == "done", self.outcome(number)
        return self.saved(number)


@pytest.fixture
def page(browser: Chrome, tmp_path: Path) -> Page:
    return Page(browser, tmp_path)


@pytest.mark.parametrize("level", [1, 6, 9])
def test_both_ways(page: Page, level: int) -> None:
    archive = weightless.compress(CONTENT, level)
    assert page.make("from the command.wl", archive) == CONTENT
    page.choose("level", level)
    assert page.make("content", CONTENT) == archive
    assert page.problems() == []
    # Besides the page only what it has made itself: the worker's script.
    assert {a for a in page.requests() if not a.startswith("blob:")} == {page.address}
    page.keep(f"level {level}")


def test_empty_files(page: Page) -> None:
    assert page.make("empty", b"") == weightless.compress(b"", 6)
    assert page.make("empty.wl", weightless.compress(b"", 6)) == b""


def test_an_archive_of_several_frames(page: Page) -> None:
    archive = weightless.compress(CONTENT, parameters=SMALL, frame_size=1000)
    assert page.make("frames.wl", archive + stored_frame(noise(500))) == CONTENT + noise(500)


def test_the_command_opens_what_the_page_saves(
    page: Page, browser: Chrome, tmp_path: Path, run: Any
) -> None:
    saved = tmp_path / "saved"
    saved.mkdir()
    browser.execute_cdp_cmd(
        "Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(saved)}
    )
    page.choose("level", 1)
    assert page.outcome(page.give("a file.txt", CONTENT))[0] == "done"
    link = browser.find_element(By.CSS_SELECTOR, "#jobs a")
    assert link.text == "Save a file.txt.wl"
    link.send_keys(Keys.ENTER)
    path = saved / "a file.txt.wl"
    WebDriverWait(browser, PATIENCE, 0.05).until(
        lambda _: path.exists() and path.stat().st_size > 0
    )
    assert run("-d", str(path)).returncode == 0
    assert (saved / "a file.txt").read_bytes() == CONTENT


SOUND = weightless.compress(b"the content, the content and the content" * 3, 1)
DAMAGED = {
    "empty": b"",
    "no archive": b"something else",
    "cut": SOUND[:-3],
    "changed": SOUND[:-9] + bytes([SOUND[-9] ^ 4]) + SOUND[-8:],
    "header": SOUND[:5] + bytes([SOUND[5] ^ 1]) + SOUND[6:],
    "version": SOUND[:3] + b"\x90" + SOUND[4:],
    "followed by something": SOUND + b"else",
    "another size": stored_frame(b"content", claim=8),
    "dear": FrameHeader(Parameters(width=1024, layers=3, gates=1, horizon=2), 5).to_bytes(),
    "prior": weightless.compress(CONTENT, 1, prior=weightless.Prior(text(300))),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_errors_are_the_commands(page: Page, name: str) -> None:
    with pytest.raises(weightless.WeightlessError) as expected:
        weightless.decompress(DAMAGED[name])
    state, said = page.outcome(page.give("archive.wl", DAMAGED[name]))
    assert state == "failed"
    message = str(expected.value).split("; ")[0]  # what follows is about the command's options
    assert said.startswith(f"{type(expected.value).__name__}: {message}")
    assert page.problems() == []


PRIOR = text(500)


@pytest.mark.parametrize("level", [1, 6])
def test_a_prior_is_asked_for(page: Page, tmp_path: Path, run: Any, level: int) -> None:
    source = tmp_path / "content"
    source.write_bytes(CONTENT)
    files = {"right": PRIOR, "wrong": PRIOR + b"!", "empty": b""}
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    assert run(f"-{level}", "--prior", str(tmp_path / "right"), str(source)).returncode == 0
    archive = source.with_name("content.wl").read_bytes()
    name = weightless.Prior(PRIOR)

    def choose(file: str) -> tuple[str, str]:
        label = page.browser.find_element(By.CSS_SELECTOR, "#jobs .prior")
        assert label.is_displayed()
        label.find_element(By.TAG_NAME, "input").send_keys(str(tmp_path / file))
        return page.outcome(number)

    number = page.give("archive.wl", archive)
    needs = f"PriorError: decoding needs the prior with the XXH3-128 hash {name.hash} (500 bytes)"
    assert page.outcome(number) == ("failed", f"{needs}; choose it, or drop it here")
    page.keep(f"prior {level}")
    wrong = weightless.Prior(files["wrong"])
    state, said = choose("wrong")
    assert state == "failed"
    assert said.startswith(
        f"{needs}, but the prior given has the hash {wrong.hash} (501 bytes); choose it"
    )
    assert choose("empty") == ("failed", "ParameterError: the prior is empty")
    assert choose("right")[0] == "done"
    assert page.saved(number) == CONTENT
    assert not page.browser.find_element(By.CSS_SELECTOR, "#jobs .prior").is_displayed()
    damaged = page.give("damaged.wl", archive[:-9] + bytes([archive[-9] ^ 4]) + archive[-8:])
    assert page.outcome(damaged)[1].startswith("PriorError")
    # Dropped on the row it is the prior, and not another file.
    page.script(
        "const [number, ...bytes] = arguments;"
        "const files = new DataTransfer();"
        "files.items.add(new File([Uint8Array.from(bytes)], 'dropped'));"
        "document.querySelectorAll('#jobs .status')[number].dispatchEvent("
        "  new DragEvent('drop', { dataTransfer: files, bubbles: true, cancelable: true }))",
        damaged,
        *PRIOR,
    )
    assert page.outcome(damaged)[1].startswith("CorruptError: a block is damaged (at byte ")
    assert page.script("return jobs.length") == 2
    assert page.problems() == []


@pytest.mark.parametrize("level", [1, 6])
def test_primed_archives_open_by_themselves(
    page: Page, tmp_path: Path, run: Any, level: int
) -> None:
    source = tmp_path / "content"
    source.write_bytes(CONTENT)
    assert run(f"-{level}", "--primed", "--frame-size", "1K", str(source)).returncode == 0
    archive = source.with_name("content.wl").read_bytes()
    assert page.make("primed.wl", archive) == CONTENT
    at = len(archive) * 2 // 3
    damaged = archive[:at] + bytes([archive[at] ^ 1]) + archive[at + 1 :]
    with pytest.raises(weightless.CorruptError) as expected:
        weightless.decompress(damaged)
    state, said = page.outcome(page.give("damaged.wl", damaged))
    assert state == "failed"
    assert said == f"CorruptError: {expected.value}"
    page.choose("limit", 1 << 28)
    state, said = page.outcome(
        page.give("nine.wl", weightless.compress(CONTENT, 9, frame_size=1024, primed=True))
    )
    assert said.startswith("MemoryLimitError: decoding needs ")


def test_too_much_memory(page: Page) -> None:
    parameters = Parameters(width=0, experts=4, memory_bits=30, growth_bits=8, ngram_bits=30)
    large = FrameHeader(parameters, 1 << 33).to_bytes() + b"\x15\0\0\0\0\0\0"
    state, said = page.outcome(page.give("large.wl", large))
    assert state == "failed"
    assert said.startswith("MemoryLimitError: decoding needs ")
    page.choose("limit", 1 << 28)
    state, said = page.outcome(page.give("nine.wl", weightless.compress(CONTENT, 9)))
    assert state == "failed"
    assert "of memory, but the limit is 256.0 MiB" in said
    page.choose("level", 9)
    state, said = page.outcome(page.give("content", CONTENT))
    assert said.startswith("MemoryLimitError: compressing needs ")
    page.choose("level", 1)
    assert page.make("content", CONTENT) == weightless.compress(CONTENT, 1)
    page.keep("errors")


def test_work_can_be_watched_and_cancelled(page: Page, browser: Chrome) -> None:
    page.choose("level", 6)
    number = page.give("long", text(1_000_000))
    after = page.give("short", b"x")
    page.wait(f"jobs[{number}].position > 0")
    # The page answers while its worker is busy.
    assert page.script("return jobs[arguments[0]].state", number) == "working"
    assert page.script("return jobs[arguments[0]].state", after) == "waiting"
    page.keep("working")
    browser.find_element(By.CSS_SELECTOR, "#jobs button").send_keys(Keys.ENTER)
    assert page.outcome(number) == ("cancelled", "Cancelled.")
    assert page.outcome(after)[0] == "done"


def test_dropping(page: Page) -> None:
    page.script(
        "const files = new DataTransfer();"
        "files.items.add(new File(['dropped'], 'one'));"
        "files.items.add(new File(['dropped, too'], 'two'));"
        "document.getElementById('zone').dispatchEvent("
        "new DragEvent('drop', { dataTransfer: files, bubbles: true, cancelable: true }));"
    )
    page.wait("jobs.length === 2")
    assert [page.outcome(n)[0] for n in (0, 1)] == ["done", "done"]
    assert weightless.decompress(page.saved(1)) == b"dropped, too"


def test_names(page: Page) -> None:
    names = ["a.wl", "a.twl", "a", ".wl", "a.WL"]
    assert page.script("return arguments[0].map(contentName)", names) == [
        "a",
        "a.tar",
        "a.content",
        ".wl.content",
        "a.WL.content",
    ]
    hostile = "<img src=x onerror=document.title='hit'>"
    assert page.outcome(page.give(hostile.replace("/", ""), b"x"))[0] == "done"
    assert page.script("return document.querySelectorAll('img').length") == 0
    assert page.script("return document.title").startswith("weightless")


def test_keyboard(page: Page) -> None:
    unnamed = page.script(
        "return [...document.querySelectorAll('button, select, input, a')].filter(e => "
        "!(e.innerText || e.ariaLabel || e.labels?.length)).length"
    )
    assert unnamed == 0
    reached = []
    for _ in range(3):
        ActionChains(page.browser).send_keys(Keys.TAB).perform()
        reached.append(page.script("return document.activeElement.id"))
    assert reached == ["files", "level", "limit"]


def test_schemes_and_a_phone(browser: Chrome, tmp_path: Path) -> None:
    colours = {}
    try:
        phone = {"width": 375, "height": 700, "deviceScaleFactor": 2, "mobile": True}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", phone)
        page = Page(browser, tmp_path)
        page.outcome(page.give("a long name " + "without a break" * 5, CONTENT[:100]))
        for scheme in ("light", "dark"):
            feature = {"name": "prefers-color-scheme", "value": scheme}
            browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
            colours[scheme] = page.script(
                "const style = getComputedStyle(document.body);"
                "return [style.backgroundColor, style.color]"
            )
            page.keep(f"phone {scheme}")
        assert colours["light"] != colours["dark"]
        assert page.script("return document.documentElement.scrollWidth") <= 375
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
