"""10,000 learners reminded in one run, over real SMTP, out of a PostgreSQL as in production.

ours     `manage.py send_reminders`, from its start to its end: who, what is due, claims, mails;
again    the same once more, with nobody left to remind;
bare     smtplib alone, which sends as many mails of the same bytes over one connection.
Each is a process of its own; what the mail server (aiosmtpd) does is not counted. Every second
learner has cards due, 20 in 2 of their decks. BENCH_SCALE=0.01 takes fewer.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.benchmarks import million
from tests.mail_server import MailServer, mail_server

LEARNERS = max(20, int(20_000 * million.SCALE))
CARDS = 20
ROOT = Path(__file__).resolve().parent.parent.parent


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="leitner-bench-") as home:
        if not os.environ.get("DJANGO_SETTINGS_MODULE"):
            million._set_up_django(Path(home))
        fill()
        with mail_server() as server:
            env = {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(server.port), "EMAIL_USE_TLS": "0"}
            command = [sys.executable, "manage.py", "send_reminders"]
            ours = measured(command, env)
            mails, example = len(server.messages), server.last
            again = measured(command, env)
            if len(server.messages) != mails or mails != LEARNERS // 2:
                raise SystemExit(f"{len(server.messages):,} mails instead of {LEARNERS // 2:,}.")
            bare = measured(bare_command(server, mails, Path(home), example), env)
    print(
        f"{mails:,} mails to {LEARNERS:,} learners whose hour has come, {len(example):,} bytes each"
    )
    print(f"{'':8}{'seconds':>9}{'mails/s':>9}{'CPU s':>8}{'CPU ms/mail':>13}{'MB':>6}")
    for name, run, count in (("ours", ours, mails), ("again", again, 0), ("bare", bare, mails)):
        rate = f"{count / run['seconds']:9,.0f}" if count else f"{'':9}"
        each = f"{1000 * run['client'] / count:13.2f}" if count else f"{'':13}"
        print(f"{name:8}{run['seconds']:9.1f}{rate}{run['client']:8.1f}{each}{run['mb']:6.0f}")


def fill() -> None:
    """Learners whose hour was a minute ago; every second one has cards due."""
    from allauth.account.models import EmailAddress
    from django.db import connection

    from accounts.models import User
    from cards.models import Card, Deck

    now = dt.datetime.now(dt.UTC)
    hour = {"remind_at": now.hour, "next_reminder": now - dt.timedelta(minutes=1)}
    users = User.objects.bulk_create(
        [
            User(email=f"reminded{number}@example.org", password="!", **hour)
            for number in range(LEARNERS)
        ]
    )
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, verified=True, primary=True) for user in users
    )
    with_cards = users[::2]
    names = ("Spanish verbs", "Latin")
    decks = [
        Deck.objects.bulk_create(Deck(owner=user, name=name) for user in with_cards)
        for name in names
    ]
    day = now.date() - dt.timedelta(days=2)
    for start in range(0, len(with_cards), 1000):
        Card.objects.bulk_create(
            Card(owner=user, deck=decks[card % 2][index], box=2, due=day, front=f"Front {card}")
            for index, user in enumerate(with_cards[start : start + 1000], start)
            for card in range(CARDS)
        )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    connection.close()


def bare_command(server: MailServer, mails: int, home: Path, example: bytes) -> list[str]:
    """A process that only sends."""
    (home / "example.eml").write_bytes(example)
    lines = (
        "import pathlib, smtplib, sys",
        "post = smtplib.SMTP('127.0.0.1', int(sys.argv[1]))",
        "mail = pathlib.Path(sys.argv[2]).read_bytes()",
        "for _ in range(int(sys.argv[3])): post.sendmail('a@example.org', ['b@example.org'], mail)",
    )
    arguments = (str(server.port), str(home / "example.eml"), str(mails))
    return [sys.executable, "-c", "\n".join(lines), *arguments]


def measured(command: list[str], env: dict[str, str]) -> dict[str, Any]:
    """Run it: seconds, CPU seconds of it, MB of its memory."""
    costs = [sys.executable, "-m", "tests.benchmarks.costs", *command]
    done = subprocess.run(costs, cwd=ROOT, env=os.environ | env, stdout=subprocess.PIPE, check=True)
    run: dict[str, Any] = json.loads(done.stdout)
    return run


if __name__ == "__main__":
    main()
