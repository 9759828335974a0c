"""All cards, or those of a deck, as a text file that the import reads back."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from cards.access import get_deck, learner
from cards.exporting.text import export_text
from cards.forms_import import ExportForm

TYPES = {"csv": "text/csv", "tsv": "text/tab-separated-values"}


@never_cache
@require_safe
def export(request: HttpRequest) -> HttpResponseBase:
    """`?format=csv|tsv&deck=3&bom=1`, streamed; without a format, the page that asks for one."""
    owner = learner(request)
    form = ExportForm(request.GET)
    if not form.is_valid():
        return redirect("cards:import")
    data = form.cleaned_data
    deck = get_deck(owner, data["deck"]) if data["deck"] else None
    rows = export_text(
        owner, deck_id=deck.pk if deck else None, kind=data["format"], bom=data["bom"]
    )
    name = slugify(deck.name, allow_unicode=False) if deck else ""
    today = owner.today(timezone.now())
    file_name = f"leitner-{name or 'cards'}-{today:%Y-%m-%d}.{data['format']}"
    response = StreamingHttpResponse(rows, content_type=f"{TYPES[data['format']]}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{file_name}"'
    return response
