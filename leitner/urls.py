"""All addresses: learners at the top, accounts and admin beside them."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from leitner import pages, probes

urlpatterns = [
    path("", include("cards.urls")),
    path("accounts/", include("accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("your-data/", include("backups.urls")),
    path("health/", probes.health, name="health"),
    path("ready/", probes.ready, name="ready"),
    path("privacy/", pages.privacy, name="privacy"),
    path(settings.ADMIN_PATH, admin.site.urls),
]
