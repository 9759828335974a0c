"""How many statements each kind of request sends to the database."""

from __future__ import annotations

import re
import uuid

FIELD = re.compile(r'name="(card|box|due)" value="([^"]*)"')


def queries(owner: int) -> dict[str, int]:
    """By kind of request, as a learner's visit has them one after the other."""
    from django.contrib.auth import get_user_model
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client()
    client.force_login(get_user_model().objects.get(pk=owner))
    form = dict(FIELD.findall(client.get("/review/").content.decode()))
    form |= {"id": str(uuid.uuid4()), "passed": "1"}
    found = {}
    for kind, path, sent in [
        ("home", "/", None),
        ("answer", "/review/answer/", form),
        ("question", "/review/", None),
        ("browse", "/cards/", None),
        ("statistics", "/statistics/", None),
    ]:
        with CaptureQueriesContext(connection) as captured:
            client.post(path, sent) if sent else client.get(path)
        words = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")
        found[kind] = sum(not each["sql"].startswith(words) for each in captured)
    return found
