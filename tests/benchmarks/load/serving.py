"""The servers of one run, each with two cores, and what they used: CPU and memory."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import psutil

CORES = 2


def cores_of_servers() -> list[int]:
    return sorted(os.sched_getaffinity(0))[:CORES]


def cores_of_learners() -> list[int]:
    """What is left, if that is anything: learners bring their own machines."""
    every = sorted(os.sched_getaffinity(0))
    return every[CORES:] or every


def pin(process: psutil.Process) -> None:
    """The process and all that it has started stay on the servers' cores, and their threads."""
    for one in [process, *process.children(recursive=True)]:
        for thread in one.threads():
            with suppress(OSError):
                os.sched_setaffinity(thread.id, cores_of_servers())


@dataclass(slots=True)
class Meter:
    """CPU seconds of a server with all its processes, those that have ended included."""

    process: psutil.Process

    def read(self) -> float:
        own = self.process.cpu_times()
        total = own.user + own.system + own.children_user + own.children_system
        for child in self.process.children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                times = child.cpu_times()
                total += times.user + times.system
        return float(total)


def listener(port_or_socket: int) -> psutil.Process:
    """The process that listens there."""
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            for connection in process.net_connections():
                if connection.status == "LISTEN" and connection.laddr.port == port_or_socket:
                    return process
    raise LookupError(f"nobody listens at {port_or_socket}")


@contextmanager
def gunicorn(
    environment: dict[str, str], *, workers: int, threads: int
) -> Iterator[tuple[int, psutil.Process]]:
    """The production command: its port and its master process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "leitner.wsgi"]
    command += ["--config", "python:leitner.gunicorn", "--bind", f"127.0.0.1:{port}"]
    command += ["--workers", str(workers), "--threads", str(threads)]
    process = subprocess.Popen(command, env=os.environ | environment)
    try:
        _wait(port, process)
        master = psutil.Process(process.pid)
        pin(master)
        yield port, master
    finally:
        process.terminate()
        process.wait(30)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if process.poll() is not None:
            raise SystemExit("gunicorn did not start; its message is above")
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health/", timeout=5)
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("gunicorn does not answer")


def memory(master: psutil.Process) -> list[tuple[str, float, float]]:
    """Name, RSS and PSS of master and workers, MB (PSS shares what processes have in common)."""
    rows = []
    for one in [master, *master.children()]:
        info = one.memory_full_info()
        name = "master" if one.pid == master.pid else "worker"
        rows.append((name, info.rss / 1e6, info.pss / 1e6))
    return rows
