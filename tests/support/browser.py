"""Headless Chromium, driven by Selenium, and a page that is open in it."""

from __future__ import annotations

import base64
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from patience import PATIENCE

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

__all__ = ["OpenPage", "chromium", "needs_chromium"]

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
DRIVER = shutil.which("chromedriver")

needs_chromium = pytest.mark.skipif(
    not (CHROMIUM and DRIVER),
    reason="chromium and chromedriver are not installed (Debian: chromium, chromium-driver)",
)


def chromium() -> Iterator[Chrome]:
    """Yield a browser that logs its messages and requests, and end it."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for argument in ("--headless=new", "--disable-gpu", "--window-size=1280,1000"):
        options.add_argument(argument)
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options.add_argument("--no-sandbox")  # Chromium's own does not work for root
    options.add_argument("--disable-dev-shm-usage")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(str(DRIVER)))
    driver.set_script_timeout(PATIENCE)
    yield driver
    driver.quit()


class OpenPage:
    """A page, opened anew from its file, that says by ``data-ready`` when it can be used."""

    def __init__(self, browser: Chrome, path: Path) -> None:
        self.browser = browser
        self.address = path.resolve().as_uri()
        for kind in ("browser", "performance"):
            browser.get_log(kind)  # forget what was before
        browser.get(self.address)
        self.wait("document.documentElement.dataset.ready")
        assert self.ready() == "true", self.script("return document.body.innerText")

    def script(self, source: str, *arguments: Any) -> Any:
        """Return what a script returns; its arguments are in `arguments`."""
        return self.browser.execute_script(source, *arguments)

    def wait(self, condition: str) -> None:
        """Wait until an expression is true."""
        from selenium.webdriver.support.ui import WebDriverWait

        WebDriverWait(self.browser, PATIENCE, 0.05).until(
            lambda _: self.script(f"return {condition}")
        )

    def ready(self) -> str:
        """Return "true", or what else the page says of itself."""
        return str(self.script("return document.documentElement.dataset.ready"))

    def problems(self) -> list[str]:
        """Return the messages of the console since the last call."""
        return [entry["message"] for entry in self.browser.get_log("browser")]

    def requests(self) -> list[str]:
        """Return the addresses that were asked for since the last call."""
        events = [json.loads(e["message"])["message"] for e in self.browser.get_log("performance")]
        return [
            event["params"]["request"]["url"]
            for event in events
            if event["method"] == "Network.requestWillBeSent"
        ]

    def keep(self, name: str) -> None:
        """Keep a picture of all of the page in the folder WEIGHTLESS_SCREENSHOTS, if it is set."""
        folder = os.environ.get("WEIGHTLESS_SCREENSHOTS")
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            height = self.script("return document.documentElement.scrollHeight")
            width = self.script("return innerWidth")
            picture = self.browser.execute_cdp_cmd(
                "Page.captureScreenshot",
                {
                    "captureBeyondViewport": True,
                    "clip": {"x": 0, "y": 0, "width": width, "height": height, "scale": 1},
                },
            )
            Path(folder, f"{name}.png").write_bytes(base64.b64decode(picture["data"]))
