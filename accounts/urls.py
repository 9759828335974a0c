"""Pages about the account that are ours; django-allauth's own follow them."""

from django.urls import path

from accounts import views

app_name = "accounts"

urlpatterns = [
    path("settings/", views.settings, name="settings"),
    path("sessions/<int:pk>/end/", views.end_session, name="session-end"),
    path(
        "announcements/<int:pk>/put-away/",
        views.put_away_announcement,
        name="announcement-put-away",
    ),
    path("reminders/stop/<str:token>/", views.stop_reminders, name="reminders-stop"),
]
