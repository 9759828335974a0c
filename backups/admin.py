"""Admins see how backups stand and every run; they start one, and take a good backup along."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from allauth.account.adapter import get_adapter
from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from backups.background import start
from backups.errors import TransferError
from backups.models import BackupRun
from backups.places.downloading import open_backup
from backups.pressed import is_starting, lost, press
from backups.runs.backing_up import OK
from backups.runs.status import status
from backups.runs.unended import seen
from cards.admin.lists import ReadOnlyAdmin

logger = logging.getLogger(__name__)

LIST = "admin:backups_backuprun_changelist"
RELOAD = 5  # seconds
WHY_NOT_MAX = 120


class RunList(ChangeList):
    """Runs that died without a word are shown as failed."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list: Any = seen(self.result_list)


@admin.register(BackupRun)
class BackupRunAdmin(ReadOnlyAdmin):
    list_display = (
        *("started_at", "kind", "duration", "outcome", "row_count", "megabytes"),
        *("kept_at", "verified", "reason"),
    )
    list_filter = ("kind", "outcome")
    list_select_related = False  # type: ignore[assignment]
    ordering = ("-started_at", "-pk")  # type: ignore[assignment]
    search_help_text = _("A part of a backup's name, such as 20251015.")
    fields = readonly_fields = (
        *("kind", "name", "outcome", "why_not", "started_at", "ended_at", "duration"),
        *("started_by", "row_count", "megabytes", "encrypted", "sha256", "verified_at"),
        *("each_destination", "each_table"),
    )

    def get_urls(self) -> list[URLPattern]:
        """Two buttons and a file, beside the list and the page of a run."""
        site = self.admin_site
        own = [
            path(f"{name}/", site.admin_view(require_POST(view)), name=f"backups_backuprun_{name}")
            for name, view in (("back-up", self.back_up_view), ("verify", self.verify_view))
        ]
        # It is noted who took it: so it is sent, like all that writes, and no link leads to it.
        download = never_cache(require_POST(self.download_view))
        own.append(
            path(
                "<int:pk>/download/",
                site.admin_view(download),
                name="backups_backuprun_download",
            )
        )
        return own + super().get_urls()

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return RunList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip().replace("\0", "")
        return queryset.filter(name__contains=term) if term else queryset, False

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        run = super().get_object(request, *args, **kwargs)
        if run and not run.ended_at:
            run = seen(BackupRun.objects.filter(pk=run.pk))[0]
        return run

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Above the list: how backups stand, what is running, and the buttons."""
        now, running = timezone.now(), _running()
        starting = is_starting(request, now) and not running
        context = {
            "standing": status(now),
            "running": running,
            "running_for": _spoken((now - running.started_at).total_seconds()) if running else "",
            "starting": starting,
            "lost": None if running else lost(request, now),
            "reload": RELOAD if running or starting else None,
            "may_start": _may_start(request),
        }
        return super().changelist_view(request, context | (extra_context or {}))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> Any:
        context = {"may_download": request.user.has_perm("backups.download_backuprun")}
        return super().change_view(request, object_id, form_url, context | (extra_context or {}))

    def back_up_view(self, request: HttpRequest) -> HttpResponseBase:
        """Start a backup."""
        return self._start(request, "export_backup", gettext("The backup is being started."))

    def verify_view(self, request: HttpRequest) -> HttpResponseBase:
        """Start the drill of the latest backup."""
        return self._start(request, "verify_backup", gettext("The drill is being started."))

    def download_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """The file of a good backup; who took it is noted in the run's history first."""
        if not request.user.has_perm("backups.download_backuprun"):
            raise PermissionDenied
        run = get_object_or_404(BackupRun.objects.exports().good(), pk=pk)
        try:
            file = open_backup(run)
        except TransferError as error:
            messages.error(request, str(error))
            return redirect("admin:backups_backuprun_change", pk)
        address = get_adapter(request).get_client_ip(request)
        self.log_change(
            request,
            run,
            gettext("Downloaded %(name)s from %(address)s.")
            % {"name": run.name, "address": address},
        )
        logger.info("Backup %s was downloaded by %s from %s.", run.name, request.user, address)
        response = FileResponse(
            file, as_attachment=True, filename=run.name, content_type="application/octet-stream"
        )
        # It is compressed already.
        response["Content-Encoding"] = "identity"
        return response

    def _start(self, request: HttpRequest, command: str, said: str) -> HttpResponseBase:
        if not _may_start(request):
            raise PermissionDenied
        now = timezone.now()
        if _running() or is_starting(request, now):
            text = gettext("A backup, a restore or a drill is running already. Wait for its end.")
            messages.warning(request, text)
            return redirect(LIST)
        try:
            start(command, "--no-progress", f"--started-by={request.user.get_username()}")
        except OSError as error:
            text = gettext("It could not be started: %(why)s")
            messages.error(request, text % {"why": error})
            return redirect(LIST)
        press(request, now)
        messages.success(request, said)
        return redirect(LIST)

    @admin.display(description=_("duration"))
    def duration(self, run: BackupRun) -> str:
        return "" if run.seconds is None else _spoken(run.seconds)

    @admin.display(description=_("rows"))
    def row_count(self, run: BackupRun) -> str:
        return f"{run.rows:,}"

    @admin.display(description=_("MB"))
    def megabytes(self, run: BackupRun) -> str:
        return f"{run.bytes / 1e6:,.2f}" if run.bytes else ""

    @admin.display(description=_("destinations"))
    def kept_at(self, run: BackupRun) -> str:
        marks = (
            alias if said == OK else gettext("%(alias)s: failed") % {"alias": alias}
            for alias, said in run.destinations.items()
        )
        return ", ".join(marks)

    @admin.display(description=_("verified"))
    def verified(self, run: BackupRun) -> Any:
        if run.kind != BackupRun.Kind.EXPORT or not run.good:
            return ""
        return run.verified_at or gettext("no")

    @admin.display(description=_("why not"))
    def reason(self, run: BackupRun) -> str:
        return run.why_not[:WHY_NOT_MAX] + "…" * (len(run.why_not) > WHY_NOT_MAX)

    @admin.display(description=_("destinations"))
    def each_destination(self, run: BackupRun) -> SafeString:
        return _table((gettext("Destination"), gettext("Kept")), run.destinations.items())

    @admin.display(description=_("tables"))
    def each_table(self, run: BackupRun) -> SafeString:
        rows = ((name, f"{rows:,}") for name, rows in run.tables.items())
        return _table((gettext("Table"), gettext("Rows")), rows)


def _may_start(request: HttpRequest) -> bool:
    return request.user.has_perm("backups.add_backuprun")


def _running() -> BackupRun | None:
    return next((run for run in seen(BackupRun.objects.unended()[:2]) if not run.ended_at), None)


def _spoken(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _table(head: tuple[str, str], rows: Iterable[tuple[str, str]]) -> SafeString:
    body = format_html_join("", "<tr><th scope=row>{}</th><td>{}</td></tr>", rows)
    return format_html(
        "<table><thead><tr><th scope=col>{}</th><th scope=col>{}</th></tr></thead>"
        "<tbody>{}</tbody></table>",
        *head,
        body,
    )
