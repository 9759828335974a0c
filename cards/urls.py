"""Learners' addresses; names are noun-verb."""

from django.urls import path

from cards.views import (
    add,
    backlog,
    boxes,
    browse,
    bulk,
    cards,
    decks,
    exporting,
    home,
    importing,
    practice,
    review,
    statistics,
    undo,
)

app_name = "cards"

urlpatterns = [
    path("", home.home, name="home"),
    path("review/", review.review, name="review"),
    path("review/answer/", review.answer, name="review-answer"),
    path("review/undo/", review.undo, name="review-undo"),
    path("practice/", practice.practice, name="practice"),
    path("backlog/", backlog.backlog, name="backlog"),
    path("cards/", browse.browse, name="browse"),
    path("cards/bulk/", bulk.bulk, name="cards-bulk"),
    path("cards/add/", add.add, name="add"),
    path("cards/preview/", add.preview, name="card-preview"),
    path("cards/<int:pk>/edit/", cards.edit, name="card-edit"),
    path("cards/<int:pk>/delete/", cards.delete, name="card-delete"),
    path("cards/<int:pk>/suspend/", cards.suspend, name="card-suspend"),
    path("cards/undo-delete/", undo.undo_delete, name="undo-delete"),
    path("decks/", decks.decks, name="decks"),
    path("decks/<int:pk>/", browse.deck, name="deck"),
    path("decks/<int:pk>/rename/", decks.rename, name="deck-rename"),
    path("decks/<int:pk>/delete/", decks.delete, name="deck-delete"),
    path("boxes/", boxes.boxes, name="boxes"),
    path("boxes/change/", boxes.change, name="boxes-change"),
    path("statistics/", statistics.statistics, name="statistics"),
    path("import/", importing.upload, name="import"),
    path("import/<int:pk>/", importing.preview, name="import-preview"),
    path("import/<int:pk>/apply/", importing.apply, name="import-apply"),
    path("import/<int:pk>/undo/", importing.undo, name="import-undo"),
    path("export/", exporting.export, name="export"),
]
