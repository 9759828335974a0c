"""Debian's Chromium, found or explained; the screens on which pages are looked at."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field
from typing import Literal

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Playwright,
    Response,
)

HOW_TO_GET_CHROMIUM = (
    "no Chromium was found for the page tests: `apt-get install chromium` (Debian, Ubuntu), "
    "or name one in the environment variable CHROMIUM"
)


def chromium() -> str | None:
    """The path of the browser: CHROMIUM, or the first that is on the PATH."""
    if named := os.environ.get("CHROMIUM"):
        return named
    names = "chromium", "chromium-browser", "google-chrome"
    return next((path for name in names if (path := shutil.which(name))), None)


def launch(playwright: Playwright, path: str) -> Browser:
    # Chromium's own sandbox does not start for root, who is who runs things in containers.
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    return playwright.chromium.launch(
        executable_path=path, args=[*sandbox, "--disable-dev-shm-usage"]
    )


@dataclass(frozen=True)
class Screen:
    """A device's window in CSS pixels, and the colours that its system wants."""

    name: str
    width: int
    height: int
    scheme: Literal["light", "dark"]

    @property
    def is_phone(self) -> bool:
        return self.width < 600

    def context(self, browser: Browser, base_url: str) -> BrowserContext:
        return browser.new_context(
            base_url=base_url,
            viewport={"width": self.width, "height": self.height},
            color_scheme=self.scheme,
            has_touch=self.is_phone,
            is_mobile=self.is_phone,
            locale="en-GB",
            timezone_id="UTC",
            reduced_motion="reduce",
        )


SCREENS = {
    screen.name: screen
    for screen in [
        Screen("laptop-light", 1280, 800, "light"),
        Screen("laptop-dark", 1280, 800, "dark"),
        Screen("phone-light", 390, 844, "light"),
        Screen("phone-dark", 390, 844, "dark"),
    ]
}


@dataclass
class Watch:
    """Everything that a page complained about: script errors, refused by the CSP, failed loads."""

    complaints: list[str] = field(default_factory=list)
    # Addresses (parts of them) whose 4xx answer the test provokes on purpose.
    expected: list[str] = field(default_factory=list)

    def over(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(f"script error: {error}"))
        page.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        # A failed load is reported with its address by `_response`.
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            self.complaints.append(f"console {message.type}: {message.text}")

    def _response(self, response: Response) -> None:
        if response.status >= 400 and not any(part in response.url for part in self.expected):
            self.complaints.append(f"{response.status} from {response.url}")


def press(page: Page, key: str) -> None:
    """Press a key that the page's own script answers: that has run when the page is loaded."""
    page.wait_for_load_state()
    page.keyboard.press(key)


def fits(page: Page) -> None:
    """Nothing is wider than the window, of a page that has arrived (a new one is empty first)."""
    page.wait_for_load_state()
    wider = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert wider <= 0, f"{page.url} is {wider} px wider than the window"


def question(page: Page) -> Locator:
    """The front of the card that a session shows (drawn boxes have fronts of wood as well)."""
    return page.locator("div.front")
