"""What the browse page sends: the filter, and what to do with the cards that were selected."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from cards.browsing import STATES, Filter
from cards.forms import clean_names, deck_field, one_line, tags_field
from cards.forms_review import ID_MAX
from cards.models.card import TAG_MAX
from cards.paging import SORTS
from cards.scheduling import MAX_BOXES
from cards.searching import QUERY_MAX

PICKED_MAX, NAMES_MAX = 1_000, 20
# A cursor holds 60 letters of a front, each up to three in lower case and then 16 of base64.
CURSOR_MAX = 60 * 3 * 16 + 200
SORT_NAMES = {
    "newest": _("Newest first"),
    "oldest": _("Oldest first"),
    "due": _("Due first"),
    "box": _("By box"),
    "name": _("A to Z"),
}
STATE_NAMES = {"due": _("Due"), "new": _("New"), "suspended": _("Suspended")}


class FilterForm(forms.Form):
    """`?q=...&deck=3&box=2&tag=verb&state=due&sort=due&at=...`; what makes no sense is left out."""

    q = forms.CharField(required=False, max_length=QUERY_MAX)
    deck = forms.IntegerField(required=False, min_value=1, max_value=ID_MAX)
    box = forms.IntegerField(required=False, min_value=1, max_value=MAX_BOXES)
    tag = forms.RegexField(r"^[^\s\0]+$", required=False, max_length=TAG_MAX)
    state = forms.ChoiceField(required=False, choices=[(name, name) for name in STATES])
    sort = forms.ChoiceField(required=False, choices=[(name, name) for name in SORTS])
    at = forms.CharField(required=False, max_length=CURSOR_MAX)

    def clean_values(self) -> dict[str, Any]:
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    def filter(self) -> Filter:
        names = "q", "deck", "box", "tag", "state"
        values = self.clean_values()
        return Filter(**{name: values[name] for name in names if name in values})

    def sort_name(self) -> str:
        return str(self.clean_values().get("sort", "newest"))


class Ids(forms.Field):
    """Card ids from checkboxes, at most PICKED_MAX; whatever is no id is dropped."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> list[int]:
        texts = [text for text in value or [] if str(text).isascii() and str(text).isdecimal()]
        return [int(text) for text in texts[:PICKED_MAX] if len(text) < 19]


class BulkForm(forms.Form):
    """One action on the cards that were picked, or on `all` that match the filter."""

    ACTIONS = {
        "move": _("Move to a deck"),
        "tag": _("Add tags"),
        "untag": _("Remove tags"),
        "suspend": _("Suspend"),
        "unsuspend": _("Take back into review"),
        "reset": _("Make new again"),
        "delete": _("Delete"),
    }
    action = forms.ChoiceField(
        choices=list(ACTIONS.items()), error_messages={"required": _("Choose what to do.")}
    )
    card = Ids(required=False)
    all = forms.BooleanField(required=False)
    deck = deck_field(required=False)
    tags = tags_field()
    sure = forms.BooleanField(required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not data.get("all") and not data.get("card"):
            raise ValidationError(_("No card is selected. Tick some, or all that match."))
        if data.get("action") == "move":
            data["deck"] = one_line(data.get("deck", ""))
            if not data["deck"]:
                raise ValidationError(_("Choose a deck to move the cards to."))
        if data.get("action") in ("tag", "untag"):
            data["tags"] = clean_names(data.get("tags", ""))
            if not 1 <= len(data["tags"]) <= NAMES_MAX:
                raise ValidationError(
                    _("Type between 1 and %(limit)d tags."), params={"limit": NAMES_MAX}
                )
        return data
