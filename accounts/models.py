"""The account: who signs in, and how this learner wants to learn."""

from __future__ import annotations

import datetime as dt
import unicodedata
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models, transaction
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import zones

# An address that was refused so often gets no more reminders until its learner asks again.
REFUSALS_MAX = 3


def validate_time_zone(name: str) -> None:
    """Refuse a name that the IANA time zone database does not know."""
    if name not in zones.names():
        raise ValidationError(_("Choose a time zone from the list."), code="time_zone")


class UserManager(BaseUserManager["User"]):
    """E-mail addresses are kept in lower case, and each letter in its one-piece form (NFC).

    So neither case matters, nor how a keyboard makes its accents.
    """

    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        return unicodedata.normalize("NFC", (email or "").strip().lower())

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=self.normalize_email(username))

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """An admin; made at the console, so that no mail has to confirm the address first."""
        from allauth.account.models import EmailAddress  # It needs the user model to be there.

        with transaction.atomic(using=self._db):
            user = self.create_user(email, password, is_staff=True, is_superuser=True, **fields)
            EmailAddress.objects.using(self._db).create(
                user=user, email=user.email, primary=True, verified=True
            )
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """A learner (or an admin); `today()` is the one way to know this person's date."""

    class AgainRule(models.TextChoices):
        FIRST = "first", _("back to box 1")
        HALF = "half", _("half-way down")
        ONE = "one", _("one box down")

    class Theme(models.TextChoices):
        SYSTEM = "system", _("as the device")
        LIGHT = "light", _("light")
        DARK = "dark", _("dark")

    # Wider than Django's: a hash from elsewhere stays as it is until its first sign-in.
    password = models.CharField(_("password"), max_length=255)
    email = models.EmailField(
        _("e-mail address"),
        unique=True,
        error_messages={"unique": _("There is an account with this e-mail address already.")},
    )
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("may use the admin"), default=False)
    date_joined = models.DateTimeField(_("joined"), default=timezone.now)
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="UTC", validators=[validate_time_zone]
    )
    day_starts_at = models.PositiveSmallIntegerField(
        _("day starts at"), default=4, validators=[MaxValueValidator(23)]
    )
    new_per_day = models.PositiveSmallIntegerField(
        _("new cards a day"), default=20, validators=[MaxValueValidator(999)]
    )
    again_rule = models.CharField(
        _("a missed card goes"), max_length=5, choices=AgainRule, default=AgainRule.FIRST
    )
    theme = models.CharField(_("theme"), max_length=6, choices=Theme, default=Theme.SYSTEM)
    # Reminders by mail: the hour, or never; when the next is due; the learner's date of the last.
    remind_at = models.PositiveSmallIntegerField(
        _("reminder by mail at"), null=True, blank=True, validators=[MaxValueValidator(23)]
    )
    next_reminder = models.DateTimeField(null=True, blank=True, editable=False)
    reminded_on = models.DateField(null=True, blank=True, editable=False)
    reminder_refusals = models.PositiveSmallIntegerField(default=0, editable=False)
    # Counts the writes to this learner's cards: what is cached about them carries this number in
    # its key, so that nothing stale is ever shown.
    data_version = models.PositiveBigIntegerField(default=0, editable=False)

    USERNAME_FIELD = EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = UserManager()

    class Meta:
        verbose_name = _("learner")
        verbose_name_plural = _("learners")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")), name="user_email_lower_case"
            ),
            models.CheckConstraint(
                condition=models.Q(day_starts_at__lte=23), name="user_day_starts_at"
            ),
            models.CheckConstraint(
                condition=models.Q(new_per_day__lte=999), name="user_new_per_day"
            ),
            models.CheckConstraint(
                condition=models.Q(again_rule__in=["first", "half", "one"]), name="user_again_rule"
            ),
            models.CheckConstraint(
                condition=models.Q(remind_at=None, next_reminder=None)
                | models.Q(remind_at__lte=23, next_reminder__isnull=False),
                name="user_remind_at",
            ),
        ]
        indexes = [
            # Each hour the job reads those whose time has come, and nobody else.
            models.Index(
                fields=["next_reminder", "id"],
                name="user_next_reminder",
                condition=models.Q(next_reminder__isnull=False),
            )
        ]

    def clean(self) -> None:
        super().clean()
        self.email = UserManager.normalize_email(self.email)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def reminders_refused(self) -> bool:
        """Whether reminders ended because the learner's address was refused."""
        return self.remind_at is None and self.reminder_refusals >= REFUSALS_MAX

    def today(self, now: dt.datetime) -> dt.date:
        """This learner's date at the aware instant `now`; before `day_starts_at` it is yesterday.

        The hours are taken off the wall clock, so that a day that is 23 or 25 hours long still
        begins at the hour that the learner chose.
        """
        wall = now.astimezone(self.zone).replace(tzinfo=None)
        return (wall - dt.timedelta(hours=self.day_starts_at)).date()


class Announcement(models.Model):
    """Something that everybody on the site is to read, above every page, for some time."""

    class Level(models.TextChoices):
        INFO = "info", _("information")
        WARNING = "warning", _("warning")

    text = models.TextField(
        _("text"),
        max_length=1000,
        help_text=_("Plain text; web addresses become links. Those who put it away see a new one."),
    )
    level = models.CharField(_("level"), max_length=7, choices=Level, default=Level.INFO)
    signed_in_only = models.BooleanField(_("only for those who are signed in"), default=False)
    starts_at = models.DateTimeField(_("from"), default=timezone.now)
    ends_at = models.DateTimeField(
        _("until"), null=True, blank=True, help_text=_("Empty: until you end it.")
    )

    class Meta:
        verbose_name = _("announcement")
        verbose_name_plural = _("announcements")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at=None) | models.Q(ends_at__gt=models.F("starts_at")),
                name="announcement_ends_after_start",
                violation_error_message=_("It would end before it begins."),
            ),
            models.CheckConstraint(
                condition=models.Q(level__in=["info", "warning"]), name="announcement_level"
            ),
        ]

    def __str__(self) -> str:
        return self.text[:80]
