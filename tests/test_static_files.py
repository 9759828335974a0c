"""Static files as in production: each is found, named by its content, and compressed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def collected(settings: Any, tmp_path: Path) -> Path:
    """The folder into which everything was collected, as `make run` and a deployment do it."""
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    return tmp_path


def test_what_pages_and_styles_name_is_there(collected: Path) -> None:
    # Collecting itself fails when a style sheet names a picture or font that is not there.
    named = {
        name
        for path in (ROOT / "templates").rglob("*.html")
        for name in re.findall(r"""{% static ["']([^"']+)["']""", path.read_text("utf-8"))
    }
    assert named
    for name in named:
        assert re.search(r"\.[0-9a-f]{12}\.", staticfiles_storage.url(name)), name


def test_scripts_and_styles_are_compressed_ahead(collected: Path) -> None:
    for path in [*collected.glob("leitner/*.css"), *collected.glob("leitner/*.js")]:
        if path.stat().st_size > 1_000:
            assert path.with_name(f"{path.name}.gz").exists(), path.name
            assert path.with_name(f"{path.name}.br").exists(), path.name


def test_a_module_imports_only_modules_that_are_there() -> None:
    folder = ROOT / "leitner/static/leitner"
    for path in folder.rglob("*.js"):
        for name in re.findall(r"""from ["'](\.[^"']+)["']""", path.read_text("utf-8")):
            assert (path.parent / name).is_file(), f"{path.name} imports {name}"
