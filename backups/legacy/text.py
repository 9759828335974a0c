"""Texts and e-mail addresses of the legacy app, whatever somebody stored in their place.

Pure: standard library only.
"""

from __future__ import annotations

import codecs
import re
import unicodedata

from backups.legacy.dates import Value

EMAIL_MAX = 254
REPLACEMENT = "\ufffd"
_BLANK_OR_CONTROL = re.compile(r"[\s\x00-\x1f\x7f-\x9f]")

NUL = f"NUL characters, which PostgreSQL cannot hold, became {REPLACEMENT}."
NOT_UTF8 = "Bytes that are not UTF-8 were read as Windows-1252."
BLOB = "Bytes in the place of a text were read as UTF-8 text."
NUMBER = "A number in the place of a text became its digits."


def _as_1252(error: UnicodeError) -> tuple[str, int]:
    """The bytes that are not UTF-8, each for itself; five of them have no sign there: Latin-1."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    bad = error.object[error.start : error.end]
    return "".join(_SIGNS[byte] for byte in bad), error.end


_SIGNS = [
    bytes([byte]).decode("cp1252", "ignore") or bytes([byte]).decode("latin-1")
    for byte in range(256)
]
codecs.register_error("backups-1252", _as_1252)


def read_text(value: Value, rules: list[str]) -> str:
    """The text that was meant, "" for NULL; what had to be done is added to `rules`.

    A value of type bytes is a BLOB, or a TEXT that is not UTF-8.
    """
    if value is None:
        return ""
    if isinstance(value, bytes):
        try:
            text = value.decode()
            rules.append(BLOB)
        except UnicodeDecodeError:
            text = value.decode("utf-8", "backups-1252")
            rules.append(NOT_UTF8)
    elif isinstance(value, str):
        text = value
    else:
        text = str(value)
        rules.append(NUMBER)
    if "\0" in text:
        text = text.replace("\0", REPLACEMENT)
        rules.append(NUL)
    return text


class BadAddress(Exception):
    """No account can have this e-mail address; the message is a sentence that says why."""


def read_email(value: Value) -> str:
    """The address in the one form that accounts are kept under; BadAddress when it cannot be one.

    Without blanks around, composed (NFC), in lower case.
    """
    if isinstance(value, bytes):
        try:
            value = value.decode()
        except UnicodeDecodeError:
            raise BadAddress("The e-mail address has bytes that are not UTF-8.") from None
    text = "" if value is None else str(value).strip()
    email = unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).lower())
    local, _, domain = email.rpartition("@")
    if not email:
        raise BadAddress("The e-mail address is empty.")
    if not local or not domain or "@" in local:
        raise BadAddress("The e-mail address is none: it needs one @ with something on both sides.")
    if _BLANK_OR_CONTROL.search(email):
        raise BadAddress("The e-mail address has blanks or control characters inside.")
    if set(email) & set("<>\\"):
        # A backslash also stands before the odd bytes in a rejects file that nobody mended.
        raise BadAddress("The e-mail address has <, > or a backslash inside.")
    if len(email) > EMAIL_MAX:
        raise BadAddress(f"The e-mail address is longer than {EMAIL_MAX} characters.")
    return email
