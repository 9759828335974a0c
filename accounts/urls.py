"""Pages about the account that are ours; django-allauth's own follow them."""

from django.urls import URLPattern

app_name = "accounts"
urlpatterns: list[URLPattern] = []
