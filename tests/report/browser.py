"""Pages in a real browser: what they show, what they ask for, and what they complain about."""

from __future__ import annotations

import importlib
import importlib.util
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

DESKTOP, PHONE = 1280, 390

_FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
_WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.violations.push(`${event.violatedDirective} ${event.blockedURI}`));
"""
_PAGES = re.compile(rb"/Type\s*/Page\b")


def chromium() -> str | None:
    """Return Debian's Chromium, or the one that CHROMIUM names."""
    return os.environ.get("CHROMIUM") or shutil.which("chromium")


def why_not() -> str:
    """Return why no browser can be started here; "" where one can."""
    if importlib.util.find_spec("playwright") is None:
        return "needs Playwright for Python: pip install playwright"
    if chromium() is None:
        return "needs Debian's chromium (apt-get install chromium), or CHROMIUM that names one"
    return ""


@contextmanager
def started() -> Iterator[Browser]:
    """Start the browser that is there; none is downloaded."""
    # Playwright may not be there: this module is imported all the same, to say so.
    with importlib.import_module("playwright.sync_api").sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(_FLAGS))
        yield browser
        browser.close()


class Tab:
    """One page, and everything that went wrong on it or left its own host."""

    def __init__(self, browser: Browser, url: str, *, language: str = "en") -> None:
        self.page: Page = browser.new_page(
            viewport={"width": DESKTOP, "height": 900}, locale=language
        )
        self.complaints: list[str] = []
        self.asked: list[str] = []
        self.page.add_init_script(_WATCH)
        self.page.on("console", lambda said: self.complaints.append(said.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(url, wait_until="domcontentloaded")

    def faults(self) -> list[str]:
        """Return what the browser complained about, and requests that left the page's host."""
        own = urlsplit(self.page.url).netloc
        strangers = [
            url
            for url in self.asked
            if urlsplit(url).scheme != "data" and urlsplit(url).netloc != own
        ]
        return [*self.complaints, *strangers, *self.page.evaluate("window.violations")]

    def overhang(self, width: int) -> int:
        """Return by how many pixels the page is wider than a window of that width."""
        height = 900
        self.page.set_viewport_size({"width": width, "height": height})
        found: int = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        return found

    def table(self, rows: str) -> list[list[str]]:
        """Return the cells' texts of the rows that a selector names."""
        found: list[list[str]] = self.page.eval_on_selector_all(
            rows, "rows => rows.map(row => [...row.cells].map(cell => cell.innerText.trim()))"
        )
        return found

    def printed_pages(self) -> int:
        """Return on how many sheets it prints."""
        made: Any = self.page.pdf(prefer_css_page_size=True)
        return len(_PAGES.findall(made))
