"""A learner of the legacy app comes over: the old password, the same boxes, the same due cards."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from tests.e2e.browser import SCREENS, fits, press, question

LEGACY = Path(__file__).resolve().parent.parent / "data" / "legacy" / "small.sqlite3"
# The last day in the file; on it, Alice has 31 cards in boxes of 2, 1, 1, 2, 25, and 2 are due.
LAST_DAY = date(2026, 1, 6)


def as_of_today(folder: Path) -> Path:
    """The legacy file as if its last day were today."""
    path = Path(shutil.copy(LEGACY, folder / "db.sqlite3"))
    days = (timezone.now().date() - LAST_DAY).days
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE cards SET next_review = date(next_review, ? || ' days')", [days])
        db.commit()
    return path


@pytest.mark.usefixtures("transactional_db", "real_hashers")
@pytest.mark.parametrize("screen", SCREENS, indirect=True)
def test_the_old_password_opens_the_same_boxes(page: Page, tmp_path: Path) -> None:
    call_command("migrate_from_sqlite", as_of_today(tmp_path), no_progress=True)
    page.goto("/")
    page.get_by_role("link", name="Sign in").first.click()
    page.get_by_label("E-mail").fill("Alice.Ng@example.com")
    page.get_by_label("Password", exact=True).fill("Sliding1Window")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("2 cards are due today")
    fits(page)
    expect(page.locator(".drawer b.num")).to_have_text(["2", "1", "1", "2", "25"])
    expect(page.locator(".drawer .every").nth(4)).to_contain_text("30 days")
    assert User.objects.get(email="alice.ng@example.com").password.startswith("argon2$")

    press(page, "Enter")
    expect(question(page)).to_be_visible()
    press(page, "Space")
    press(page, "2")
    expect(page.get_by_text("1 done, 1 left")).to_be_visible()
    fits(page)
