"""Two jobs at once: each learner gets one mail."""

from __future__ import annotations

import threading
from collections import Counter

import pytest
from django.db import connection

from tests.mail_server import MailServer
from tests.reminders.learners import asked, job

JOBS, LEARNERS = 4, 40


@pytest.mark.django_db(transaction=True)
def test_four_jobs_at_once_remind_everybody_once(post: MailServer) -> None:
    people = [asked(f"learner{number}@example.org").email for number in range(LEARNERS)]
    together, sent = threading.Barrier(JOBS), list[int]()

    def run() -> None:
        try:
            together.wait()
            sent.append(job().sent)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(JOBS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(post.recipients) == Counter(people)
    assert sum(sent) == LEARNERS
    assert len(sent) == JOBS
