"""Backups that only their owner can read: age (age-encryption.org), streamed, by pyrage.

Recipients are public keys (`age1...` or `ssh-ed25519 ...`), identities the secret keys that belong
to them. pyrage is imported when something is encrypted, so that whoever does not pays nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from backups.errors import TransferError
from backups.files import new_file, read_file

NO_RECIPIENT = (
    "{} is no public key of age. BACKUP_AGE_RECIPIENTS takes what `age-keygen` prints as public "
    "key (age1...) or a line that begins with ssh-ed25519, separated by commas."
)
NO_IDENTITY = (
    "BACKUP_AGE_IDENTITY is no secret key. It takes what `age-keygen` wrote (AGE-SECRET-KEY-1...) "
    "or the text of an ssh-ed25519 key without a passphrase; BACKUP_AGE_IDENTITY_FILE names a file "
    "that holds it."
)
_WRONG_KEY = (
    "The keys in BACKUP_AGE_IDENTITY do not open {}: it was encrypted for others, or its beginning "
    "is damaged. Set it to the secret key of a recipient that was in force at that time."
)
_DAMAGED = (
    "{} is damaged or cut off: it cannot be decrypted. Take the same backup from another "
    "destination, or an earlier one."
)


def encrypt(source: Path, target: Path, recipients: Sequence[str]) -> None:
    """Write `source` to the new file `target`, readable by the owner of any of these keys.

    TransferError when a recipient is none or the disk is full; then `target` is not there.
    """
    import pyrage

    keys = parsed_recipients(recipients)
    with read_file(source) as read, new_file(target) as write:
        pyrage.encrypt_io(read, write, keys)


def decrypt(source: Path, target: Path, identities: str) -> None:
    """Write what is in `source` to the new file `target`; `identities` as in BACKUP_AGE_IDENTITY.

    TransferError when no key fits, the file is damaged or cut off, or the disk is full; then
    `target` is not there.
    """
    import pyrage

    keys = parsed_identities(identities)
    with read_file(source) as read, new_file(target) as write:
        try:
            pyrage.decrypt_io(read, write, keys)
        except (pyrage.DecryptError, OSError) as error:
            words = _WRONG_KEY if "No matching keys" in str(error) else _DAMAGED
            raise TransferError(words.format(source.name)) from error


def parsed_recipients(recipients: Sequence[str]) -> list[Any]:
    """The public keys for pyrage; TransferError names the one that is none."""
    import pyrage

    keys = []
    for text in recipients:
        kind = pyrage.ssh if text.startswith("ssh-") else pyrage.x25519
        try:
            keys.append(kind.Recipient.from_str(text))
        except pyrage.RecipientError:
            raise TransferError(NO_RECIPIENT.format(_shown(text))) from None
    if not keys:
        raise TransferError("Nothing can be encrypted: BACKUP_AGE_RECIPIENTS names no key.")
    return keys


def parsed_identities(text: str) -> list[Any]:
    """The secret keys for pyrage: one SSH key, or a line for each of age's; # begins a comment."""
    import pyrage

    lines = [line.strip() for line in text.splitlines()]
    try:
        if text.lstrip().startswith("-----BEGIN"):
            return [pyrage.ssh.Identity.from_buffer(text.strip().encode() + b"\n")]
        keys = [
            pyrage.x25519.Identity.from_str(line)
            for line in lines
            if line and not line.startswith("#")
        ]
    except pyrage.IdentityError:
        raise TransferError(NO_IDENTITY) from None
    if not keys:
        raise TransferError(
            "This backup is encrypted, and BACKUP_AGE_IDENTITY holds no key to read it with."
        )
    return keys


def _shown(recipient: str) -> str:
    """Enough to find it; a secret key that was put there by mistake is not repeated."""
    secret = recipient.upper().startswith("AGE-SECRET-KEY") or "PRIVATE KEY" in recipient
    return "A secret key" if secret else repr(recipient[:40])
