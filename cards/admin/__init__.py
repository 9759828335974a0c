"""Admins look at learners' decks, boxes, cards and reviews, however many there are."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from cards.admin.cards import CardAdmin
from cards.admin.records import BoxAdmin, DeckAdmin, ImportAdmin, ReviewAdmin, TagAdmin

__all__ = ["BoxAdmin", "CardAdmin", "DeckAdmin", "ImportAdmin", "ReviewAdmin", "TagAdmin"]

admin.site.site_title = admin.site.site_header = _("Leitner admin")
admin.site.index_title = _("Learners and their cards")
