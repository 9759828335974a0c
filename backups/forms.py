"""What the pages about one's own data send."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _


class FileForm(forms.Form):
    """The file that a learner downloaded."""

    file = forms.FileField(
        label=_("Your file"),
        help_text=_("The zip file as you downloaded it."),
        widget=forms.ClearableFileInput(attrs={"accept": ".zip,application/zip"}),
    )

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        most = settings.IMPORT_MAX_BYTES
        if (file.size or 0) > most:
            text = _("The file has %(size)s; %(most)s is the most. Ask those who run this site.")
            sizes = {"size": filesizeformat(file.size or 0), "most": filesizeformat(most)}
            raise forms.ValidationError(text, code="size", params=sizes)
        return file
