"""What the import and export pages send."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from cards.importing.dialect import SEPARATOR_NAMES, unescape
from cards.importing.encoding import ENCODINGS
from cards.importing.mapping import MAX_COLUMNS, ROLES
from cards.importing.reading import Choices, Reading
from cards.importing.words import ROLE_NAMES

DECK_MAX = 200
AS_FOUND = _("as found in the file")
YES_NO = [("", AS_FOUND), ("yes", _("yes")), ("no", _("no"))]
SEPARATORS = [
    ("tab", _("tab")),
    ("comma", _("comma")),
    ("semicolon", _("semicolon")),
    ("pipe", _("vertical bar |")),
    ("colon", _("colon")),
    ("space", _("space")),
    ("own", _("my own, below")),
]
ENCODING_NAMES = {"utf-8": "UTF-8", "utf-16-le": "UTF-16 LE", "utf-16-be": "UTF-16 BE"} | {
    f"cp{number}": f"Windows-{number}" for number in range(1250, 1257)
}


def encoding_name(encoding: str) -> str:
    return ENCODING_NAMES.get(encoding, encoding.replace("_", "-").upper())


class UploadForm(forms.Form):
    """A file, or pasted text."""

    file = forms.FileField(label=_("A file"), required=False, allow_empty_file=True)
    text = forms.CharField(
        label=_("Or text"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 6, "dir": "auto", "spellcheck": "false"}),
        help_text=_("One card a line; front and back apart by a tab, or by whatever you choose."),
    )

    def clean_file(self) -> UploadedFile | None:
        file: UploadedFile | None = self.cleaned_data["file"]
        most = settings.IMPORT_MAX_BYTES
        if file is not None and (file.size or 0) > most:
            text = _("The file has %(size)s; %(most)s is the most. Split it into several files.")
            sizes = {"size": filesizeformat(file.size or 0), "most": filesizeformat(most)}
            raise forms.ValidationError(text, params=sizes)
        return file

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.errors and not data.get("file") and not data.get("text", "").strip():
            raise forms.ValidationError(_("Choose a file or paste some text first."))
        return data

    def upload(self) -> tuple[bytes, str]:
        """The bytes and the name of the file ('' for pasted text)."""
        file = self.cleaned_data["file"]
        if file is not None:
            name = "".join(c for c in file.name or "" if unicodedata.category(c)[0] != "C")
            return file.read(), name[-255:]
        # A form sends every line end as CR LF, those inside cells too.
        return self.cleaned_data["text"].replace("\r\n", "\n").encode("utf-8", "replace"), ""


class PreviewForm(forms.Form):
    """How to read the upload and what to do with it; empty where the file decides."""

    encoding = forms.ChoiceField(
        label=_("Encoding"),
        required=False,
        choices=[("", AS_FOUND), *((name, encoding_name(name)) for name in ENCODINGS)],
    )
    separator = forms.ChoiceField(
        label=_("Between the columns"), required=False, choices=[("", AS_FOUND), *SEPARATORS]
    )
    between_sides = forms.CharField(
        label=_("My own, between front and back"), required=False, strip=False, max_length=20
    )
    between_cards = forms.CharField(
        label=_("My own, between cards"),
        required=False,
        strip=False,
        max_length=20,
        help_text=_(r"Empty for a new line. Write \t for a tab and \n for a new line."),
    )
    quotes = forms.ChoiceField(
        label=_("Quotation marks"),
        required=False,
        choices=[("", _("wrap cells")), ("text", _("are ordinary text"))],
    )
    names = forms.ChoiceField(
        label=_("The first row holds the names of the columns"), required=False, choices=YES_NO
    )
    html = forms.ChoiceField(
        label=_("The text is HTML, to be made Markdown"), required=False, choices=YES_NO
    )
    deck = forms.CharField(
        label=_("Deck"),
        required=False,
        max_length=DECK_MAX,
        widget=forms.TextInput(attrs={"list": "decks", "dir": "auto", "autocomplete": "off"}),
        help_text=_("One of yours, or a new name. A deck column in the file goes before it."),
    )
    duplicates = forms.ChoiceField(
        label=_("Cards you have already"),
        required=False,
        choices=[
            ("skip", _("skip: leave them as they are")),
            ("update", _("update: take the text of the file, keep box and due date")),
            ("add", _("add: keep both")),
        ],
        widget=forms.RadioSelect,
    )

    def __init__(self, data: Mapping[str, Any], **options: Any) -> None:
        super().__init__(data, **options)
        present = [f"column{index}" for index in range(MAX_COLUMNS) if f"column{index}" in data]
        for index, name in enumerate(present, start=1):
            self.fields[name] = forms.ChoiceField(
                label=_("Column %(number)s") % {"number": index},
                required=False,
                choices=[(role, ROLE_NAMES[role]) for role in ROLES],
            )
        self.column_names = present

    def columns(self) -> list[forms.BoundField]:
        return [self[name] for name in self.column_names]

    def choices(self) -> Choices:
        """What a valid form chose."""
        data = self.cleaned_data
        separator = SEPARATOR_NAMES.get(data["separator"])
        own = data["separator"] == "own"
        return Choices(
            encoding=data["encoding"] or None,
            separator=unescape(data["between_sides"]) or None if own else separator,
            cards=unescape(data["between_cards"]) or None if own else None,
            quoted=False if data["quotes"] else None,
            names={"yes": True, "no": False}.get(data["names"]),
            html={"yes": True, "no": False}.get(data["html"]),
            columns=tuple(data[name] for name in self.column_names) or None,
            deck=data["deck"],
        )

    def seen(self) -> str:
        """All that decides what the preview shows, as a query string."""
        names = [name for name in self.fields if name != "duplicates"]
        return urlencode([(name, self.data.get(name, "")) for name in names])


def shown_values(data: Mapping[str, Any], reading: Reading, file_name: str) -> dict[str, str]:
    """What the page's form shows: what was chosen, and what was found where nothing was."""
    values = {name: data.get(name, "") for name in PreviewForm.base_fields}
    values["deck"] = values["deck"].strip() or default_deck(reading, file_name)
    values["duplicates"] = values["duplicates"] or reading.header.if_matches or "skip"
    return values | {f"column{index}": role for index, role in enumerate(reading.roles)}


def default_deck(reading: Reading, file_name: str) -> str:
    """The deck that the file names, or else the name of the file."""
    name = reading.header.deck or PurePath(file_name).stem.replace("_", " ").strip()
    return name[:DECK_MAX] or str(_("Imported"))


class ExportForm(forms.Form):
    """Which cards, and in which format."""

    deck = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    format = forms.ChoiceField(choices=[("csv", "CSV"), ("tsv", "TSV")])
    bom = forms.BooleanField(required=False)
