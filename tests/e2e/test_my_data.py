"""A learner takes their data along, brings them back and deletes the account, in a browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from cards.models import Card
from tests.e2e.browser import SCREENS, fits
from tests.factories import PASSWORD, make_card, make_deck


@pytest.mark.parametrize("screen", SCREENS, indirect=True)
def test_data_are_downloaded_restored_and_deleted_with_the_account(
    alice_page: Page, alice: User, tmp_path: Path
) -> None:
    page = alice_page
    make_card(alice, deck=make_deck(alice, "Español"), front="سلام")
    page.goto("/accounts/settings/")
    fits(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download my data").click()
    path = tmp_path / "mine.zip"
    download.value.save_as(path)
    Card.objects.filter(owner=alice).delete()
    page.get_by_role("link", name="Restore my data from a file").click()
    fits(page)
    form = page.locator("form[data-patience]")
    form.dispatch_event("submit")
    expect(form.get_by_role("status")).to_contain_text("Your file is being read")
    expect(form.get_by_role("button", name="Show a preview")).to_be_disabled()
    page.reload()
    page.get_by_label("Your file").set_input_files(path)
    page.get_by_role("button", name="Show a preview").click()
    row = page.get_by_role("row", name="Cards")
    expect(row.get_by_role("cell")).to_have_text(["1", "0", "0"])
    fits(page)
    page.get_by_role("button", name="Restore", exact=True).click()
    expect(page.get_by_role("heading", name="Your data are back")).to_be_visible()
    fits(page)
    assert Card.objects.of(alice).get().front == "سلام"
    page.get_by_role("link", name="Back to the settings").click()
    page.get_by_role("link", name="Delete my account").click()
    fits(page)
    page.get_by_role("button", name="Delete everything").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", name="Your account is deleted")).to_be_visible()
    fits(page)
    assert not User.objects.filter(pk=alice.pk).exists()
