"""Shows that RQ may leave the next step of an ordered job until its next clean-up.

    python -m tests.workers.ready_registry [ROUNDS]

It uses RQ alone, and nothing of this project but a Redis server: two workers, and in each round
five chains of three jobs that depend on one another. A round is over when every job is finished, or
when nothing has happened for some seconds; then the jobs that are still in the registry of the
ready ones are counted, enqueued as a clean-up would, and waited for.
"""

import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from redis import Redis
from rq import Queue
from rq.job import Job
from rq.version import VERSION

from after202.servers.valkey import Valkey

WORKERS, CHAINS, STEPS, ROUNDS = 2, 5, 3, 40
STILL_S, POLL_S = 3.0, 0.05


def submitted(queue: Queue) -> list[Job]:
    """Submit a round's chains."""
    found: list[Job] = []
    for _ in range(CHAINS):
        previous = None
        for _ in range(STEPS):
            previous = queue.enqueue(time.time, depends_on=previous)
            found.append(previous)
    return found


def unfinished(jobs: list[Job]) -> int:
    """Wait until all jobs are finished, or none was for some seconds; return how many are not."""
    left, since_s = len(jobs), time.monotonic()
    while left and time.monotonic() - since_s < STILL_S:
        time.sleep(POLL_S)
        now = sum(not job.is_finished for job in jobs)
        left, since_s = (now, time.monotonic()) if now != left else (left, since_s)
    return left


def main(rounds: int) -> None:
    """Count the rounds that came to a stop, and the jobs that were ready then."""
    stopped = ready = 0
    with TemporaryDirectory() as name:
        server = Valkey("broker", Path(name) / "data", Path(name) / "log", cpus=())
        command = [sys.executable, "-m", "rq.cli", "worker", "--url", server.url, "--quiet"]
        workers = [subprocess.Popen(command) for _ in range(WORKERS)]
        try:
            queue = Queue(connection=Redis.from_url(server.url))
            for _ in range(rounds):
                jobs = submitted(queue)
                while unfinished(jobs):
                    waiting = queue.ready_job_registry.get_job_ids(cleanup=False)
                    stopped, ready = stopped + 1, ready + len(waiting)
                    queue.ready_job_registry.enqueue_jobs(waiting)
        finally:
            for worker in workers:
                worker.kill()
            server.child.kill()
    total = rounds * CHAINS * STEPS
    sys.stdout.write(
        f"RQ {VERSION}: {rounds} rounds, {total} jobs; everything stood still {stopped} times, with"
        f" {ready} jobs in the registry of the ready ones\n"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
