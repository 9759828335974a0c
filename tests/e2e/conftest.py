"""Page tests: `page` is Chromium before the running site; any complaint of the browser fails."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from accounts.models import User
from tests.e2e.browser import HOW_TO_GET_CHROMIUM, SCREENS, Screen, Watch, chromium, launch

RESULTS = Path(__file__).resolve().parent.parent.parent / "test-results"
PATIENCE_MS = 10_000
FAILED = pytest.StashKey[bool]()
expect.set_options(timeout=PATIENCE_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is a page test."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.e2e)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Lets the fixture `page` know whether the test failed."""
    report = yield
    if report.when == "call" and report.failed:
        item.stash[FAILED] = True
    return report


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium()
    if path is None:
        # Where everything must run, a missing browser is a failure, never a quiet skip.
        stop = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        stop(HOW_TO_GET_CHROMIUM)
    # Playwright's sync API keeps an event loop in this thread, so that Django takes each query of
    # the test for one in async code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = launch(playwright, path)
        yield browser
        browser.close()


@pytest.fixture
def screen(request: pytest.FixtureRequest) -> Screen:
    """A laptop, light; `@pytest.mark.parametrize("screen", SCREENS, indirect=True)` for all."""
    return SCREENS[getattr(request, "param", "laptop-light")]


@pytest.fixture
def watch() -> Watch:
    """What the browser complained about. `watch.expected.append("/part/of/address")` allows 4xx."""
    return Watch()


@pytest.fixture
def context(browser: Browser, live_server: Any, screen: Screen) -> Iterator[BrowserContext]:
    context = screen.context(browser, live_server.url)
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, watch: Watch, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A blank page; relative addresses belong to the live server."""
    page = context.new_page()
    watch.over(page)
    yield page
    if request.node.stash.get(FAILED, False):
        RESULTS.mkdir(exist_ok=True)
        name = re.sub(r"[^\w-]+", "-", request.node.name)
        page.screenshot(path=RESULTS / f"{name}.png", full_page=True)
    page.close()
    assert not watch.complaints, "\n".join(watch.complaints)


@pytest.fixture
def sign_in(context: BrowserContext, live_server: Any) -> Callable[[User], None]:
    """`sign_in(alice)`: this browser carries her login session, without the form."""

    def sign_in(user: User) -> None:
        client = Client()
        client.force_login(user)
        name = settings.SESSION_COOKIE_NAME
        value = client.cookies[name].value
        context.add_cookies([{"name": name, "value": value, "url": live_server.url}])

    return sign_in


@pytest.fixture
def alice_page(page: Page, alice: User, sign_in: Callable[[User], None]) -> Page:
    """A page where Alice is signed in."""
    sign_in(alice)
    return page
