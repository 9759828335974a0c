"""A learner's first day, from sign-up to the last card, on a phone and a laptop, light and dark."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from accounts.models import User
from cards.models import Card, Review
from tests.e2e.browser import SCREENS, Screen, fits, press, question
from tests.factories import make_card, make_cards

every_screen = pytest.mark.parametrize("screen", SCREENS, indirect=True)


def today(user: User) -> dt.date:
    return user.today(timezone.now())


@every_screen
def test_from_sign_up_to_the_last_card_of_the_day(page: Page, db: None) -> None:
    page.goto("/")
    fits(page)
    page.get_by_role("link", name="Start learning").click()
    page.get_by_label("E-mail").fill("new@example.org")
    page.get_by_label("Password", exact=True).fill("correct horse battery")
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_role("heading", name="Your boxes are ready")).to_be_visible()
    fits(page)

    page.get_by_role("link", name="Add the first card").click()
    for front, back in [("uno", "one"), ("dos", "two"), ("tres", "three")]:
        page.get_by_label("Front").fill(front)
        page.get_by_label("Back").fill(back)
        press(page, "Control+Enter")
        expect(page.get_by_label("Front")).to_have_value("")
        expect(page.get_by_label("Front")).to_be_focused()
    fits(page)

    page.get_by_role("link", name="Today").click()
    page.get_by_role("link", name="Start review").click()
    expect(question(page)).to_have_text("uno")
    fits(page)
    for front in ["uno", "dos", "tres"]:
        expect(question(page)).to_have_text(front)
        page.get_by_text("Show answer").click()
        page.get_by_role(
            "button", name=re.compile("Again" if front == "dos" else "Knew it")
        ).click()
    expect(page.get_by_text("missed earlier today")).to_be_visible()
    page.get_by_text("Show answer").click()
    page.get_by_role("button", name=re.compile("Knew it")).click()
    expect(page.get_by_role("heading", name="Done for today")).to_be_visible()
    fits(page)
    boxes = dict(Card.objects.values_list("front", "box"))
    assert boxes == {"uno": 2, "dos": 1, "tres": 2}


@every_screen
def test_a_session_by_keyboard_alone_undone_and_resumed(
    alice_page: Page, alice: User, screen: Screen
) -> None:
    for number in range(3):
        make_card(alice, front=f"card {number}", back="answer", box=3, due=today(alice))
    page = alice_page
    page.goto("/")
    press(page, "Enter")
    front = question(page)
    expect(front).to_have_text("card 0")
    expect(page.get_by_text("answer", exact=True)).to_be_hidden()
    press(page, "Space")
    expect(page.get_by_text("answer", exact=True)).to_be_visible()
    press(page, "2")
    expect(front).to_have_text("card 1")
    press(page, "1")  # The answer is still hidden: nothing may happen.
    expect(front).to_have_text("card 1")
    press(page, "Space")
    press(page, "ArrowLeft")
    expect(front).to_have_text("card 2")
    press(page, "z")
    expect(front).to_have_text("card 1")
    press(page, "Space")
    press(page, "ArrowRight")
    expect(front).to_have_text("card 2")
    # Broken off and resumed: the next visit shows the same card.
    page.goto("/")
    expect(page.get_by_role("link", name="Go on")).to_be_visible()
    press(page, "Enter")
    expect(front).to_have_text("card 2")
    press(page, "Space")
    press(page, "2")
    expect(page.get_by_role("heading", name="Done for today")).to_be_visible()
    press(page, "z")
    expect(front).to_have_text("card 2")
    assert Review.objects.count() == 2


def test_keys_are_listed_and_edit_and_suspend_are_at_hand(alice_page: Page, alice: User) -> None:
    make_card(alice, front="first", box=1, due=today(alice) - dt.timedelta(days=1))
    make_card(alice, front="second", box=1, due=today(alice))
    page = alice_page
    page.goto("/review/")
    press(page, "?")
    expect(page.get_by_role("dialog")).to_contain_text("undo the last answer")
    press(page, "Escape")
    press(page, "e")
    page.get_by_label("Front").fill("mended")
    page.get_by_role("button", name="Save").first.click()
    expect(question(page)).to_have_text("mended")
    press(page, "s")
    expect(question(page)).to_have_text("second")
    assert Card.objects.get(front="mended").suspended


def test_an_impatient_double_click_answers_once(alice_page: Page, alice: User) -> None:
    make_cards(alice, 3, box=2, due=today(alice))
    page = alice_page
    page.goto("/review/")
    page.get_by_text("Show answer").click()
    page.get_by_role("button", name=re.compile("Knew it")).dblclick()
    expect(page.get_by_text("1 done, 2 left")).to_be_visible()
    assert Review.objects.count() == 1


def test_the_whole_session_works_without_javascript(
    browser: Browser, live_server: Any, alice: User, sign_in: Callable[[User], None]
) -> None:
    from django.conf import settings
    from django.test import Client

    make_cards(alice, 2, box=2, due=today(alice))
    client = Client()
    client.force_login(alice)
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies(
        [{"name": name, "value": client.cookies[name].value, "url": live_server.url}]
    )
    page = context.new_page()
    page.goto("/")
    page.get_by_role("link", name="Start review").click()
    for _ in range(2):
        page.get_by_text("Show answer").click()
        page.get_by_role("button", name=re.compile("Knew it")).click()
    expect(page.get_by_role("heading", name="Done for today")).to_be_visible()
    page.get_by_role("button", name=re.compile("Undo")).click()
    expect(page.get_by_text("Show answer")).to_be_visible()
    context.close()
    assert Review.objects.count() == 1


def test_z_takes_back_a_suspension_before_an_answer(alice_page: Page, alice: User) -> None:
    cards = make_cards(alice, 3, box=2, due=today(alice))
    page = alice_page
    page.goto("/review/")
    page.keyboard.press("Space")
    page.keyboard.press("2")
    expect(question(page)).to_have_text(cards[1].front)
    page.keyboard.press("s")
    expect(question(page)).to_have_text(cards[2].front)
    page.keyboard.press("z")
    expect(question(page)).to_have_text(cards[1].front)
    assert Review.objects.count() == 1
    assert not Card.objects.filter(suspended=True).exists()


def test_a_long_question_does_not_hide_its_answer(alice_page: Page, alice: User) -> None:
    make_card(alice, front="\n\n".join(["why"] * 40), back="because", due=today(alice))
    page = alice_page
    page.goto("/review/")
    page.keyboard.press("Space")
    expect(page.get_by_text("because")).to_be_in_viewport()


def test_escape_keeps_what_was_typed_into_the_edit_dialog(alice_page: Page, alice: User) -> None:
    make_card(alice, front="before", due=today(alice))
    page = alice_page
    page.goto("/review/")
    page.keyboard.press("e")
    page.get_by_label("Front").fill("half a thought")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.get_by_role("link", name="Edit").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page.get_by_label("Front")).to_have_value("half a thought")
    page.get_by_label("Front").press("Control+Enter")
    expect(question(page)).to_have_text("half a thought")
