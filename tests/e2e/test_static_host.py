"""Static files as gunicorn serves them, and through a CDN: pages look and work as without one."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import urllib.request
from email.message import Message
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Browser, expect

from tests.e2e.browser import Watch
from tests.gunicorns import ROOT, machines


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a site has its database and its collected static files."""
    path = tmp_path_factory.mktemp("site")
    env = {"PATH": os.environ["PATH"], "ENV_FILE": os.devnull, "DATA_DIR": str(path)}
    env |= {"SECRET_KEY": settings.SECRET_KEY, "HTTPS": "0"}
    for command in (["migrate", "-v0"], ["collectstatic", "--noinput", "-v0"]):
        run = [sys.executable, "manage.py", *command]
        subprocess.run(run, cwd=ROOT, env=env, check=True)
    return path


def get(address: str, **headers: str) -> tuple[str, Message]:
    """The body (as far as it is text) and the headers."""
    request = urllib.request.Request(address, headers=headers)  # noqa: S310
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
        return answer.read().decode("utf-8", "replace"), answer.headers


def test_files_are_small_and_kept_for_ever(folder: Path) -> None:
    with machines(1, folder, workers=1, threads=4, DEBUG="0") as [site]:
        page, _ = get(f"{site}/accounts/login/")
        files = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
        assert len(files) >= 4
        for file in files:
            _, headers = get(site + file, **{"Accept-Encoding": "gzip, deflate, br"})
            assert headers["Cache-Control"] == "max-age=315360000, public, immutable", file
            assert headers["X-Content-Type-Options"] == "nosniff", file
            assert headers["Cross-Origin-Resource-Policy"] == "same-origin", file
            assert headers["Access-Control-Allow-Origin"] is None, file
            if int(headers["Content-Length"]) > 1_000:
                assert headers["Content-Encoding"] == "br", file


def test_a_cdn_brings_styles_and_modules(folder: Path, browser: Browser) -> None:
    # What fetches files for the browser is, here, a second one that serves the same files.
    with machines(
        1, folder, workers=1, threads=4, DEBUG="0", STATIC_HOST="https://cdn.example.org"
    ) as [cdn]:
        host = cdn.replace("127.0.0.1", "localhost")
        with machines(1, folder, workers=1, threads=4, DEBUG="0", STATIC_HOST=host) as [site]:
            watch, page = Watch(), browser.new_page()
            asked: set[str] = set()
            page.on("request", lambda request: asked.add(request.url))
            watch.over(page)
            page.goto(f"{site}/accounts/login/")
            # Shown by a module only; drawn by a style sheet only.
            expect(page.get_by_role("button", name="Show the password")).to_be_visible()
            expect(page.locator("main")).not_to_have_css("background-color", "rgba(0, 0, 0, 0)")
            policy = get(f"{site}/accounts/login/")[1]["Content-Security-Policy"]
            page.close()
    assert watch.complaints == []
    files = {address for address in asked if "/static/" in address}
    assert len(files) >= 4
    assert all(address.startswith(f"{host}/static/") for address in files)
    for directive in ("script-src", "style-src", "img-src", "font-src", "manifest-src"):
        assert re.search(rf"{directive} 'self' {host}[ ;]|{directive} 'self' {host}$", policy)
    assert "connect-src 'self';" in f"{policy};"
    assert "unsafe" not in policy
