"""Mail to the admins when backups are in trouble: once, and again after a day as long as it stands.

What was told is remembered in the database, so that it is told once whoever finds it first: a run
that has just ended, or a monitor's `backup_status --alarm`.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable

from django.core.mail import mail_admins

from backups.models import BackupAlarm
from backups.runs.status import Trouble

logger = logging.getLogger(__name__)
AGAIN_AFTER = dt.timedelta(hours=24)
SUBJECTS = {
    "stale": "there is no fresh one",
    "failed": "the last one failed",
    "drill": "one could not be restored",
    "shrunk": "much less is in the last one",
}
_HELP = (
    "How backups stand:\n    python manage.py backup_status\nWhat is kept, and where:\n"
    "    python manage.py list_backups\n"
)


def raise_alarms(
    troubles: Iterable[Trouble], now: dt.datetime, *, using: str = "default"
) -> list[Trouble]:
    """Tell the admins what they were not told within a day; what that was.

    Kinds of trouble that are over are forgotten, so that they are told at once when they come
    again. Mail that cannot be sent is logged, and tried again the next time.
    """
    standing = list(troubles)
    alarms = BackupAlarm.objects.using(using)
    alarms.exclude(kind__in=[trouble.kind for trouble in standing]).delete()
    told = [trouble for trouble in standing if _claim(trouble, now, using)]
    if told:
        sentences = [trouble.sentence for trouble in told]
        subject = f"Backups: {', '.join(SUBJECTS[trouble.kind] for trouble in told)}"
        # Sentry is sent the words before the colon only: a sentence may quote what a database said.
        logger.error(f"{subject}. %s", " ".join(sentences))
        try:
            mail_admins(subject, "\n\n".join([*sentences, _HELP]))
        except Exception:
            logger.exception("The admins could not be told by mail.")
            alarms.filter(kind__in=[trouble.kind for trouble in told]).delete()
    return told


def _claim(trouble: Trouble, now: dt.datetime, using: str) -> bool:
    """Whether it is ours to tell: of two who find it at once, one does."""
    alarms = BackupAlarm.objects.using(using)
    values = {"sentence": trouble.sentence, "told_at": now}
    _, made = alarms.get_or_create(kind=trouble.kind, defaults=values)
    due = alarms.filter(kind=trouble.kind).exclude(told_at__gt=now - AGAIN_AFTER, told_at__lte=now)
    return made or due.update(**values) == 1
