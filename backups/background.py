"""Commands that a page starts and does not wait for: they may take longer than a request."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from pathlib import Path

from django.conf import settings

logger = logging.getLogger(__name__)

LOG = "backups-started-by-admins.log"


def log_path() -> Path:
    """Where such commands say what they have to say."""
    return Path(settings.DATA_DIR) / LOG


def start(*arguments: str) -> subprocess.Popen[bytes]:
    """Start `manage.py` with these arguments, beside the server and not ended with the request.

    Its output is added to `log_path()`. OSError when it cannot be started.
    """
    command = [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), *arguments]
    log_path().parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(log_path(), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "ab") as log:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    # Somebody has to take note that it ended, or it stays in the system's list of processes.
    threading.Thread(target=_watch, args=[child, arguments[0]], daemon=True).start()
    return child


def _watch(child: subprocess.Popen[bytes], name: str) -> None:
    if code := child.wait():
        logger.error("%s, started by an admin, ended with code %s: see %s.", name, code, log_path())
