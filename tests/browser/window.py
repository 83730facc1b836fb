"""A browser's window that shows letters as a mail program does, and tells what is wrong with them.

Nothing is loaded from anywhere: whatever a letter asks for is refused, and remembered as trouble.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import ConsoleMessage, Dialog, Page, Route, sync_playwright

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BROWSER_VARIABLE = "PASTDUE_BROWSER"
NO_BROWSER = (
    "needs Chromium or Chrome: install one (Debian: apt-get install chromium), or name its program"
    f" in {BROWSER_VARIABLE}"
)
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# A letter is shown inside the mail program's own page: that has the landmarks, not the letter.
OFF = {name: {"enabled": False} for name in ("landmark-one-main", "region")}
EVERY_RULE = {"runOnly": {"type": "tag", "values": WCAG}, "rules": OFF}
# What a colour scheme can change; all else is the same in both.
COLOUR_RULES = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
# "Cannot tell" counts as a fault where colours are concerned: a letter has nothing in front of
# pictures or gradients. A header whose rows come in several bodies is what axe cannot tell.
UNSURE = {"color-contrast", "link-in-text-block"}

_AXE = """async (options) => {
  const found = await axe.run(document, {...options, resultTypes: ["violations", "incomplete"]});
  const told = (rules) => rules.flatMap((rule) =>
    rule.nodes.map((node) => [rule.id, node.html.slice(0, 160), node.any[0]?.message ?? rule.help]));
  return [told(found.violations), told(found.incomplete)];
}"""
_LARGER = """(factor) => {
  const sizes = [...document.querySelectorAll("body, body *")].map((one) => {
    const style = getComputedStyle(one);
    return [one, parseFloat(style.fontSize), parseFloat(style.lineHeight)];
  });
  for (const [one, font, line] of sizes) {
    one.style.setProperty("font-size", factor * font + "px", "important");
    if (!isNaN(line)) one.style.setProperty("line-height", factor * line + "px", "important");
  }
}"""
# A part that sticks out has no part inside it that sticks out as far.
_TOO_WIDE = """() => {
  const room = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= room) return [];
  const out = (one) => one.getBoundingClientRect().right > room + 0.5;
  const parts = [...document.querySelectorAll("body *")].filter(out);
  const ends = parts.filter((one) => ![...one.children].some(out));
  return ends.length ? ends.map((one) => one.outerHTML.slice(0, 160)) : ["the page itself"];
}"""


@dataclass
class Window:
    """One page of the browser. `troubles` are requests, console messages, errors and dialogs."""

    page: Page
    troubles: list[str] = field(default_factory=list)

    def show(self, html: str, *, width: int = 600, scheme: str = "light") -> None:
        """Show a letter in a window of so many CSS pixels, in `light` or `dark` colours."""
        self.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        self.page.set_viewport_size({"width": width, "height": 800})
        self.page.set_content(html)

    def barriers(self, rules: dict[str, Any]) -> list[str]:
        """Return what axe finds against these rules, and what it cannot tell of colours."""
        if self.page.evaluate("typeof axe") == "undefined":
            self.page.evaluate(AXE_SCRIPT)
        sure, unsure = self.page.evaluate(_AXE, rules)
        found = [*sure, *(one for one in unsure if one[0] in UNSURE)]
        return [f"{rule}: {message} in {html}" for rule, html, message in found]

    def enlarge_text(self, factor: float) -> None:
        """Set all text so many times as large, as readers do in their mail programs."""
        self.page.evaluate(_LARGER, factor)

    def too_wide(self) -> list[str]:
        """Return the parts that make the window scroll sideways, empty if it does not."""
        found: list[str] = self.page.evaluate(_TOO_WIDE)
        return found

    def names_of(self, role: str) -> list[str]:
        """Return the names by which a screen reader announces the parts of a role, in order."""
        reader = self.page.context.new_cdp_session(self.page)
        nodes = reader.send("Accessibility.getFullAXTree")["nodes"]
        reader.detach()
        parts = [node for node in nodes if node.get("role", {}).get("value") == role]
        return [str(node["name"]["value"]) for node in parts]

    def _refuse(self, route: Route) -> None:
        self.troubles.append(f"request: {route.request.url}")
        route.abort()

    def _hear(self, message: ConsoleMessage) -> None:
        self.troubles.append(f"console: {message.text}")

    def _dismiss(self, dialog: Dialog) -> None:
        self.troubles.append(f"dialog: {dialog.message}")
        dialog.dismiss()


def find_browser() -> str:
    """Return the program of an installed browser; without one the test is skipped."""
    named = os.environ.get(BROWSER_VARIABLE, "")
    found = shutil.which(named) if named else next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip(f"{BROWSER_VARIABLE}={named} is no program" if named else NO_BROWSER)
    return found


@contextmanager
def open_window() -> Iterator[Window]:
    """Start a browser without a network, and stop it at the end."""
    program = find_browser()
    with sync_playwright() as playwright:
        # Containers and continuous integration have no namespaces for the sandbox.
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_context(offline=True).new_page()
        window = Window(page)
        page.route("**/*", window._refuse)
        page.on("console", window._hear)
        page.on("pageerror", lambda error: window.troubles.append(f"error: {error}"))
        page.on("dialog", window._dismiss)
        yield window
        browser.close()
