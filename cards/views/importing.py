"""A text file: upload, preview, decision, and the way back. Until the decision, no card changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cards.access import get_import, learner
from cards.forms_import import PreviewForm, UploadForm, encoding_name, shown_values
from cards.importing.applying import ImportGone, NothingToImport, apply_import, reading_of, steps_of
from cards.importing.planning import survey
from cards.importing.reading import Choices
from cards.importing.undoing import undo_import
from cards.importing.uploading import receive_upload, recent_imports
from cards.importing.words import FILE_PROBLEMS, SEPARATOR_WORDS
from cards.models import Deck, Import
from cards.views.undo import say_deleted

DECKS_OFFERED = 500
CARDS_KEPT_SHOWN = 100


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """The page of import and export; POST keeps an upload and goes on to its preview."""
    owner = learner(request)
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST":
        form = UploadForm(request.POST, request.FILES)
        if form.is_valid():
            data, name = form.upload()
            now = timezone.now()
            source = receive_upload(owner=owner, data=data, file_name=name, now=now)
            return redirect("cards:import-preview", source.pk)
    context = {
        "form": form,
        "recent": recent_imports(owner),
        "decks": Deck.objects.of(owner).order_by("name")[:DECKS_OFFERED],
    }
    return render(request, "cards/import.html", context, status=422 if form.errors else 200)


@never_cache
@require_safe
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """What the import would do with `?...` as chosen; or what it did, once it is applied."""
    owner = learner(request)
    source = get_import(owner, pk)
    if source.applied_at is not None:
        return _result(request, source)
    return _preview(request, source, request.GET)


def _preview(request: HttpRequest, source: Import, data: Mapping[str, Any]) -> HttpResponse:
    owner = learner(request)
    asked = PreviewForm(data)
    valid = asked.is_valid()
    reading = reading_of(source, asked.choices() if valid else Choices())
    form = PreviewForm(shown_values(data, reading, source.file_name))
    form.is_valid()
    steps = () if reading.problems else steps_of(owner, reading, form.data["deck"])
    separator = reading.dialect.separator
    width = len(reading.roles)
    context = {
        "source": source,
        "form": form,
        "columns": list(zip(form.columns(), _padded(reading.names, width), strict=True)),
        "rows": [_padded(row.cells, width) for row in reading.sample[:5]],
        "reading": reading,
        "encoding": encoding_name(reading.encoding),
        "separator": SEPARATOR_WORDS.get(separator, f"“{separator}”"),
        "survey": survey(steps),
        "problems": [FILE_PROBLEMS[problem] for problem in reading.problems],
        "decks": Deck.objects.of(owner).order_by("name")[:DECKS_OFFERED],
        "valid": valid,
    }
    return render(request, "cards/import_preview.html", context, status=200 if valid else 422)


def _padded(cells: list[str], width: int) -> list[str]:
    return [*cells[:width], *[""] * (width - len(cells))]


@require_POST
def apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Import as previewed. Whatever was changed since the preview is shown first."""
    owner = learner(request)
    source = get_import(owner, pk)
    address = reverse("cards:import-preview", args=[pk])
    form = PreviewForm(request.POST)
    if source.applied_at is not None:
        return redirect(address)
    if not form.is_valid():
        return _preview(request, source, request.POST)
    if request.POST.get("do") != "import" or request.POST.get("seen") != form.seen():
        if request.POST.get("do") == "import":
            messages.info(request, _("You changed something: look at its effect, then import."))
        return redirect(f"{address}?{form.seen()}&duplicates={form.cleaned_data['duplicates']}")
    try:
        apply_import(
            owner=owner,
            import_id=pk,
            choices=form.choices(),
            duplicates=form.cleaned_data["duplicates"] or "skip",
            now=timezone.now(),
        )
    except NothingToImport:
        return redirect(f"{address}?{form.seen()}")
    except ImportGone:
        messages.warning(request, _("Newer uploads took this one's place. Upload it again."))
        return redirect("cards:import")
    return redirect(address)


def _result(request: HttpRequest, source: Import) -> HttpResponse:
    kept = source.updates.select_related("card").defer("before", "after").order_by("id")
    context: dict[str, Any] = {"source": source}
    if source.undone_at is not None:
        context |= {"kept": kept[:CARDS_KEPT_SHOWN], "kept_count": kept.count()}
    return render(request, "cards/import_result.html", context)


@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back a whole import; the message can bring back the cards that this deletes."""
    owner = learner(request)
    source = get_import(owner, pk)
    now = timezone.now()
    undone = undo_import(owner=owner, import_id=source.pk, now=now)
    changed = undone.removed + undone.restored
    text = ngettext("%(n)s card was taken back.", "%(n)s cards were taken back.", changed)
    if undone.removed:
        say_deleted(request, text % {"n": changed}, now)
    else:
        messages.success(request, text % {"n": changed})
    return redirect("cards:import-preview", source.pk)
