"""What is packed fast is unpacked by everybody."""

from __future__ import annotations

import random
import zipfile
import zlib
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from backups.archives.archive import Reader, Writer
from backups.archives.manifest import Manifest
from backups.archives.packing import fast_packer


@given(pieces=st.lists(st.binary(max_size=3_000), max_size=5), times=st.integers(0, 60))
def test_zlib_unpacks_it(pieces: list[bytes], times: int) -> None:
    packer = fast_packer()
    packed = b"".join(packer.compress(piece * times) for piece in pieces) + packer.flush()
    assert zlib.decompress(packed, -zlib.MAX_WBITS) == b"".join(piece * times for piece in pieces)


def test_an_archive_is_packed_by_it(tmp_path: Path) -> None:
    """zipfile is not asked officially: this fails when a release of Python does not take it."""
    lines = [f"{number},Word {number % 97} of a learner\r\n" for number in range(50_000)]
    text = "".join(random.Random(1).sample(lines, len(lines))).encode()
    for name, packer in [("slow.zip", None), ("fast.zip", fast_packer)]:
        writer = Writer(tmp_path / name, packer)
        with writer.table("cards_card", ["id", "front"]) as (file, rows):
            for start in range(0, len(text), 64 * 1024):
                file.write(text[start : start + 64 * 1024])
            rows.append(len(lines))
        writer.close(Manifest("0.1.0", {}, "sqlite", "2026-01-06T09:40:00Z", writer.members))
        with Reader(tmp_path / name) as reader:
            assert b"".join(reader.chunks(reader.manifest.tables[0])) == text
    sizes = [_packed(tmp_path / name) for name in ("slow.zip", "fast.zip")]
    assert sizes[0] != sizes[1]
    assert max(sizes) < len(text) / 2


def _packed(path: Path) -> int:
    with zipfile.ZipFile(path) as archive:
        return archive.getinfo("cards_card.csv").compress_size
