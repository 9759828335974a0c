"""Which encoding a file is in, and its text. Nothing here raises on any bytes."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator

# Stands for bytes that mean nothing in the chosen encoding. A lone surrogate is never valid text,
# so a row that holds one is refused, and no card is stored with a wrong letter in it.
UNREADABLE = "\udfff"

# Offered on the preview page, the ones found automatically first.
ENCODINGS = (
    "utf-8",
    "utf-16-le",
    "utf-16-be",
    "cp1252",
    "cp1250",
    "cp1251",
    "cp1253",
    "cp1254",
    "cp1255",
    "cp1256",
    "shift_jis",
    "gb18030",
    "big5",
    "euc_kr",
)

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CHUNK = 64 * 1024
_ENDS = b"\t\n\r"
# Zip (.apkg, .xlsx, .ods), gzip, zstandard, PDF, old Office files, SQLite, pictures.
_BINARY = (
    *(b"PK\x03\x04", b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"%PDF-", b"\xd0\xcf\x11\xe0"),
    *(b"SQLite format 3\x00", b"\x89PNG", b"\xff\xd8\xff", b"GIF8"),
)


def _mark_unreadable(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return UNREADABLE, error.end


codecs.register_error("leitner-mark", _mark_unreadable)


def detect(data: bytes) -> str:
    """The name of the encoding, one of `ENCODINGS`."""
    for bom, name in _BOMS:
        if data.startswith(bom):
            return name
    if name := _utf16_without_bom(data[:_CHUNK]):
        return name
    return "utf-8" if _is_mostly_utf8(data) else "cp1252"


def is_binary(data: bytes, encoding: str) -> bool:
    """Whether this is no text at all: an Anki package, a spreadsheet, a picture ..."""
    if data.startswith(_BINARY):
        return True
    text = open_text(data[:_CHUNK], encoding).read()
    controls = sum(char < " " and char not in "\t\n\r\f\v" for char in text)
    return controls > 8 and controls * 20 > len(text)


def open_text(data: bytes, encoding: str, *, keep_newlines: bool = True) -> io.TextIOWrapper:
    """The text, decoded as it is read; without its byte order mark.

    Unreadable bytes become `UNREADABLE`. Line ends stay as they are, or all become a line feed.
    """
    stream = io.BytesIO(data)
    for bom, name in _BOMS:
        if name == encoding and data.startswith(bom):
            stream.seek(len(bom))
    newline = "" if keep_newlines else None
    return io.TextIOWrapper(stream, encoding, errors="leitner-mark", newline=newline)


def _utf16_without_bom(sample: bytes) -> str:
    """Tabs and line ends have a zero byte, always on the same side; a text of Latin letters, too.

    A stray NUL in a file of single bytes is no such sign.
    """
    if 0 not in sample:
        return ""
    even, odd = sample[0::2], sample[1::2]
    ends = sum(map(sample.count, _ENDS))
    little = sum(low in _ENDS and high == 0 for low, high in zip(even, odd, strict=False))
    big = sum(low in _ENDS and high == 0 for high, low in zip(even, odd, strict=False))
    if max(little, big) * 2 < ends or (not ends and max(even.count(0), odd.count(0)) < len(odd)):
        return ""
    if little == big:
        little, big = odd.count(0), even.count(0)
    return "utf-16-le" if little > big else "utf-16-be"


def _is_mostly_utf8(data: bytes) -> bool:
    """Whether it is UTF-8; a few damaged bytes among many good letters do not make it another."""
    try:
        for _text in codecs.iterdecode(_chunks(data), "utf-8"):
            pass
        return True
    except UnicodeDecodeError:
        pass
    good = bad = 0
    for text in codecs.iterdecode(_chunks(data), "utf-8", errors="leitner-mark"):
        marks = text.count(UNREADABLE)
        bad += marks
        good += len(text) - len(text.encode("ascii", "ignore")) - marks
    return good > bad * 10


def _chunks(data: bytes) -> Iterator[bytes]:
    for start in range(0, len(data), _CHUNK):
        yield data[start : start + _CHUNK]
