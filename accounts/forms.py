"""The learner's own settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import zones
from accounts.models import User
from accounts.services import CHOICES

if TYPE_CHECKING:
    UserForm = forms.ModelForm[User]
else:
    UserForm = forms.ModelForm


class SettingsForm(UserForm):
    """How the app behaves for this learner."""

    day_starts_at = forms.TypedChoiceField(
        label=_("A new day starts at"),
        coerce=int,
        choices=[(hour, f"{hour:02}:00") for hour in range(24)],
        widget=forms.Select(attrs={"class": "short"}),
        help_text=_("Whoever learns after midnight still learns for the day before."),
    )

    remind_at = forms.TypedChoiceField(
        label=_("Remind me by mail"),
        coerce=int,
        empty_value=None,
        required=False,
        choices=[("", _("never")), *((hour, f"{hour:02}:00") for hour in range(24))],
        widget=forms.Select(attrs={"class": "short"}),
        help_text=_("Only on days when cards are due, with a link in each mail that stops them."),
    )

    class Meta:
        model = User
        fields = CHOICES
        widgets = {
            "time_zone": forms.TextInput(
                attrs={"list": "time-zones", "autocomplete": "off", "spellcheck": "false"}
            ),
            "new_per_day": forms.NumberInput(
                attrs={"class": "short", "max": 999, "inputmode": "numeric"}
            ),
            "again_rule": forms.RadioSelect,
            "theme": forms.RadioSelect,
        }
        help_texts = {
            "time_zone": _("Type your city or a larger one near you, for example Berlin."),
            "new_per_day": _("How many cards may join your boxes each day. 0 for none."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].validators.clear()

    def clean_time_zone(self) -> str:
        if name := zones.find(self.cleaned_data["time_zone"]):
            return name
        raise forms.ValidationError(
            _("No time zone of this name is known. Choose one from the list."), code="time_zone"
        )
