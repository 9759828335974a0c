"""What the learner reads about rows and files: the texts of the codes of the pure modules."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

REASONS = {
    "quote": _(
        "A quotation mark opens on this line and is not closed as it should be. Close it, or "
        "choose that quotation marks are ordinary text."
    ),
    "long": _("The line is longer than any card can be. Is the separator the right one?"),
    "comment": _("The line begins with #, which makes it a comment in files that Anki wrote."),
    "more": _("The file goes on from here; 250,000 rows are read at most. Split it."),
    "nul": _("It holds a NUL character, which is no text."),
    "unreadable": _("It holds bytes that mean nothing in this encoding. Is another one right?"),
    "front_empty": _("The front is empty."),
    "front_long": _("The front is longer than 20,000 characters."),
    "back_long": _("The back is longer than 100,000 characters."),
    "tags_long": _("The tags are longer than 2,000 characters."),
    "tag_long": _("One of the tags is longer than 100 characters."),
    "deck_long": _("The name of the deck is longer than 200 characters."),
    "guid_long": _("The stable id is longer than 64 characters."),
    "box": _("The box is not a number from 1."),
    "due": _("The due date is not a date like 2026-05-31."),
    "suspended": _("Suspended is neither yes nor no."),
    "instant": _("A time is not like 2026-05-31T18:30:00+00:00."),
}

NOTES = {
    "link": _("The link is not a web address (http or https), so it is left out."),
    "extra": _("The row has more cells than there are columns; the last ones are left out."),
    "media": _("Pictures and sounds are not part of a text file; their names stay in the text."),
    "same_front": _("A card with this front is there already; this one has an id of its own."),
    "same_link": _("A card with this link is there already."),
}

FILE_PROBLEMS = {
    "binary": _(
        "This is not a text file. Export it as text first: “Notes in Plain Text” in Anki, CSV in a "
        "spreadsheet."
    ),
    "empty": _("No cards were found. Is the separator the right one?"),
    "front": _("Choose which column is the front."),
    "twice": _("Only front, back and tags can be made of several columns. Change the others."),
}

ROLE_NAMES = {
    "": _("leave out"),
    "front": _("front"),
    "back": _("back"),
    "link": _("link"),
    "tags": _("tags"),
    "deck": _("deck"),
    "guid": _("stable id"),
    "box": _("box"),
    "due": _("due"),
    "suspended": _("suspended"),
    "created": _("created"),
    "last_reviewed": _("last reviewed"),
}

SEPARATOR_WORDS = {
    "\t": _("a tab"),
    ",": _("a comma"),
    ";": _("a semicolon"),
    "|": _("a vertical bar"),
    ":": _("a colon"),
    " ": _("a space"),
}
