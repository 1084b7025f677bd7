"""A bystander's requests: one falls due every 20 ms, whatever became of those before it."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from after202.claims import talk

EVERY_S = 0.02


@contextmanager
def probing(port: int, path: str) -> Iterator[list[float]]:
    """Yield the list of times in ms, from when a request fell due; complete when the block ends.

    Each request has a thread and a connection of its own, so that none waits for another's answer.
    """
    times_ms: list[float] = []
    ended = threading.Event()
    asking: list[threading.Thread] = []
    writes = threading.Lock()

    def ask(due_s: float) -> None:
        talk.ask(port, path)
        with writes:
            times_ms.append((time.monotonic() - due_s) * 1000)

    def pace() -> None:
        due_s = time.monotonic()
        while not ended.wait(max(0.0, due_s - time.monotonic())):
            one = threading.Thread(target=ask, args=(due_s,), daemon=True)
            one.start()
            asking.append(one)
            due_s += EVERY_S

    pacer = threading.Thread(target=pace, daemon=True)
    pacer.start()
    try:
        yield times_ms
    finally:
        ended.set()
        pacer.join()
        for one in asking:
            one.join()
