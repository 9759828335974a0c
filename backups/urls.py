"""Pages about one's own data, below /your-data/."""

from django.urls import path

from backups import views

app_name = "backups"

urlpatterns = [
    path("download/", views.download, name="download"),
    path("restore/", views.restore, name="restore"),
    path("restore/<int:pk>/", views.restore_preview, name="restore-preview"),
    path("restored/", views.restored, name="restored"),
    path("delete/", views.delete, name="delete"),
    path("deleted/", views.deleted, name="deleted"),
]
