"""Passwords hashed by Werkzeug: the right one signs in and becomes Argon2; no hash can hang us."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any
from unittest.mock import patch

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import check_password, identify_hasher, is_password_usable
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts.hashers import WerkzeugPasswordHasher, is_usable_werkzeug
from accounts.models import User

# Made by Werkzeug 3.0.3 itself; the last password has 120 characters.
REAL = {
    "Sliding1Window": (
        "scrypt:32768:8:1$mMaXF3yeyqhION7X$4b4754bc772138606cc3d1301a195fba97477592ecdd2b069a3c99a0"
        "63b24b53bc1e781fde366fc868c41c606ba438d63866fa3f151afd912fc51cb29f2cc753"
    ),
    " Tr1ck\"y pass, w0rd' ": (
        "scrypt:32768:8:1$JsvlXQ8slijUEgak$b3252d2be904f3d9b5065249ba0568a45d954b1412999b835ee9c193"
        "cfc2f9faee579b310cd36af1f6e3f07ef4e82826980872b9840be8e816a1913c5ec0b683"
    ),
    "Pässwörd 1 日本": (
        "scrypt:32768:8:1$WGbHDEqQTKL3eNVL$34e7b13da7f848fbd4bd7d7fff57bca31c9598422d361a66a405217f"
        "85de080a2b398556345527e10489d038c35112da94ddce15090a7882a890d02a3fb86f55"
    ),
    "A1" + "x" * 118: (
        "scrypt:32768:8:1$NPiOMCXWhC6XIIr5$0077abab58ee395b2c5be8d56ae5e68a89cc98447f8cde3956c1f858"
        "6d9c8094cb7055932342eb0e60f96ba978308e56b6a6e819a91664a324ff670848a2af64"
    ),
}
SECRET = b"correct horse"


def pbkdf2(name: str, rounds: int) -> str:
    return hashlib.pbkdf2_hmac(name, SECRET, b"salt", rounds).hex()


OTHERS = {
    "pbkdf2 sha256": f"pbkdf2:sha256:1000$salt${pbkdf2('sha256', 1000)}",
    "pbkdf2 sha1": f"pbkdf2:sha1:1000$salt${pbkdf2('sha1', 1000)}",
    "pbkdf2 sha512": f"pbkdf2:sha512:1000$salt${pbkdf2('sha512', 1000)}",
    "pbkdf2 no rounds": f"pbkdf2:sha256$salt${pbkdf2('sha256', 600_000)}",
    "pbkdf2 bare": f"pbkdf2$salt${pbkdf2('sha256', 600_000)}",
    "scrypt bare": "scrypt$salt$"
    + hashlib.scrypt(SECRET, salt=b"salt", n=2**15, r=8, p=1, maxmem=2**28).hex(),
    "salt outside ASCII": "pbkdf2:sha1:9$sält$"
    + hashlib.pbkdf2_hmac("sha1", SECRET, "sält".encode(), 9).hex(),
    "hmac md5": f"md5$salt${hmac.new(b'salt', SECRET, 'md5').hexdigest()}",
    "hmac sha1": f"sha1$salt${hmac.new(b'salt', SECRET, 'sha1').hexdigest()}",
    "hmac sha256": f"sha256$salt${hmac.new(b'salt', SECRET, 'sha256').hexdigest()}",
    "hmac sha512": f"sha512$salt${hmac.new(b'salt', SECRET, 'sha512').hexdigest().upper()}",
    "unsalted": f"sha1$${hashlib.sha1(SECRET).hexdigest()}",  # noqa: S324
    "salted in front": f"sha224$salt${hashlib.sha224(b'salt' + SECRET).hexdigest()}",
}
HEX = "ab" * 64
REFUSED = {
    "scrypt with N=2**31": f"scrypt:{2**31}:8:1$salt${HEX}",
    "scrypt over 64 MiB": f"scrypt:{2**16}:16:1$salt${HEX}",
    "scrypt with much r": f"scrypt:2:{2**22}:1$salt${HEX}",
    "scrypt with much p": f"scrypt:32768:8:99999999$salt${HEX}",
    "scrypt with N that is no power of two": f"scrypt:32767:8:1$salt${HEX}",
    "scrypt with N=1": f"scrypt:1:8:1$salt${HEX}",
    "scrypt as OpenSSL refuses it": f"scrypt:65536:1:1$salt${HEX}",
    "scrypt with N=0": f"scrypt:0:8:1$salt${HEX}",
    "scrypt with a negative N": f"scrypt:-32768:8:1$salt${HEX}",
    "scrypt with two numbers": f"scrypt:32768:8$salt${HEX}",
    "scrypt with digits of another script": f"scrypt:३२७६८:8:1$salt${HEX}",
    "scrypt with 10,000 digits": f"scrypt:{'9' * 10_000}:8:1$salt${HEX}",
    "10**12 rounds": f"pbkdf2:sha256:{10**12}$salt${HEX[:64]}",
    "two million and one rounds": f"pbkdf2:sha256:2000001$salt${HEX[:64]}",
    "no rounds at all": f"pbkdf2:sha256:0$salt${HEX[:64]}",
    "negative rounds": f"pbkdf2:sha256:-1$salt${HEX[:64]}",
    "rounds with an underscore": f"pbkdf2:sha256:1_000$salt${HEX[:64]}",
    "rounds with a line end": f"pbkdf2:sha256:1000\n$salt${HEX[:64]}",
    "10,000 digits of rounds": f"pbkdf2:sha256:{'1' * 10_000}$salt${HEX[:64]}",
    "full-width digits": f"pbkdf2:sha256:１０００$salt${HEX[:64]}",
    "an unknown hash": f"pbkdf2:whirlpool:1000$salt${HEX}",
    "an unknown method": f"bcrypt$salt${HEX}",
    "a plain password": "plain$$secret",
    "hex of another length": f"pbkdf2:sha256:1000$salt${HEX[:62]}",
    "no hex": f"pbkdf2:sha256:1000$salt${'x' * 64}",
    "hex with a line end": f"sha1$salt${HEX[:40]}\n",
    "four parts": f"sha1$salt$more${HEX[:40]}",
    "two parts": f"sha1${HEX[:40]}",
    "a salt too long": f"sha1${'s' * 129}${HEX[:40]}",
    "a salt with a NUL": f"sha1$s\0${HEX[:40]}",
    "a salt that is no text": f"sha1$\ud800${HEX[:40]}",
    "longer than the column": f"scrypt:32768:8:1${'s' * 101}${HEX}",
    "nothing": "",
    "a dash": "-",
}


@pytest.mark.parametrize("encoded", OTHERS.values(), ids=OTHERS)
def test_the_right_password_fits_and_no_other(encoded: str) -> None:
    hasher = WerkzeugPasswordHasher()
    assert is_usable_werkzeug(encoded)
    assert hasher.verify("correct horse", f"werkzeug${encoded}")
    assert not hasher.verify("correct horse ", f"werkzeug${encoded}")
    assert not hasher.verify("", f"werkzeug${encoded}")


@pytest.mark.parametrize("encoded", REFUSED.values(), ids=REFUSED)
def test_what_has_no_bound_is_refused_before_anything_is_computed(encoded: str) -> None:
    names = "hashlib.scrypt", "hashlib.pbkdf2_hmac", "hashlib.new", "hmac.new"
    with patch(names[0]) as a, patch(names[1]) as b, patch(names[2]) as c, patch(names[3]) as d:
        assert not is_usable_werkzeug(encoded)
        assert not is_usable_werkzeug(f"werkzeug${encoded}")
        assert not check_password("secret", f"werkzeug${encoded}")
    assert not any(mock.called for mock in (a, b, c, d))


@pytest.mark.parametrize(
    "numbers", [(2, 2**18, 2), (2**15, 16, 2), (2**15, 1, 32), (2**16, 8, 2), (2, 1, 1)]
)
def test_what_is_within_the_bounds_can_be_computed(numbers: tuple[int, int, int]) -> None:
    n, r, p = numbers
    encoded = f"scrypt:{n}:{r}:{p}$salt${HEX}"
    assert is_usable_werkzeug(encoded)
    assert not WerkzeugPasswordHasher().verify("secret", f"werkzeug${encoded}")


@given(st.text() | st.from_regex(r"(scrypt|pbkdf2)(:[\w-]*){0,4}\$.*\$[0-9a-f]*"))
def test_whatever_is_stored_is_answered(encoded: str) -> None:
    hasher = WerkzeugPasswordHasher()
    stored = f"werkzeug${encoded}"
    assert set(hasher.safe_summary(stored)) == {"algorithm", "method", "salt", "hash"}
    assert is_usable_werkzeug(stored) or not check_password("secret", stored)


def test_a_wrong_password_costs_an_argon2_where_its_own_hash_is_cheap() -> None:
    hasher = WerkzeugPasswordHasher()
    with patch("accounts.hashers.make_password") as work:
        hasher.verify("wrong", f"werkzeug${OTHERS['hmac md5']}")
        hasher.verify("wrong", f"werkzeug${OTHERS['pbkdf2 sha1']}")
        hasher.verify("wrong", f"werkzeug${REFUSED['10**12 rounds']}")
        assert work.call_count == 3
        hasher.verify("wrong", f"werkzeug${OTHERS['pbkdf2 no rounds']}")
        hasher.verify("wrong", f"werkzeug${OTHERS['scrypt bare']}")
        hasher.verify("correct horse", f"werkzeug${OTHERS['hmac md5']}")
        assert work.call_count == 3


def migrated(email: str, encoded: str) -> User:
    user = User.objects.create_user(email)
    User.objects.filter(pk=user.pk).update(password=f"werkzeug${encoded}")
    EmailAddress.objects.create(user=user, email=email, primary=True, verified=True)
    user.refresh_from_db()
    return user


@pytest.mark.django_db
@pytest.mark.usefixtures("real_hashers")
@pytest.mark.parametrize(("password", "encoded"), REAL.items(), ids=range(len(REAL)))
def test_the_first_sign_in_upgrades_to_argon2(client: Client, password: str, encoded: str) -> None:
    user = migrated("bob+leet@example.org", encoded)
    data = {"login": user.email, "password": password.strip() + "?"}
    assert client.post("/accounts/login/", data).status_code == 200
    user.refresh_from_db()
    assert user.password == f"werkzeug${encoded}"
    response = client.post("/accounts/login/", data | {"password": password})
    assert response["Location"] == "/"
    user.refresh_from_db()
    assert user.password.startswith("argon2$argon2id$")
    assert client.get("/accounts/settings/").status_code == 200
    again = Client().post("/accounts/login/", data | {"password": password})
    assert again["Location"] == "/"


@pytest.mark.django_db
@pytest.mark.usefixtures("real_hashers")
def test_blanks_at_the_ends_belong_to_the_password(client: Client) -> None:
    password = " Tr1ck\"y pass, w0rd' "
    user = migrated("bob@example.org", REAL[password])
    response = client.post("/accounts/login/", {"login": user.email, "password": password.strip()})
    assert response.status_code == 200
    assert "_auth_user_id" not in client.session


@pytest.mark.django_db
@pytest.mark.usefixtures("real_hashers")
def test_a_hash_made_to_hang_signs_nobody_in_and_takes_no_time(client: Client) -> None:
    user = migrated("eve@example.org", REFUSED["scrypt with N=2**31"])
    with patch("hashlib.scrypt") as scrypt:
        response = client.post("/accounts/login/", {"login": user.email, "password": "x"})
    assert response.status_code == 200
    scrypt.assert_not_called()


@pytest.mark.django_db
@pytest.mark.usefixtures("real_hashers")
def test_the_admin_shows_a_summary_without_the_hash(admin_client: Client) -> None:
    user = migrated("bob@example.org", REAL["Sliding1Window"])
    page = admin_client.get(f"/admin/accounts/user/{user.pk}/change/").content.decode()
    assert "scrypt:32768:8:1" in page
    assert "mM**" in page
    assert "4b4754bc77" not in page


@pytest.mark.usefixtures("real_hashers")
def test_django_finds_the_hasher_by_the_stored_text() -> None:
    encoded = f"werkzeug${OTHERS['unsalted']}"
    hasher: Any = identify_hasher(encoded)
    assert isinstance(hasher, WerkzeugPasswordHasher)
    assert is_password_usable(encoded)
