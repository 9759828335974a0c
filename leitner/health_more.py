"""Parts of the site's health that no page depends on: mail and the disk."""

from __future__ import annotations

import shutil

from django.conf import settings

from leitner import mail as counted_mail
from leitner.health import Part

# Below so much free space (bytes, or share of the disk) somebody should make room.
LEAST_FREE, LEAST_SHARE = 200 * 2**20, 0.05


def mail() -> Part:
    """When mail was last sent and when not, as far as this cache knows."""
    last = counted_mail.last()
    sent, failed = last.get("sent"), last.get("failed")
    figures = {
        "last_sent": sent.isoformat(timespec="seconds") if sent else None,
        "last_failed": failed.isoformat(timespec="seconds") if failed else None,
    }
    if failed and (sent is None or failed > sent):
        said = f"The last mail was not sent ({last.get('why', 'an error')}); the log says why."
        return Part("mail", "degraded", said, figures)
    return Part("mail", figures=figures)


def disk() -> Part:
    """There is room where SQLite, backups and mail in files are written."""
    folder = settings.DATA_DIR
    while not folder.exists():
        folder = folder.parent
    usage = shutil.disk_usage(folder)
    figures = {"free_bytes": usage.free, "total_bytes": usage.total}
    if usage.free < LEAST_FREE or usage.free < usage.total * LEAST_SHARE:
        said = f"Only {usage.free / 2**20:,.0f} MiB are free in DATA_DIR. Make room."
        return Part("disk", "degraded", said, figures)
    return Part("disk", figures=figures)
