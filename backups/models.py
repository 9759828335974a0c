"""What this app keeps about the site itself; it never travels with the learners' data."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Maintenance(models.Model):
    """The switch that makes the site read-only: one row, or none as long as nobody touched it."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    on = models.BooleanField(_("on"), default=False)
    message = models.TextField(_("message"), blank=True)
    until = models.DateTimeField(_("until"), null=True, blank=True)
    since = models.DateTimeField(_("since"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("maintenance")
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="maintenance_one_row"),
        ]

    def __str__(self) -> str:
        return "on" if self.on else "off"


class RunQuerySet(models.QuerySet["BackupRun"]):
    """The words in which the rest asks for runs; the newest comes first everywhere."""

    def exports(self) -> RunQuerySet:
        return self.filter(kind=BackupRun.Kind.EXPORT)

    def drills(self) -> RunQuerySet:
        return self.filter(kind=BackupRun.Kind.DRILL)

    def good(self) -> RunQuerySet:
        return self.filter(outcome=BackupRun.Outcome.GOOD)

    def failed(self) -> RunQuerySet:
        return self.filter(outcome=BackupRun.Outcome.FAILED)

    def unended(self) -> RunQuerySet:
        """Running, or dead: `backups.runs.running` tells which."""
        return self.filter(outcome=BackupRun.Outcome.RUNNING)

    def of(self, *names: str) -> RunQuerySet:
        """Those about backups of these names."""
        return self.filter(name__in=names)

    def verified_names(self) -> set[str]:
        """The names of all backups that stood a drill."""
        return set(self.drills().good().order_by().values_list("name", flat=True).distinct())

    def doubtful_names(self) -> set[str]:
        """The names of all backups whose last drill failed."""
        ended = self.drills().exclude(ended_at=None).order_by("started_at", "pk")
        last = dict(ended.values_list("name", "outcome"))
        return {name for name, outcome in last.items() if outcome == BackupRun.Outcome.FAILED}


class BackupRun(models.Model):
    """One export, restore or drill: written when it begins, and again when it ends.

    `destinations` tells for each alias "ok" or why not; `tables` the rows of each table by name.
    """

    class Kind(models.TextChoices):
        EXPORT = "export", _("Backup")
        RESTORE = "restore", _("Restore")
        DRILL = "drill", _("Drill")

    class Outcome(models.TextChoices):
        RUNNING = "running", _("Running")
        GOOD = "good", _("Good")
        FAILED = "failed", _("Failed")

    kind = models.CharField(_("kind"), max_length=7, choices=Kind.choices)
    started_at = models.DateTimeField(_("started"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    outcome = models.CharField(
        _("outcome"), max_length=7, choices=Outcome.choices, default=Outcome.RUNNING
    )
    why_not = models.TextField(_("why not"), blank=True)
    name = models.CharField(_("name"), max_length=100, blank=True)
    rows = models.PositiveBigIntegerField(_("rows"), default=0)
    bytes = models.PositiveBigIntegerField(_("bytes"), default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    destinations = models.JSONField(_("destinations"), default=dict, blank=True)
    tables = models.JSONField(_("tables"), default=dict, blank=True)
    encrypted = models.BooleanField(_("encrypted"), default=False)
    verified_at = models.DateTimeField(_("verified"), null=True, blank=True)
    started_by = models.CharField(_("started by"), max_length=254)

    objects = RunQuerySet.as_manager()

    class Meta:
        verbose_name = _("backup run")
        verbose_name_plural = _("backup runs")
        ordering = ["-started_at", "-id"]
        permissions = [("download_backuprun", "Can download backups")]
        indexes = [models.Index("kind", F("started_at").desc(), name="run_of_kind")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["export", "restore", "drill"]), name="run_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(outcome="running", ended_at=None)
                | Q(outcome__in=["good", "failed"], ended_at__isnull=False),
                name="run_ended_or_running",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at")),
                name="run_ends_after_it_began",
            ),
            models.CheckConstraint(
                condition=Q(outcome="failed") & ~Q(why_not="")
                | ~Q(outcome="failed") & Q(why_not=""),
                name="run_failed_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="good", kind="export") | ~Q(name="") & ~Q(sha256=""),
                name="run_good_export_is_named",
            ),
            models.CheckConstraint(
                condition=Q(verified_at=None) | Q(kind="export"), name="run_verified_is_an_export"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}".strip()

    @property
    def good(self) -> bool:
        return self.outcome == self.Outcome.GOOD

    @property
    def seconds(self) -> float | None:
        """How long it took; None while it has not ended."""
        return (self.ended_at - self.started_at).total_seconds() if self.ended_at else None


class BackupAlarm(models.Model):
    """A trouble that the admins were told of: one row of each kind as long as it stands."""

    kind = models.CharField(_("kind"), max_length=20, primary_key=True)
    sentence = models.TextField(_("sentence"))
    told_at = models.DateTimeField(_("told"))

    class Meta:
        verbose_name = _("backup alarm")
        verbose_name_plural = _("backup alarms")

    def __str__(self) -> str:
        return self.sentence


class Upload(models.Model):
    """A file of a learner's own data that waits for their decision; `preview` is what it would do.

    By table the numbers of `sinks.bringing_back.Brought`. A learner has one at most.
    """

    owner = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, verbose_name=_("owner"))
    created_at = models.DateTimeField(_("uploaded"))
    preview = models.JSONField(_("preview"), default=dict)

    class Meta:
        verbose_name = _("upload")
        verbose_name_plural = _("uploads")

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d %H:%M}"


class UploadPart(models.Model):
    """A piece of the file, so that no request holds all of it in memory."""

    upload = models.ForeignKey(Upload, models.CASCADE, related_name="parts")
    number = models.PositiveSmallIntegerField()
    data = models.BinaryField()

    class Meta:
        verbose_name = _("part of an upload")
        verbose_name_plural = _("parts of uploads")
        constraints = [
            models.UniqueConstraint(fields=["upload", "number"], name="upload_part_unique")
        ]

    def __str__(self) -> str:
        return f"{self.upload_id}/{self.number}"


class InactivityNotice(models.Model):
    """Somebody was told that the account goes, unless they sign in: when, and when again.

    It does not travel: after a restore everybody is told anew.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, verbose_name=_("learner"))
    told_at = models.DateTimeField(_("told"))
    told_again_at = models.DateTimeField(_("told again"), null=True, blank=True)

    class Meta:
        verbose_name = _("notice of inactivity")
        verbose_name_plural = _("notices of inactivity")

    def __str__(self) -> str:
        return f"{self.user_id} {self.told_at:%Y-%m-%d}"
