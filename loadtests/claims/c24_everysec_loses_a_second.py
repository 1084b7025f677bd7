"""Redis with `appendfsync everysec` may lose a second of jobs.

A server that is killed has handed its writes to the operating system, which keeps them. Only a
power cut takes what is not on the disk yet. We cannot cut the power, but Linux tells when a file's
writes are on the disk. WAITAOF does not: Valkey 9.1.2 answers before the sync.
"""

import ctypes
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import redis
from rq import Queue
from rq.serializers import JSONSerializer

from loadtests.claims import (
    RQ,
    Broker,
    CannotRunError,
    Claim,
    Evidence,
    Lab,
    Seen,
    Verdict,
    depends,
    false,
    true,
)

CLIENTS, LOAD_S, WRITES = 4, 0.7, 3
CACHESTAT = 451  # the number of the system call
SAVED, ALWAYS = "save points, KILL", "AOF always, KILL"
EVERYSEC, EVERYSEC_TERM = "AOF everysec, KILL", "AOF everysec, TERM"
OTHERS = ("no persistence, KILL", "save points, TERM")
CASES = (*OTHERS, SAVED, EVERYSEC, EVERYSEC_TERM, ALWAYS)
ACCEPTED, LOST, ON_DISK = "jobs accepted", "jobs lost", "on the disk after, ms"


def job() -> None:
    """Stand for any work: the jobs only wait here."""


def queue_of(broker: Broker) -> Queue:
    """Return a queue over a connection of its own."""
    return Queue(connection=redis.Redis.from_url(broker.url), serializer=JSONSerializer)


def enqueue(broker: Broker) -> list[str]:
    """Enqueue one job after the other until the broker is gone; return those it accepted."""
    queue, accepted = queue_of(broker), []
    while True:
        try:
            accepted.append(queue.enqueue(job).id)
        except redis.RedisError:
            return accepted


def kept(broker: Broker) -> set[str]:
    """Return the jobs that wait, as soon as the broker has read its files."""
    while True:
        try:
            return set(queue_of(broker).job_ids)
        except redis.BusyLoadingError:
            time.sleep(0.05)


def on_disk_ms(broker: Broker) -> float:
    """Return how long a job is not on the disk yet, at most."""
    queue, took_s = queue_of(broker), []
    folder = Path(str(queue.connection.config_get("dir")["dir"]))
    (folder / "probe").write_bytes(b"x")
    if not is_dirty(folder / "probe"):
        raise CannotRunError("the broker's folder is not on a disk")
    for _ in range(WRITES):
        queue.enqueue(job)
        accepted_s = time.monotonic()
        while any(map(is_dirty, folder.glob("appendonlydir/*.aof"))):
            time.sleep(0.001)
        took_s.append(time.monotonic() - accepted_s)
    return max(took_s) * 1000


def is_dirty(path: Path) -> bool:
    """Return whether the operating system has yet to write a part of a file to the disk."""
    whole, pages = (ctypes.c_uint64 * 2)(0, 0), (ctypes.c_uint64 * 5)()
    file = os.open(path, os.O_RDONLY)
    try:
        if ctypes.CDLL(None).syscall(CACHESTAT, file, whole, pages, 0):
            raise CannotRunError("Linux 6.5 or later is needed, for cachestat")
    finally:
        os.close(file)
    return any(pages[1:3])  # dirty, and being written


def experiment(lab: Lab) -> Evidence:
    """End the broker while four clients enqueue, start it again, and look for what it accepted."""
    found: Evidence = {}
    for case in CASES:
        durability, signal = case.split(", ")
        broker = lab.redis(durability)
        disk_ms = on_disk_ms(broker) if durability.startswith("AOF") else None
        with ThreadPoolExecutor(CLIENTS) as pool:
            clients = [pool.submit(enqueue, broker) for _ in range(CLIENTS)]
            time.sleep(LOAD_S)
            if signal == "KILL":
                broker.kill()
            else:
                broker.terminate()
                broker.wait(10)
            accepted = {number for client in clients for number in client.result()}
        broker.start()
        lost = len(accepted - kept(broker))
        found[case] = {ACCEPTED: len(accepted), LOST: lost, ON_DISK: disk_ms}
        broker.kill()
    return found


def judge(seen: Seen) -> Verdict:
    """Judge by whether a kill takes most of what was accepted within a second."""
    lost, accepted = seen.median(EVERYSEC, LOST), seen.median(EVERYSEC, ACCEPTED)
    late_ms = max(seen.most(case, ON_DISK) for case in (EVERYSEC, EVERYSEC_TERM))
    at_once_ms = seen.median(ALWAYS, ON_DISK)
    if lost > accepted / 2:
        return true(f"a kill took {lost:.0f} of {accepted:.0f} jobs of the last {LOAD_S} s")
    if late_ms < 2 * at_once_ms:
        return false(f"a kill took {lost:.0f} of {accepted:.0f} jobs, and each was on disk at once")
    return depends(
        "what ends the server",
        f"a kill took {lost:.0f} of {accepted:.0f} accepted jobs, but some reached the disk only"
        f" {late_ms:.0f} ms later (always: {at_once_ms:.0f} ms), and a power cut takes those; with"
        f" save points, a kill took {seen.median(SAVED, LOST):.0f} of"
        f" {seen.median(SAVED, ACCEPTED):.0f}",
    )


CLAIM = Claim(
    says="Redis with an append-only file, synced every second, may lose a second of jobs.",
    question="Does Redis with appendonly (everysec) lose jobs in a crash?",
    topic="Brokers",
    source="Redis's documentation",
    instead="Turn appendonly on: the default save points lose far more. Take appendfsync always if"
    " not even a power cut may take a job.",
    experiment=experiment,
    judge=judge,
    about=RQ,
    runs=1,
    timed=False,
)
