"""Learners' addresses; names are noun-verb."""

from django.urls import path

from cards.views import backlog, home, review

app_name = "cards"

urlpatterns = [
    path("", home.home, name="home"),
    path("review/", review.review, name="review"),
    path("review/answer/", review.answer, name="review-answer"),
    path("review/undo/", review.undo, name="review-undo"),
    path("backlog/", backlog.backlog, name="backlog"),
]
