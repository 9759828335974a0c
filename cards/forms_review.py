"""What the review pages send: answers, undo, and what a session is narrowed to."""

from __future__ import annotations

from django import forms

from cards.models.review import TOOK_MAX_MS
from cards.queue import Narrowing
from cards.scheduling import MAX_BOXES, Placement

ID_MAX = 2**63 - 1


class AnswerForm(forms.Form):
    """One answer, with the card's place as the learner saw it."""

    card = forms.IntegerField(min_value=1, max_value=ID_MAX)
    id = forms.UUIDField()
    passed = forms.TypedChoiceField(
        choices=[("0", "again"), ("1", "pass")], coerce=lambda value: value == "1"
    )
    box = forms.IntegerField(min_value=1, max_value=MAX_BOXES)
    due = forms.DateField(required=False, input_formats=["%Y-%m-%d"])
    # Milliseconds since 1970 at which the card was shown; only how long it took is kept of it.
    shown = forms.IntegerField(required=False, min_value=0, max_value=ID_MAX)

    def seen(self) -> Placement:
        return Placement(self.cleaned_data["box"], self.cleaned_data["due"])

    def took_ms(self, now_ms: int) -> int | None:
        """How long the card was on the screen; None when that cannot be known."""
        shown = self.cleaned_data["shown"]
        if shown is None or not 0 <= now_ms - shown <= TOOK_MAX_MS:
            return None
        return now_ms - int(shown)


class UndoForm(forms.Form):
    """Which answer to take back."""

    id = forms.UUIDField()


class NarrowingForm(forms.Form):
    """`?deck=3&tag=verbs&more=10`; what cannot be understood is left out."""

    deck = forms.IntegerField(required=False, min_value=1, max_value=ID_MAX)
    tag = forms.CharField(required=False, max_length=100)
    more = forms.IntegerField(required=False, min_value=1, max_value=1_000)
    card = forms.IntegerField(required=False, min_value=1, max_value=ID_MAX)

    def narrowing(self) -> Narrowing:
        self.is_valid()
        data = self.cleaned_data
        tag = (data.get("tag") or "").strip().replace(" ", "")
        return Narrowing(data.get("deck"), tag, data.get("more") or 0)
