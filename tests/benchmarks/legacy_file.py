"""A legacy SQLite file of any size, the same in every run, as years of use would have left it.

10,000 users with 100 cards each (BENCH_SCALE scales the users). Of the cards 12 % have no note and
20 % no link, 15 % were never reviewed, and about a quarter are due. Notes are 50 to 600 characters
long, with line ends, quotes and other scripts; some addresses are in mixed case.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import accumulate
from pathlib import Path

USERS = max(1, int(10_000 * float(os.environ.get("BENCH_SCALE", "1"))))
CARDS_EACH, NOTES = 100, 10_000
TODAY = dt.datetime.now(dt.UTC).date()
INTERVALS = {1: 1, 2: 3, 3: 7, 4: 14, 5: 30}

SCHEMA = """
CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, email TEXT UNIQUE NOT NULL,
    password_hash TEXT NOT NULL, created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP);
CREATE TABLE cards (id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE, title TEXT NOT NULL,
    link TEXT, idea TEXT, solved_date DATE NOT NULL, leitner_box INTEGER NOT NULL DEFAULT 1,
    next_review DATE NOT NULL, last_reviewed DATE,
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP);
"""
TITLES = "Binary Search", "Größter Teiler", "二分探索", "Обход графа", "Rotate List", "Añadir nodo"
PHRASES = (
    "keep two indices and move the slower one",
    'the "obvious" way is quadratic',
    "it's the complement that is counted",
    "prüfe zuerst den leeren Fall",
    "граф может быть несвязным",
    "配列をソートしてから走査する",
    "store the parent, not the depth",
    "mid = lo + (hi - lo) // 2",
    "sum(x for x in row if x) → linear",
    "C:\\path style escapes need care",
)
GLUE = ", ", ". ", "\n", "\r\n", "; ", "\n- "
NAMES = "ada", "Bo", "çelik", "dora", "Eve"
DOMAINS = "example.org", "Example.com", "mail.example.net"

Row = tuple[object, ...]


def write_legacy(path: Path) -> int:
    """Write the file; how many rows it holds."""
    dice = random.Random(3)
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        file.executescript(f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; {SCHEMA}")
        file.execute("BEGIN")
        file.executemany("INSERT INTO users VALUES (?, ?, ?, ?)", _users(dice))
        file.executemany("INSERT INTO cards VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", _cards(dice))
        file.execute("COMMIT")
        file.execute("CREATE INDEX cards_of_user ON cards (user_id)")
    return USERS + USERS * CARDS_EACH


def _users(dice: random.Random) -> Iterator[Row]:
    for number in range(1, USERS + 1):
        email = f"{dice.choice(NAMES)}{number}@{dice.choice(DOMAINS)}"
        yield number, email, _hash(number), f"{_day(750)} {_time(dice)}"


def _hash(number: int) -> str:
    """What Werkzeug's hashes look like; nobody signs in with these."""
    salt = f"{number:016x}"
    digest = hashlib.sha512(salt.encode()).hexdigest()
    if number % 3:
        return f"scrypt:32768:8:1${salt}${digest}"
    return f"pbkdf2:sha256:600000${salt}${digest[:64]}"


def _cards(dice: random.Random) -> Iterator[Row]:
    notes = [_note(dice) for _ in range(NOTES)]
    for pk in range(1, USERS * CARDS_EACH + 1):
        user = (pk - 1) // CARDS_EACH + 1
        title = f"{dice.choice(TITLES)} {pk}"
        link = f"https://leetcode.com/problems/number-{pk}/?of={user}"
        note = None if dice.random() < 0.12 else f"{pk}. {dice.choice(notes)}"
        yield (pk, user, title, None if dice.random() < 0.2 else link, note, *_course(dice))


def _course(dice: random.Random) -> Row:
    """Solved on, box, next review, last review, created at."""
    solved = dice.randint(60, 700)
    created = f"{_day(solved)} {_time(dice)}"
    box = dice.choices((1, 2, 3, 4, 5), (30, 25, 20, 15, 10))[0]
    late = dice.randint(0, 40) if dice.random() < 0.25 else -dice.randint(1, INTERVALS[box])
    if dice.random() < 0.15:
        return _day(solved), 1, _day(late), None, created
    return _day(solved), box, _day(late), _day(late + INTERVALS[box]), created


def _note(dice: random.Random) -> str:
    length = dice.randint(50, 600)
    parts = [dice.choice(PHRASES) + dice.choice(GLUE) for _ in range(40)]
    enough = next(i for i, size in enumerate(accumulate(map(len, parts))) if size >= length)
    return "".join(parts[: enough + 1])[:length]


def _day(ago: int) -> str:
    return (TODAY - dt.timedelta(days=ago)).isoformat()


def _time(dice: random.Random) -> str:
    return f"{dice.randrange(24):02}:{dice.randrange(60):02}:{dice.randrange(60):02}"
