"""All addresses: learners at the top, accounts and admin beside them."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from leitner import pages, probes
from leitner.status import status

urlpatterns = [
    path("", include("cards.urls")),
    path("accounts/", include("accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("your-data/", include("backups.urls")),
    path("health/", probes.health, name="health"),
    path("ready/", probes.ready, name="ready"),
    path("privacy/", pages.privacy, name="privacy"),
    path(f"{settings.ADMIN_PATH}status/", admin.site.admin_view(status), name="admin-status"),
    path(settings.ADMIN_PATH, admin.site.urls),
]

handler500 = "leitner.pages.server_error"
