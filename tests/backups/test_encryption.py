"""Encrypted backups: read by the right key only, whole or not at all, and in constant memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pyrage
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from backups.errors import TransferError
from backups.places.encryption import decrypt, encrypt, parsed_identities, parsed_recipients

TEXT = b"front,back\r\n" * 30_000
PLAIN, SEALED, BACK = "leitner.zip", "leitner.zip.age", "back.zip"


def age_key() -> tuple[str, str]:
    """A new public key and its secret key."""
    identity = pyrage.x25519.Identity.generate()
    return str(identity.to_public()), str(identity)


def ssh_key() -> tuple[str, str]:
    key = Ed25519PrivateKey.generate()
    form = serialization.PrivateFormat.OpenSSH
    secret = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    public = key.public_key().public_bytes(
        serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    )
    return public.decode() + " ada@example.org", secret.decode()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / PLAIN).write_bytes(TEXT)
    return tmp_path


def sealed(folder: Path, *recipients: str) -> Path:
    encrypt(folder / PLAIN, folder / SEALED, recipients)
    return folder / SEALED


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_every_recipient_reads_what_was_written(folder: Path) -> None:
    (one, secret_one), (two, secret_two) = age_key(), ssh_key()
    path = sealed(folder, one, two)
    assert TEXT[:40] not in path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600
    for number, secret in enumerate((secret_one, secret_two)):
        decrypt(path, folder / f"{number}.zip", secret)
        assert (folder / f"{number}.zip").read_bytes() == TEXT


def test_a_file_of_keys_may_hold_comments_and_older_keys(folder: Path) -> None:
    (_, old), (public, secret) = age_key(), age_key()
    decrypt(sealed(folder, public), folder / BACK, f"# created: today\n{old}\n\n{secret}\n")
    assert (folder / BACK).read_bytes() == TEXT


def test_an_empty_file_stays_empty(folder: Path) -> None:
    (folder / PLAIN).write_bytes(b"")
    public, secret = age_key()
    decrypt(sealed(folder, public), folder / BACK, secret)
    assert (folder / BACK).read_bytes() == b""


def test_a_wrong_key_is_said_to_be_one(folder: Path) -> None:
    path = sealed(folder, age_key()[0])
    with pytest.raises(TransferError, match="it was encrypted for others, or"):
        decrypt(path, folder / BACK, age_key()[1])
    assert files(folder) == {PLAIN, SEALED}


@pytest.mark.parametrize("place", [0, 30, 100, 200, 70_000, -1])
@pytest.mark.parametrize("how", ["flipped", "cut"])
def test_a_damaged_file_leaves_nothing_half_read(folder: Path, place: int, how: str) -> None:
    public, secret = age_key()
    path = sealed(folder, public)
    data = bytearray(path.read_bytes())
    if how == "flipped":
        data[place] ^= 1
    else:
        del data[place:]
    path.write_bytes(data)
    # Whose key a file wants is in its first lines: changed there, it wants nobody's.
    words = r"leitner\.zip\.age is damaged or cut off|its beginning is damaged"
    with pytest.raises(TransferError, match=words):
        decrypt(path, folder / BACK, secret)
    assert files(folder) == {PLAIN, SEALED}


def test_a_file_that_was_never_encrypted_is_refused(folder: Path) -> None:
    with pytest.raises(TransferError, match="damaged or cut off"):
        decrypt(folder / PLAIN, folder / BACK, age_key()[1])
    assert files(folder) == {PLAIN}


@pytest.mark.parametrize(
    "text", ["age1bad", "ssh-ed25519 AAAA", "ssh-rsa AAAA", "ada@example.org", "age1" + "q" * 58]
)
def test_a_recipient_that_is_none_is_named(folder: Path, text: str) -> None:
    with pytest.raises(TransferError, match="is no public key of age") as caught:
        encrypt(folder / PLAIN, folder / SEALED, [age_key()[0], text])
    assert text[:40] in str(caught.value)
    assert files(folder) == {PLAIN}


def test_a_secret_key_in_the_wrong_place_is_not_repeated() -> None:
    secret = age_key()[1]
    with pytest.raises(TransferError, match="A secret key is no public key") as caught:
        parsed_recipients([secret])
    assert secret not in str(caught.value)


def test_no_key_at_all_is_said_to_be_missing(folder: Path) -> None:
    with pytest.raises(TransferError, match="BACKUP_AGE_RECIPIENTS names no key"):
        encrypt(folder / PLAIN, folder / SEALED, [])
    with pytest.raises(TransferError, match="BACKUP_AGE_IDENTITY holds no key"):
        decrypt(folder / PLAIN, folder / BACK, " \n# only a comment\n")


def test_a_secret_key_that_is_none_is_refused_without_repeating_it() -> None:
    for text in ("AGE-SECRET-KEY-1BAD", ssh_key()[1][:120], "my password"):
        with pytest.raises(TransferError, match="BACKUP_AGE_IDENTITY is no secret key") as caught:
            parsed_identities(text)
        assert text not in str(caught.value)


def test_nothing_is_written_over_a_file_that_is_there(folder: Path) -> None:
    (folder / SEALED).write_bytes(b"mine")
    with pytest.raises(TransferError, match="cannot be written: File exists"):
        sealed(folder, age_key()[0])
    assert (folder / SEALED).read_bytes() == b"mine"


def test_a_source_that_is_gone_is_named(tmp_path: Path) -> None:
    with pytest.raises(TransferError, match=r"gone\.zip cannot be read: No such file"):
        encrypt(tmp_path / "gone.zip", tmp_path / SEALED, [age_key()[0]])
    assert not files(tmp_path)


LIMITED = """
import resource, sys
from pathlib import Path
from backups.places.encryption import encrypt, decrypt
from backups.errors import TransferError
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
work, source, target, key = sys.argv[1:]
try:
    if work == "encrypt":
        encrypt(Path(source), Path(target), [key])
    else:
        decrypt(Path(source), Path(target), key)
except TransferError as error:
    print(error)
"""


def test_a_disk_that_is_full_at_the_very_end_is_said_to_be_full(folder: Path) -> None:
    """pyrage writes the last piece when nobody listens to it any more."""
    (folder / "small").write_bytes(bytes(99_990))
    command = [sys.executable, "-c", LIMITED, "encrypt"]
    command += [str(folder / "small"), str(folder / BACK), age_key()[0]]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "no room is left" in done.stdout
    assert not (folder / BACK).exists()


@pytest.mark.parametrize("work", ["encrypt", "decrypt"])
def test_a_full_disk_is_said_to_be_full(folder: Path, work: str) -> None:
    public, secret = age_key()
    source, target, key = sealed(folder, public), folder / BACK, secret
    if work == "encrypt":
        source, key = folder / PLAIN, public
    command = [sys.executable, "-c", LIMITED, work, str(source), str(target), key]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.startswith(f"{target} cannot be written: no room is left (File too large).")
    assert files(folder) == {PLAIN, SEALED}


MEASURED = """
import sys
from pathlib import Path
from backups.places.encryption import encrypt, decrypt
folder, public, secret = Path(sys.argv[1]), *sys.argv[2:]
encrypt(folder / "leitner.zip", folder / "leitner.zip.age", [public])
decrypt(folder / "leitner.zip.age", folder / "back.zip", secret)
status = Path("/proc/self/status").read_text()
print(status.split("VmHWM:")[1].split()[0])
"""


def test_memory_does_not_grow_with_the_file(folder: Path) -> None:
    with (folder / PLAIN).open("wb") as out:
        for _ in range(96):
            out.write(bytes(1 << 20))
    command = [sys.executable, "-c", MEASURED, str(folder), *age_key()]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert (folder / BACK).stat().st_size == 96 << 20
    assert int(done.stdout) < 50_000, "kB at the most"
