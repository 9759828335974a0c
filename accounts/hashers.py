"""How passwords are kept: Argon2; and Werkzeug's hashes, until their first sign-in here."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.hashers import (
    Argon2PasswordHasher,
    BasePasswordHasher,
    make_password,
    mask_hash,
)
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_noop as _

PREFIX = "werkzeug$"
STORED_MAX = 255  # as the column

# What a sign-in may cost at most: about half a second and 64 MiB.
SCRYPT_MEMORY_MAX = 64 * 1024 * 1024
SCRYPT_WORK_MAX = 2**20  # N * r * p
ROUNDS_MAX = 2_000_000
# Below these, trying one password is much cheaper than with Argon2.
SCRYPT_WORK_SLOW, ROUNDS_SLOW = 2**17, 100_000

DEFAULT_ROUNDS = 600_000  # of Werkzeug 3.0, when the hash names none
DEFAULT_SCRYPT = (2**15, 8, 1)
_HEX_LENGTHS = {"md5": 32, "sha1": 40, "sha224": 56, "sha256": 64, "sha384": 96, "sha512": 128}
_SCRYPT_HEX_LENGTH = 128
_NUMBER = "[1-9][0-9]{0,7}"
_METHOD = re.compile(
    rf"scrypt(?::(?P<n>{_NUMBER}):(?P<r>{_NUMBER}):(?P<p>{_NUMBER}))?"
    rf"|pbkdf2(?::(?P<hash>[a-z0-9]+)(?::(?P<rounds>{_NUMBER}))?)?"
    r"|(?P<digest>[a-z0-9]+)"
)
_SALT = re.compile(r"[^$\x00-\x1f\x7f\ud800-\udfff]{0,128}")
_HEX = re.compile("[0-9a-fA-F]{32,128}")


class FrugalArgon2PasswordHasher(Argon2PasswordHasher):
    """Argon2id with 19 MiB, two passes, one lane: OWASP's Password Storage Cheat Sheet.

    Django's own 100 MiB a sign-in would fill a machine of 512 MB when a class of pupils signs in at
    nine o'clock. Hashes with other parameters are renewed at the next sign-in.
    """

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1


@dataclass(frozen=True, slots=True)
class _Legacy:
    """A hash taken apart and found to be within the bounds; `scrypt` is N, r and p."""

    method: str  # "scrypt", "pbkdf2" or "digest"
    salt: bytes
    digest: str  # hexadecimal, lower case
    hash_name: str = ""
    rounds: int = 0
    scrypt: tuple[int, int, int] = DEFAULT_SCRYPT

    @property
    def slow(self) -> bool:
        """Whether trying a password takes about as long as with Argon2."""
        n, r, p = self.scrypt
        if self.method == "scrypt":
            return n * r * p >= SCRYPT_WORK_SLOW
        return self.rounds >= ROUNDS_SLOW

    def candidates(self, password: str) -> list[str]:
        """What the digest may be, in hexadecimal, if `password` is the right one."""
        secret = password.encode("utf-8", "surrogatepass")
        if self.method == "scrypt":
            n, r, p = self.scrypt
            raw = hashlib.scrypt(secret, salt=self.salt, n=n, r=r, p=p, maxmem=2**28)
            return [raw.hex()]
        if self.method == "pbkdf2":
            return [hashlib.pbkdf2_hmac(self.hash_name, secret, self.salt, self.rounds).hex()]
        plain = hashlib.new(self.hash_name, self.salt + secret).hexdigest()
        if not self.salt:
            return [plain]
        return [hmac.new(self.salt, secret, self.hash_name).hexdigest(), plain]


def is_usable_werkzeug(encoded: str) -> bool:
    """Whether a password can be checked against this hash, and at a bounded cost.

    `encoded` is a hash as Werkzeug writes it, or the same as stored, behind "werkzeug$". Nothing is
    computed.
    """
    return _parse(encoded) is not None


class WerkzeugPasswordHasher(BasePasswordHasher):
    """Checks "werkzeug$" and a hash as Werkzeug wrote it; it makes none.

    It stands behind Argon2 in the settings, and so Django hashes anew at the first sign-in. A hash
    whose cost has no bound is refused before anything is computed.
    """

    algorithm = "werkzeug"

    def verify(self, password: str, encoded: str) -> bool:
        legacy = _parse(encoded)
        right = legacy is not None and any(
            constant_time_compare(legacy.digest, found) for found in legacy.candidates(password)
        )
        if not right and not (legacy and legacy.slow):
            # An answer that comes at once would tell that there is an account.
            make_password(password)
        return right

    def must_update(self, encoded: str) -> bool:
        return True

    def harden_runtime(self, password: str, encoded: str) -> None:
        """Nothing: it is for passwords that stay with their hasher, and none stays with this."""

    def decode(self, encoded: str) -> dict[str, Any]:
        """The parts as they are stored; empty ones where it is no such hash."""
        method, salt, digest = [*encoded.removeprefix(PREFIX).split("$", 2), "", ""][:3]
        return {"algorithm": self.algorithm, "method": method, "salt": salt, "hash": digest}

    def safe_summary(self, encoded: str) -> dict[Any, Any]:
        decoded = self.decode(encoded)
        return {
            _("algorithm"): decoded["algorithm"],
            _("method"): decoded["method"],
            _("salt"): mask_hash(decoded["salt"], show=2),
            _("hash"): mask_hash(decoded["hash"]),
        }


def _parse(encoded: str) -> _Legacy | None:
    """The parts of a hash whose cost has a bound; None when it is anything else."""
    if len(PREFIX) + len(encoded.removeprefix(PREFIX)) > STORED_MAX:
        return None
    method, *rest = encoded.removeprefix(PREFIX).split("$")
    match = _METHOD.fullmatch(method)
    if match is None or len(rest) != 2 or not _SALT.fullmatch(rest[0]):
        return None
    if not _HEX.fullmatch(rest[1]):
        return None
    legacy = _with_costs(method, match, rest[0].encode(), rest[1].lower())
    length = _HEX_LENGTHS.get(legacy.hash_name, _SCRYPT_HEX_LENGTH)
    return legacy if _bounded(legacy) and len(legacy.digest) == length else None


def _with_costs(method: str, match: re.Match[str], salt: bytes, digest: str) -> _Legacy:
    if match["digest"] is None and method.startswith("scrypt"):
        scrypt = (int(match["n"]), int(match["r"]), int(match["p"])) if match["n"] else None
        return _Legacy("scrypt", salt, digest, scrypt=scrypt or DEFAULT_SCRYPT)
    if match["digest"] is None:
        rounds = int(match["rounds"] or DEFAULT_ROUNDS)
        return _Legacy("pbkdf2", salt, digest, hash_name=match["hash"] or "sha256", rounds=rounds)
    return _Legacy("digest", salt, digest, hash_name=match["digest"])


def _bounded(legacy: _Legacy) -> bool:
    """Whether the method is known and its cost is within the bounds above."""
    if legacy.method != "scrypt":
        return legacy.hash_name in _HEX_LENGTHS and legacy.rounds <= ROUNDS_MAX
    n, r, p = legacy.scrypt
    power_of_two = n > 1 and n & (n - 1) == 0
    # OpenSSL wants N < 2**(16 * r).
    possible = power_of_two and (r > 1 or n < 2**16)
    return possible and 128 * n * r <= SCRYPT_MEMORY_MAX and n * r * p <= SCRYPT_WORK_MAX
