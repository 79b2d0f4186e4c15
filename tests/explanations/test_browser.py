"""The page in a real browser: headless Chromium, driven by Selenium.

With the environment variable WEIGHTLESS_SCREENSHOTS, a folder, pictures of the pages are kept
there for a person to look at.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from browser import OpenPage, chromium, needs_chromium
from data import noise, records, text
from test_page import HOSTILE, HOSTILE_NAME

import weightless

pytest.importorskip("selenium", reason="the tests' extra is not installed")
from selenium.webdriver.common.keys import Keys

if TYPE_CHECKING:
    from selenium import webdriver

pytestmark = needs_chromium

TABLE = b"id,name,price\n" + b"".join(
    b"%d,name %d,%d.%02d\n" % (i, i * i % 97, i % 13, i % 100) for i in range(400)
)
JSON = b"[" + b",".join(b'{"id": %d, "kind": "k%d"}' % (i, i % 3) for i in range(300)) + b"]"
CONTENT = {
    "text": (text(20_000), 4),
    "table": (TABLE, 1),
    "json": (JSON, 3),
    "binary": (records(12_000) + noise(500), 4),
    "empty": (b"", 4),
    "one byte": (b"x", 4),
    "sentence": (b"An apple a day keeps the doctor away. An apple a day keeps", 6),
    "hostile": (HOSTILE, 4),
}


@pytest.fixture(scope="module")
def browser() -> Iterator[webdriver.Chrome]:
    yield from chromium()


class Page(OpenPage):
    """The page of an explanation."""

    def text(self, selector: str) -> str:
        return str(self.script("return document.querySelector(arguments[0]).innerText", selector))

    def bits(self) -> float:
        return float(
            self.browser.execute_async_script(
                "const done = arguments[0];"
                "load().then(({data}) => done(data.bits.reduce((a, b) => a + b, 0) / FINE));"
            )
        )

    def keys(self, *keys: str) -> None:
        viewer = self.browser.find_element("id", "viewer")
        for key in keys:
            viewer.send_keys(key)


def saved(tmp_path: Path, content: bytes, level: int, **options: Any) -> Path:
    return weightless.explain(content, level, **options).save(tmp_path / "page.html")


@pytest.mark.parametrize("name", CONTENT)
def test_page(browser: webdriver.Chrome, tmp_path: Path, name: str) -> None:
    content, level = CONTENT[name]
    title = HOSTILE_NAME if name == "hostile" else name
    explanation = weightless.explain(content, level, name=title, probes=40)
    page = Page(browser, explanation.save(tmp_path / "page.html"))
    assert page.problems() == []
    assert page.text("#name") == title
    # The figures in the page add up to the payload.
    assert page.bits() / 8 == pytest.approx(explanation.payload_size, rel=1e-3, abs=4)
    assert f"{explanation.archive_size:,} bytes" in page.text("#totals")
    # Nothing of the content has run, and nothing was asked for but the page.
    assert page.script("return window.hit") is None
    assert page.script("return document.querySelectorAll('img, iframe').length") == 0
    assert page.script("return document.scripts.length") == 2
    assert page.requests() == [(tmp_path / "page.html").as_uri()]
    page.keep(name)


def test_the_curve_of_one_byte_can_be_read(browser: webdriver.Chrome, tmp_path: Path) -> None:
    page = Page(browser, saved(tmp_path, b"x", 1))  # for which xz takes hundreds of bits
    assert 2 <= page.script("return document.querySelectorAll('#curve .grid').length") <= 7
    line = "document.querySelector('#curve path.whole')"
    assert page.script(f"return {line}.getBoundingClientRect().width") > 100


def test_every_view_of_hostile_content(browser: webdriver.Chrome, tmp_path: Path) -> None:
    page = Page(browser, saved(tmp_path, HOSTILE, 4, name=HOSTILE_NAME))
    buttons = browser.find_elements("css selector", ".tabs button")
    assert [b.text for b in buttons[:3]] == ["Hexadecimal", "Text", "Picture"]
    for button in buttons:
        button.click()
        page.keys(Keys.END, Keys.HOME, "n")
    assert page.script("return window.hit") is None
    assert page.problems() == []
    assert browser.find_elements("css selector", "img, iframe") == []


def test_keyboard(browser: webdriver.Chrome, tmp_path: Path) -> None:
    content = text(1500)
    page = Page(browser, saved(tmp_path, content, 4, probes=1500))
    page.keys(Keys.HOME)
    assert page.text("#byte h3").startswith(f"Byte 0: 0x{content[0]:02x}")
    page.keys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    assert page.text("#byte h3").startswith(f"Byte 2: 0x{content[2]:02x}")
    assert "likeliest values" in page.text("#byte").lower()
    assert page.script("return document.querySelectorAll('#rows .chosen').length") == 1
    page.keys(Keys.END)
    assert page.text("#byte h3").startswith("Byte 1,499:")
    assert page.script("return document.querySelectorAll('#rows .chosen').length") == 1
    page.keys(Keys.HOME, Keys.ARROW_DOWN, Keys.ARROW_UP)
    assert page.text("#byte h3").startswith("Byte 0:")
    page.keys("n")
    assert not page.text("#byte h3").startswith("Byte 0:")
    page.keys(Keys.ESCAPE)
    assert page.text("#byte") == "No byte is chosen."
    assert page.script("return document.querySelectorAll('#rows .chosen').length") == 0


#: Elements that can be used, and those that scroll.
INTERACTIVE = "a, button, select, input, summary, [tabindex]"
#: Their names as assistive technology finds them, as far as the page uses that
#: (https://www.w3.org/TR/accname).
NAME_OF = """
const nameOf = (e) => (e.getAttribute('aria-label') ||
  (e.getAttribute('aria-labelledby') || '').split(' ').map((id) =>
    document.getElementById(id)?.textContent || '').join(' ') ||
  [...(e.labels || [])].map((label) => label.textContent).join(' ') ||
  (e.matches('table, canvas, svg, section, div') ? '' : e.textContent)).trim();
"""


@pytest.mark.parametrize("name", ["sentence", "table", "binary"])
def test_everything_has_a_name(browser: webdriver.Chrome, tmp_path: Path, name: str) -> None:
    content, level = CONTENT[name]
    page = Page(browser, saved(tmp_path, content, level))
    kinds = f"{INTERACTIVE}, table, section, canvas, [role=group], [role=region], [role=img]"
    unnamed = page.script(
        NAME_OF + "return [...document.querySelectorAll(arguments[0])].filter((e) => !nameOf(e))"
        ".map((e) => e.outerHTML.slice(0, 200))",
        kinds,
    )
    assert unnamed == []
    headings = page.script("return [...document.querySelectorAll('th')].map((e) => e.textContent)")
    assert all(headings)
    levels = page.script(
        "return [...document.querySelectorAll('h1, h2, h3')].map((e) => Number(e.tagName[1]))"
    )
    assert levels[0] == 1
    assert all(b - a <= 1 for a, b in itertools.pairwise(levels))


def test_the_tab_key_reaches_everything(browser: webdriver.Chrome, tmp_path: Path) -> None:
    page = Page(browser, saved(tmp_path, TABLE[:3000], 4))
    wanted = page.script(
        "return [...document.querySelectorAll(arguments[0])].filter((e) => e.checkVisibility())"
        ".map((e, i) => (e.dataset.number = i, i))",
        INTERACTIVE,
    )
    reached, unseen = [], []
    for _ in wanted:
        browser.switch_to.active_element.send_keys(Keys.TAB)
        number, outline = page.script(
            "const e = document.activeElement;"
            "return [Number(e.dataset.number), getComputedStyle(e).outlineStyle]"
        )
        reached.append(number)
        if outline == "none":
            unseen.append(number)
    assert reached == wanted  # in the order of the page
    assert unseen == []


def test_parts_that_scroll_are_reached_by_the_tab_key(
    browser: webdriver.Chrome, tmp_path: Path
) -> None:
    page = Page(browser, saved(tmp_path, CONTENT["json"][0], 4))
    for button in browser.find_elements("css selector", "#part-tabs button"):
        button.click()
        stuck = page.script(
            "return [...document.querySelectorAll('body *')].filter((e) =>"
            " /auto|scroll/.test(getComputedStyle(e).overflowY) && e.tabIndex < 0"
            " && e.scrollHeight > e.clientHeight).map((e) => e.id || e.className)"
        )
        assert stuck == []


def test_picture(browser: webdriver.Chrome, tmp_path: Path) -> None:
    rng = random.Random(7)
    width, height = 100, 60
    rows = [
        bytes((x * y // 40 + rng.randrange(3)) % 256 for x in range(width)) for y in range(height)
    ]
    content = b"P5\n%d %d\n255\n" % (width, height) + b"".join(rows)
    page = Page(browser, saved(tmp_path, content, 1, name="picture.pgm"))
    assert page.script("return byId('row').value") == str(width)
    assert page.script("return document.querySelector('#modes [aria-pressed=true]').innerText") == (
        "Picture"
    )
    # The pixels of each row stand in a row of the picture, beside their costs.
    grey = page.script(
        "const canvas = byId('picture');"
        "const image = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);"
        "return [canvas.width, canvas.height, [...image.data].filter((_, i) => i % 4 === 0)]"
    )
    across, down, values = grey
    shown = [bytes(values[y * across :][width : 2 * width]) for y in range(down)]
    assert across == 2 * width
    assert shown[1:] == rows
    # A click and a key choose bytes, which are framed.
    page.keys(Keys.HOME)
    page.keys(*[Keys.ARROW_DOWN] * 3)
    assert page.text("#byte h3").startswith(f"Byte {3 * width}:")
    assert page.script("return byId('mark').checkVisibility()")
    # The box is as high as the picture, unless that is too high.
    assert page.script(
        "const room = byId('viewer').clientHeight, picture = byId('picture').clientHeight;"
        "return picture >= room - 4"
    )
    page.keep("picture")


def test_short_records_stand_in_strips(browser: webdriver.Chrome, tmp_path: Path) -> None:
    page = Page(browser, saved(tmp_path, records(12_000), 1))
    page.script(
        "byId('row').value = 4; byId('row').dispatchEvent(new Event('change'));"
        "const modes = [...document.querySelectorAll('#modes button')];"
        "modes.find((mode) => mode.innerText === 'Picture').click()"
    )
    # The picture is not a thin line, and a click where a byte is framed chooses that byte.
    assert page.script("return byId('picture').width") > 100
    for keys in ([Keys.END], [Keys.HOME, Keys.PAGE_DOWN, Keys.ARROW_RIGHT], [Keys.PAGE_DOWN] * 30):
        page.keys(*keys)
        chosen = page.text("#byte h3")
        again = page.script(
            "const box = byId('mark').getBoundingClientRect();"
            "const at = {clientX: box.left + box.width / 2, clientY: box.top + box.height / 2};"
            "byId('viewer').querySelector('#picture').dispatchEvent(new MouseEvent('click', at));"
            "return document.querySelector('#byte h3').innerText"
        )
        assert again == chosen


def test_links_lead_to_bytes(browser: webdriver.Chrome, tmp_path: Path) -> None:
    part = noise(300)
    page = Page(browser, saved(tmp_path, part + text(3000) + part, 3))
    browser.find_element("css selector", "#repeats button.link").click()
    assert page.text("#byte h3").startswith("Byte ")


def test_schemes_and_a_phone(browser: webdriver.Chrome, tmp_path: Path) -> None:
    page = Page(browser, saved(tmp_path, text(8000), 6, name="text"))
    colours = {}
    try:
        for scheme in ("light", "dark"):
            feature = {"name": "prefers-color-scheme", "value": scheme}
            browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
            colours[scheme] = page.script(
                "const style = getComputedStyle(document.body);"
                "return [style.backgroundColor, style.color]"
            )
            page.keep(f"scheme {scheme}")
        assert colours["light"] != colours["dark"]
        phone = {"width": 375, "height": 700, "deviceScaleFactor": 2, "mobile": True}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", phone)
        page = Page(browser, tmp_path / "page.html")
        assert page.script("return document.documentElement.scrollWidth") <= 375
        page.keep("phone")
        # What each expert saved, all of it, with two kinds of data.
        page = Page(browser, saved(tmp_path, TABLE, 1, name="table"))
        wide = "const e = document.querySelector('#experts .scroll'); return e.scrollWidth"
        assert page.script(wide + " - e.clientWidth") <= 0
        assert "in Tables" in page.text("#experts")
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_the_scale_reads_in_grey(browser: webdriver.Chrome, tmp_path: Path) -> None:
    page = Page(browser, saved(tmp_path, b"x", 1))
    for scheme, sign in (("light", -1), ("dark", 1)):
        feature = {"name": "prefers-color-scheme", "value": scheme}
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
        colours = page.script("return stepColours()")
        grey = [0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b in colours]
        assert all(sign * (b - a) > 3 for a, b in itertools.pairwise(grey)), grey
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_a_megabyte_scrolls(browser: webdriver.Chrome, tmp_path: Path) -> None:
    content = text(1_000_000)
    explanation = weightless.explain(content, 1, compare=False, probes=5)
    page = Page(browser, explanation.save(tmp_path / "page.html"))
    assert page.bits() / 8 == pytest.approx(explanation.payload_size, rel=1e-3)
    page.keys(Keys.END)
    assert page.text("#byte h3").startswith("Byte 999,999:")
    # However long the content is, only what is in view is in the document.
    assert page.script("return document.querySelectorAll('#rows > div').length") < 60
    assert page.script("return document.querySelectorAll('#rows .chosen').length") == 1
    for mode in browser.find_elements("css selector", "#modes button"):
        mode.click()
        assert page.script("return document.querySelectorAll('*').length") < 12_000
    assert page.problems() == []


def test_a_sample_is_said_to_be_one(browser: webdriver.Chrome, tmp_path: Path) -> None:
    page = Page(browser, saved(tmp_path, text(60_000), 1, keep=6400))
    assert "6,400 of its bytes" in page.text("#summary")
    page.keys(Keys.END)
    assert page.text("#byte h3").startswith("Byte 59,")
