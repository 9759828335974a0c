"""`python -m tests.benchmarks.costs COMMAND ...`: what it costs, as a line of JSON.

A process of its own, small: a child that is started by a large one counts as large as that.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time


def main(command: list[str]) -> None:
    start = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - start
    if done.returncode:
        raise SystemExit(f"{command[0]} failed with exit code {done.returncode}")
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu, mb = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "client": cpu, "mb": mb}))


if __name__ == "__main__":
    main(sys.argv[1:])
