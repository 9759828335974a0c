"""How often: the one list of limits. docs/operations/limits.md tells it to operators.

RATE_LIMITS changes the rates, by name. Signed in, a learner is counted by account, so that those
who share an address do not stand in each other's way.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Limit:
    """`rate` is "600/5m": so many within five minutes (or s, h, d).

    `by`: `account` (the address, for those who are signed out), `address`, or `email`, the address
    that was typed. `views` are names of addresses; `x:*` is all that begin with `x:`. What only
    reads counts where `reading` is set.
    """

    rate: str
    by: Literal["account", "address", "email"] = "account"
    views: tuple[str, ...] = ()
    reading: bool = False


LIMITS = {
    # Four a second for five minutes: nobody learns so fast, an app that was offline may catch up.
    "answer": Limit("1200/5m", views=("cards:review-answer", "cards:review-undo")),
    "write": Limit(
        "600/5m",
        views=(
            "cards:add",
            "cards:card-edit",
            "cards:card-delete",
            "cards:card-suspend",
            "cards:undo-delete",
            "cards:decks",
            "cards:deck-rename",
            "cards:deck-delete",
            "accounts:settings",
        ),
    ),
    "bulk": Limit("120/5m", views=("cards:cards-bulk", "cards:backlog", "cards:boxes-change")),
    # Asked for while a card is typed.
    "preview": Limit("1500/5m", views=("cards:card-preview",)),
    "browse": Limit("300/5m", views=("cards:browse", "cards:deck"), reading=True),
    "statistics": Limit("120/5m", views=("cards:statistics",), reading=True),
    "import": Limit("30/10m", views=("cards:import", "cards:import-apply", "cards:import-undo")),
    # The file is read again for each choice on that page.
    "import-preview": Limit("120/10m", views=("cards:import-preview",), reading=True),
    "export": Limit("20/10m", views=("cards:export",), reading=True),
    "own-data": Limit("20/10m", views=("backups:*",)),
    # A school is one address: 200 pupils sign in at nine o'clock, and some mistype.
    "sign-in": Limit(
        "600/10m",
        by="address",
        views=(
            "account_login",
            "account_confirm_login_code",
            "admin:login",
            "mfa_authenticate",
            "mfa_login_webauthn",
        ),
    ),
    "sign-up": Limit("240/h", by="address", views=("account_signup",)),
    "reset": Limit(
        "100/10m",
        by="address",
        views=("account_reset_password", "account_reset_password_from_key"),
    ),
    # Nobody's mailbox is filled by others.
    "mail": Limit("10/30m", by="email", views=("account_reset_password", "account_signup")),
    # The servers of a few mail programs press it for all of their people.
    "unsubscribe": Limit("1200/5m", by="address", views=("accounts:reminders-stop",)),
    # django-allauth counts these two, and says so in the form: wrong passwords and codes.
    "wrong-from-address": Limit("100/10m", by="address"),
    "wrong-for-account": Limit("5/5m"),
    "account": Limit(
        "30/10m",
        views=(
            "account_email",
            "account_change_password",
            "account_set_password",
            "account_reauthenticate",
            "accounts:session-end",
            "usersessions_list",
            "mfa_*",
        ),
    ),
    "admin": Limit("600/5m", views=("admin:*",)),
    # Whatever else is sent.
    "other": Limit("300/5m", views=("*",)),
}
RATE = re.compile(r"[0-9]{1,9}/(?:[1-9][0-9]{0,3})?[smhd]")


def rates(text: str) -> dict[str, str]:
    """All rates by name, those in `text` ("sign-in=1000/10m, export=off") as it says; "" is off.

    ValueError, with a sentence, for what is neither a limit nor a rate.
    """
    found = {name: limit.rate for name, limit in LIMITS.items()}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, rate = (each.strip() for each in part.partition("="))
        if name not in LIMITS:
            raise ValueError(f"There is no limit {name!r}; there are {', '.join(LIMITS)}.")
        if rate != "off" and not RATE.fullmatch(rate):
            raise ValueError(f"{name}={rate} is no rate; write {name}={found[name]} or {name}=off.")
        found[name] = "" if rate == "off" else rate
    return found


def limits_of(view: str) -> list[str]:
    """The names of the limits that hold for the view of this name."""
    exact = [name for name, limit in LIMITS.items() if view in limit.views]
    if exact:
        return exact
    for name, limit in LIMITS.items():
        if any(each.endswith("*") and view.startswith(each[:-1]) for each in limit.views):
            return [name]
    return []


def for_allauth(rates: dict[str, str]) -> dict[str, str]:
    """ACCOUNT_RATE_LIMITS: wrong passwords and codes, which only it sees; the rest is done here."""
    ours = "login signup reset_password reset_password_from_key change_password manage_email"
    found = dict.fromkeys(f"{ours} reauthenticate".split(), "")
    wrong = {"ip": rates["wrong-from-address"], "key": rates["wrong-for-account"]}
    return found | {"login_failed": ",".join(f"{wrong[by]}/{by}" for by in wrong if wrong[by])}
