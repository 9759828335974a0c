"""Learners' addresses; names are noun-verb."""

from django.urls import path

from cards.views import home

app_name = "cards"

urlpatterns = [
    path("", home.home, name="home"),
]
