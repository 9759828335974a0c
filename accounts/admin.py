"""Admins look after learners. Usable with 10,000 of them: one page of rows, no row asks again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import allauth.account.admin
import allauth.mfa.admin
import allauth.usersessions.admin  # noqa: F401  (registered first, so that it can be taken back)
from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import announcements
from accounts.fields import KnownEmailField
from accounts.models import Announcement, User
from accounts.reminders.claims import next_reminder

if TYPE_CHECKING:
    BaseUserAdmin = DjangoUserAdmin[Any]
    BaseUserChangeForm = UserChangeForm[User]
    Inline = admin.StackedInline[Any, User]
    AnnouncementModelAdmin = admin.ModelAdmin[Announcement]
else:
    BaseUserAdmin = DjangoUserAdmin
    BaseUserChangeForm = UserChangeForm
    Inline = admin.StackedInline
    AnnouncementModelAdmin = admin.ModelAdmin

# Through allauth's page, so that codes, passkeys and the limit on tries count here too.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.site_header = admin.site.site_title = "Leitner"
# What these hold is seen on the learner's page: addresses that stay the same in both places, codes
# and passkeys without their secrets.
admin.site.unregister([EmailAddress, Authenticator, UserSession])


class NewUserForm(AdminUserCreationForm):
    """E-mail address and password, or no password: the learner sets one through "forgot it"."""

    class Meta:
        model = User
        fields = ("email",)
        field_classes = {"email": forms.EmailField}

    def clean_email(self) -> str:
        return User.objects.normalize_email(self.cleaned_data["email"])


class ChangedUserForm(BaseUserChangeForm):
    """An address that came from elsewhere may stay as it is; a new one is checked in full."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "email" in self.fields:
            self.fields["email"] = KnownEmailField(label=self.fields["email"].label)

    def _get_validation_exclusions(self) -> set[str]:
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return excluded if "email" in self.changed_data else {*excluded, "email"}


class EmailAddressInline(Inline):
    """Whether the address is confirmed; an admin may say so for somebody whom no mail reaches."""

    model = EmailAddress
    fields = ("email", "primary", "verified")
    readonly_fields = ("email", "primary")
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class AuthenticatorInline(Inline):
    """What the learner proves a sign-in with; removed for somebody who lost phone and codes."""

    model = Authenticator
    fields = readonly_fields = ("type", "created_at", "last_used_at")
    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(User)
class UserAdmin(BaseUserAdmin):
    form = ChangedUserForm
    add_form = NewUserForm
    add_fieldsets = ((None, {"fields": ("email", "usable_password", "password1", "password2")}),)
    fieldsets = (
        (None, {"fields": ("email", "password")}),
        (_("Rights"), {"fields": ("is_active", "is_staff", "is_superuser", "groups")}),
        (
            _("Learning"),
            {
                "fields": (
                    "time_zone",
                    "day_starts_at",
                    "new_per_day",
                    "again_rule",
                    "theme",
                    "remind_at",
                )
            },
        ),
        (_("Times"), {"fields": ("date_joined", "last_login")}),
    )
    inlines = (EmailAddressInline, AuthenticatorInline)
    readonly_fields = ("date_joined", "last_login")
    list_display = ("email", "is_active", "is_staff", "time_zone", "date_joined", "last_login")
    list_filter = ("is_active", "is_staff", "date_joined")
    search_fields = ("email",)
    ordering = ("-pk",)
    # The two-list widget names its icons in a way that screen readers do not take.
    filter_horizontal = ()
    show_full_result_count = False
    list_per_page = 50

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never from here: a click would take years of cards along. `active` closes an account."""
        return False

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return self.inlines if obj else ()

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """With another zone or hour the next reminder is due at another time."""
        obj.next_reminder = next_reminder(obj, timezone.now())
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """The address that allauth knows follows the one changed here, and is to be confirmed."""
        super().save_related(request, form, formsets, change)
        if change and "email" in form.changed_data:
            user = form.instance
            addresses = EmailAddress.objects.filter(user=user)
            addresses.filter(email__iexact=user.email, primary=False).delete()
            addresses.filter(primary=True).update(email=user.email, verified=False)


@admin.register(Announcement)
class AnnouncementAdmin(AnnouncementModelAdmin):
    """What is saved here is on every page within seconds."""

    list_display = ("__str__", "level", "signed_in_only", "starts_at", "ends_at", "is_on")
    list_filter = ("level",)
    ordering = ("-pk",)
    list_per_page = 50

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Day and time of an instant are two inputs; Django gives neither a label of its own."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(field, forms.SplitDateTimeField):
            for part, name in zip(field.widget.widgets, (_("date"), _("time")), strict=True):
                part.attrs["aria-label"] = f"{field.label}, {name}"
        return field

    @admin.display(description=_("shown now"), boolean=True)
    def is_on(self, obj: Announcement) -> bool:
        now = timezone.now()
        return obj.starts_at <= now and (obj.ends_at is None or now < obj.ends_at)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        transaction.on_commit(announcements.forget)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        super().delete_model(request, obj)
        transaction.on_commit(announcements.forget)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        super().delete_queryset(request, queryset)
        transaction.on_commit(announcements.forget)
