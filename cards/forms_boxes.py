"""Forms about boxes: the boxes as the learner wants them, and the confirmation of a plan."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cards.box_plan import Slot, insert, plan, preset
from cards.scheduling import (
    CLASSIC,
    LONG_RUN,
    MAX_BOXES,
    MAX_INTERVAL,
    MIN_BOXES,
    MIN_INTERVAL,
    interval_errors,
)

PRESETS = {"long-run": LONG_RUN, "classic": CLASSIC}
SLOT = re.compile(r"(?P<origin>\d{1,2}|-):(?P<interval>\d{1,4})", re.ASCII)


class BoxesForm(forms.Form):
    """The interval of each box of now, which go, and one that comes; or a preset instead.

    When valid, `slots` holds the boxes wanted.
    """

    preset = forms.ChoiceField(choices=[(name, name) for name in PRESETS], required=False)
    add = forms.IntegerField(
        label=gettext_lazy("Add a box whose cards rest"),
        min_value=MIN_INTERVAL,
        max_value=MAX_INTERVAL,
        required=False,
        widget=forms.NumberInput(attrs={"class": "days", "inputmode": "numeric"}),
    )

    def __init__(self, data: Any = None, *, intervals: Sequence[int]) -> None:
        super().__init__(data)
        self.before = list(intervals)
        self.slots: list[Slot] = []
        given = data or {}
        for number, days in enumerate(intervals, start=1):
            goes = bool(given.get("preset") or given.get(f"remove_{number}"))
            self.fields[f"interval_{number}"] = forms.IntegerField(
                label=_("Interval of box %(number)d in days") % {"number": number},
                min_value=MIN_INTERVAL,
                max_value=MAX_INTERVAL,
                initial=days,
                required=not goes,
                widget=forms.NumberInput(attrs={"class": "days", "inputmode": "numeric"}),
            )
            self.fields[f"remove_{number}"] = forms.BooleanField(
                label=_("Remove box %(number)d") % {"number": number}, required=False
            )

    def rows(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Interval and removal of box 1..n."""
        numbers = range(1, len(self.before) + 1)
        return [(self[f"interval_{number}"], self[f"remove_{number}"]) for number in numbers]

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if self.errors:
            return data
        if data["preset"]:
            self.slots = preset(self.before, PRESETS[data["preset"]])
        else:
            self.slots = self._wanted(data)
            self._check(data.get("add"))
        if not self.errors and not plan(self.before, self.slots).changes_something:
            message = _("Nothing would change. Enter another interval, add or remove a box.")
            self.add_error(None, message)
        return data

    def _wanted(self, data: dict[str, Any]) -> list[Slot]:
        slots = [
            Slot(data[f"interval_{number}"], number)
            for number in range(1, len(self.before) + 1)
            if not data[f"remove_{number}"]
        ]
        return insert(slots, data["add"]) if data.get("add") else slots

    def _check(self, added: int | None) -> None:
        """The rules of `scheduling.interval_errors`, said at the field that breaks them."""
        if not MIN_BOXES <= len(self.slots) <= MAX_BOXES:
            counts = {"least": MIN_BOXES, "most": MAX_BOXES, "given": len(self.slots)}
            message = _("There can be %(least)d to %(most)d boxes. These would be %(given)d.")
            self.add_error(None, message % counts)
        elif self.slots[0].origin is None and self.slots[1].origin == 1:
            message = _(
                "New cards begin in box 1, so the new box must rest longer than it."
                " To begin with fewer days, change box 1 itself."
            )
            self.add_error("add", message)
        for number, (left, right) in enumerate(zip(self.slots, self.slots[1:], strict=False), 1):
            if left.interval >= right.interval:
                self._say_not_growing(number, left, right, added)

    def _say_not_growing(self, number: int, left: Slot, right: Slot, added: int | None) -> None:
        if added in (left.interval, right.interval) and None in (left.origin, right.origin):
            message = _("There is a box of %(days)d days already. Choose another number of days.")
            self.add_error("add", message % {"days": added})
        else:
            message = _("Each box rests longer than the one before: more than %(days)d days here.")
            self.add_error(f"interval_{right.origin}", message % {"days": left.interval})


class ConfirmForm(forms.Form):
    """The plan as it was shown: the intervals it began with, and the boxes it makes."""

    seen = forms.CharField(max_length=100)
    after = forms.CharField(max_length=200)

    def clean_seen(self) -> list[int]:
        words = self.cleaned_data["seen"].split()
        if not all(re.fullmatch(r"\d{1,4}", word, re.ASCII) for word in words):
            raise forms.ValidationError("seen")
        return [int(word) for word in words]

    def clean_after(self) -> list[Slot]:
        found = [SLOT.fullmatch(word) for word in self.cleaned_data["after"].split()]
        slots = [
            Slot(int(m["interval"]), None if m["origin"] == "-" else int(m["origin"]))
            for m in found
            if m
        ]
        if len(slots) < len(found):
            raise forms.ValidationError("after")
        return slots

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if not self.errors:
            if interval_errors([slot.interval for slot in data["after"]]):
                raise forms.ValidationError("after")
            try:
                plan(data["seen"], data["after"])
            except ValueError as error:
                raise forms.ValidationError(str(error)) from error
        return data


def confirm_data(before: Sequence[int], after: Sequence[Slot]) -> dict[str, str]:
    """What `ConfirmForm` reads back."""
    slots = (f"{'-' if slot.origin is None else slot.origin}:{slot.interval}" for slot in after)
    return {"seen": " ".join(map(str, before)), "after": " ".join(slots)}
