"""The worker of the lines queue: a process per slot, each of which takes one message at a time."""

import json
import os
import socket
import time
from collections.abc import Iterator
from functools import cache
from threading import Lock
from typing import Any

from after202.kernel.model import HARNESS, Job, Look, Wiring
from workers.perform import perform
from workers.settings import settings

IDLE_S, AGAIN_S, TIMEOUT_S = 0.02, 0.2, 3.0


class Line:
    """A connection to the broker, which asks one thing at a time."""

    def __init__(self, url: str, name: str) -> None:
        """Connect; OSError if the broker does not answer."""
        host, port = url.removeprefix("lines://").split(":")
        self._socket = socket.create_connection((host, int(port)), TIMEOUT_S)
        self._lines = self._socket.makefile()
        self._socket.sendall(f"{name}\n".encode())
        self._asking = Lock()

    def ask(self, question: dict[str, Any]) -> Any:
        """Return the answer; OSError or ValueError if there is none."""
        with self._asking:
            self._socket.sendall(f"{json.dumps(question)}\n".encode())
            return json.loads(self._lines.readline())

    def close(self) -> None:
        """Leave."""
        self._lines.close()
        self._socket.close()


@cache
def line() -> Line:
    """Return this process's connection."""
    return Line(settings().broker_url, "")


def push(job: Job, step: int) -> None:
    """Enqueue a step, by a new connection if the last one broke."""
    message = {"job": job.model_dump(mode="json"), "step": step}
    try:
        line().ask({"push": message})
    except (OSError, ValueError):
        line.cache_clear()
        line().ask({"push": message})


def run() -> None:
    """Work until told to stop."""
    children = [pid for _ in range(settings().slots) if (pid := os.fork() or _work())]
    for pid in children:
        os.waitpid(pid, 0)


def _work() -> int:
    while True:
        try:
            for taken in _messages(Line(settings().broker_url, "")):
                perform(Job.model_validate(taken["job"]), taken["step"])
        except (OSError, ValueError):
            time.sleep(AGAIN_S)


def _messages(broker: Line) -> Iterator[dict[str, Any]]:
    while True:
        entry = broker.ask({"take": True})
        if entry is None:
            time.sleep(IDLE_S)
            continue
        yield entry["message"]
        broker.ask({"done": entry["id"]})


def held(wiring: Wiring) -> Look | None:
    """Return the jobs whose messages wait or were taken; None if the broker does not answer."""
    try:
        asked = Line(wiring.broker_url, HARNESS)
        places = asked.ask({"held": True})
        asked.close()
    except (OSError, ValueError):
        return None
    return Look(held={m["job"]["id"]: place for place, ms in places.items() for m in ms})
