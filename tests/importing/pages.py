"""The import pages as a learner's browser sees and sends them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from bs4 import BeautifulSoup
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from cards.models import Import


def upload(client: Client, data: bytes, name: str = "words.csv") -> Import:
    response = client.post("/import/", {"file": SimpleUploadedFile(name, data)})
    assert response.status_code == 302, response.content.decode()
    return Import.objects.get(pk=int(response["Location"].rstrip("/").rsplit("/", 1)[-1]))


def page(client: Client, source: Import, status: int = 200, **choices: str) -> BeautifulSoup:
    response = client.get(f"/import/{source.pk}/?{urlencode(choices)}")
    assert response.status_code == status
    return BeautifulSoup(response.content, "html.parser")


def counts(soup: BeautifulSoup) -> list[int]:
    """new, had already, twice in the file, refused"""
    return [int(dd.text.replace(",", "")) for dd in soup.select(".counts dd")]


def filled(soup: BeautifulSoup) -> dict[str, str]:
    """What the browser would send if the learner changed nothing."""
    data: dict[str, str] = {}
    form = soup.select_one("form[action$='/apply/']")
    assert form is not None
    for field in form.select("input[name], select[name]"):
        name = str(field["name"])
        if field.name == "select":
            chosen = field.select_one("option[selected]") or field.select_one("option")
            data[name] = str(chosen["value"]) if chosen else ""
        elif field.get("type") != "radio" or field.has_attr("checked"):
            data[name] = str(field.get("value", ""))
    return data


def apply(client: Client, source: Import, **more: str) -> Any:
    """Look at the preview, then import it as it is, with other values for what decides nothing."""
    data = filled(page(client, source)) | {"do": "import"} | more
    return client.post(f"/import/{source.pk}/apply/", data, follow=True)
