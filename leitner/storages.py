"""Where files are kept, from one address: a folder, a bucket, or any storage for Django."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

FOLDER = "backups.places.folder.LocalFolder"
BUCKET = "backups.places.s3.Bucket"
_FORMS = (
    "It should look like s3://key:secret@host/bucket/folder, with special characters in key and "
    'secret percent-encoded, or file:///a/folder, or {"BACKEND": "...", "OPTIONS": {...}} as in '
    "Django's STORAGES."
)
# s3.eu-central-1.amazonaws.com, s3.us-west-004.backblazeb2.com, s3.fr-par.scw.cloud ...
_REGION_IN_HOST = re.compile(r"s3\.([a-z0-9-]+)\.[a-z0-9-]+\.[a-z.]+")
_BUCKET_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,62}")
# What may stand behind the question mark of s3://...
_QUERY = {"region", "tls"}


def folder(path: Path) -> dict[str, Any]:
    """An entry of STORAGES: files in a folder of this machine."""
    return {"BACKEND": FOLDER, "OPTIONS": {"location": str(path)}}


def storage(address: str) -> dict[str, Any]:
    """An entry of STORAGES. ValueError says what is wrong and repeats nothing that is secret."""
    if address.startswith("{"):
        return _entry(address)
    try:
        parts = urlsplit(address)
        _ = parts.port  # A port that is no number is refused here.
    except ValueError:
        raise ValueError(_FORMS) from None
    if parts.scheme == "file" and not parts.netloc and parts.path.startswith("/"):
        return folder(Path(unquote(parts.path)))
    if parts.scheme == "s3" and parts.hostname:
        return _bucket(parts, parts.netloc.rpartition("@")[2])
    raise ValueError(_FORMS)


def _entry(text: str) -> dict[str, Any]:
    """STORAGES' own form, as JSON."""
    try:
        entry = json.loads(text)
    except ValueError:
        raise ValueError(_FORMS) from None
    if not isinstance(entry, dict) or not isinstance(entry.get("BACKEND"), str):
        raise ValueError(_FORMS)
    if not isinstance(entry.get("OPTIONS", {}), dict) or set(entry) - {"BACKEND", "OPTIONS"}:
        raise ValueError(_FORMS)
    return entry


def _bucket(parts: SplitResult, host: str) -> dict[str, Any]:
    """Key and secret may be left out: then the machine's own role is used (as Amazon has them)."""
    name, _, inside = unquote(parts.path).strip("/").partition("/")
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    if not _BUCKET_NAME.fullmatch(name) or set(query) - _QUERY or parts.fragment:
        raise ValueError(_FORMS)
    if bool(parts.username) != bool(parts.password):
        raise ValueError(_FORMS)
    if query.get("tls", "1") not in ("0", "1"):
        raise ValueError("tls must be 1, or 0 for a server without it on a network of your own.")
    known = _REGION_IN_HOST.fullmatch(host)
    scheme = "http" if query.get("tls") == "0" else "https"
    options = {
        "bucket_name": name,
        "location": inside,
        "endpoint_url": f"{scheme}://{host}",
        "region_name": query.get("region") or (known[1] if known else "us-east-1"),
    }
    if parts.username and parts.password:
        options |= {
            "access_key": unquote(parts.username),
            "secret_key": unquote(parts.password),
        }
    return {"BACKEND": BUCKET, "OPTIONS": options}
