"""What learners write on cards and decks: checked, and said plainly what is wrong."""

from __future__ import annotations

import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from cards import tags
from cards.deck_editing import NAME_MAX
from cards.editing import CardText
from cards.links import is_web_address, title_from
from cards.models import Card
from cards.models.card import BACK_MAX, FRONT_MAX, LINK_MAX, TAG_MAX, TAGS_MAX

TOO_LONG = _("This has %(show_value)d characters; at most %(limit_value)d fit.")


class TextField(forms.CharField):
    """Text of at most `fits` characters with \\n at its line ends.

    The browser gets no maxlength: it would cut a long paste off without a word.
    """

    def __init__(self, *, fits: int, **options: Any) -> None:
        super().__init__(**{"strip": False} | options)
        self.validators = [MaxLengthValidator(fits, TOO_LONG)]

    def to_python(self, value: Any) -> str:
        text = str(super().to_python(value) or "").replace("\r\n", "\n").replace("\r", "\n")
        if "\0" in text:
            raise ValidationError(
                _("This text holds an invisible NUL character. Type that part anew."), code="nul"
            )
        if any("\ud800" <= char <= "\udfff" for char in text):
            raise ValidationError(
                _("This text holds half a character. Type that part anew."), code="surrogate"
            )
        text = text.strip("\n").rstrip()
        return text.strip() if self.strip else text


def deck_field(**options: Any) -> TextField:
    """A deck by its name: one that is there, or a new one."""
    return TextField(
        fits=NAME_MAX,
        strip=True,
        widget=forms.TextInput(attrs={"list": "decks", "dir": "auto", "autocomplete": "off"}),
        **{"label": _("Deck")} | options,
    )


def tags_field(**options: Any) -> TextField:
    return TextField(
        fits=TAGS_MAX - 2,
        strip=True,
        required=False,
        widget=forms.TextInput(
            attrs={"dir": "auto", "autocomplete": "off", "autocapitalize": "off"}
        ),
        **{"label": _("Tags")} | options,
    )


def clean_names(text: str) -> list[str]:
    """The tags in a text; ValidationError for one that is too long."""
    names = tags.split(text)
    for name in names:
        if len(name) > TAG_MAX:
            raise ValidationError(
                _("The tag “%(name)s…” has %(length)d characters; at most %(limit)d fit."),
                params={"name": name[:20], "length": len(name), "limit": TAG_MAX},
            )
    return names


class CardForm(forms.Form):
    """A card's text. `seen` is the version of the text that was edited, empty for a new card."""

    front = TextField(
        fits=FRONT_MAX,
        label=_("Front"),
        error_messages={"required": _("A card needs a front: the question.")},
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto", "autofocus": True}),
    )
    back = TextField(
        fits=BACK_MAX,
        label=_("Back"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
    )
    deck = deck_field(
        error_messages={"required": _("Choose a deck, or type the name of a new one.")}
    )
    tags = tags_field(help_text=_("With a space between them."))
    link = TextField(
        fits=LINK_MAX,
        strip=True,
        label=_("Link"),
        required=False,
        widget=forms.URLInput(attrs={"dir": "ltr", "autocomplete": "off"}),
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    anyway = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def clean_front(self) -> str:
        """In the form in which an import compares fronts; invisible characters alone are none."""
        front = unicodedata.normalize("NFC", self.cleaned_data["front"]).strip()
        if not is_visible(front):
            raise ValidationError(self.fields["front"].error_messages["required"], code="required")
        return front

    def clean_deck(self) -> str:
        return one_line(self.cleaned_data["deck"])

    def clean_tags(self) -> str:
        return tags.join(clean_names(self.cleaned_data["tags"]))

    def clean_link(self) -> str:
        link: str = self.cleaned_data["link"]
        if link and not is_web_address(link):
            raise ValidationError(
                _("A link begins with http:// or https:// and has no spaces."), code="link"
            )
        return link

    def text(self) -> CardText:
        data = self.cleaned_data
        return CardText(data["front"], data["back"], data["link"], data["tags"], data["deck"])

    @staticmethod
    def initial_of(card: Card, seen: str) -> dict[str, str]:
        """What the form shows for this card, whose text is of the version `seen`."""
        return {
            "front": card.front,
            "back": card.back,
            "link": card.link,
            "tags": card.tags.strip(),
            "deck": card.deck.name,
            "seen": seen,
        }


def with_link_moved(posted: QueryDict) -> tuple[QueryDict, bool]:
    """What was posted; when the front is nothing but a link, that becomes the link instead.

    The front is then a title made from the link, to be looked at, and True says so.
    """
    front = posted.get("front", "").strip()
    title = title_from(front)
    if posted.get("link", "").strip() or not title:
        return posted, False
    data = posted.copy()
    data["front"], data["link"] = title, front
    return data, True


class DeckForm(forms.Form):
    """A deck's name."""

    name = TextField(
        fits=NAME_MAX,
        strip=True,
        label=_("Name"),
        error_messages={"required": _("A deck needs a name.")},
        widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"}),
    )

    def clean_name(self) -> str:
        return one_line(self.cleaned_data["name"])


def is_visible(text: str) -> bool:
    """Whether any character is more than white space, a control or a format character."""
    return any(unicodedata.category(char) not in ("Cc", "Cf", "Zl", "Zp", "Zs") for char in text)


def one_line(text: str) -> str:
    """Runs of spaces and line ends as one space each."""
    return " ".join(text.split())
