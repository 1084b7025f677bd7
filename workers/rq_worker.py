"""`python -m workers.rq_worker`: one plain RQ worker, as `rq worker` is.

It is a script of our own because RQ's documentation advises one for loading modules before the
first fork (Performance Notes), and because it refuses messages that are not ours.
"""

from workers import rq_queue, workloads
from workers.rq_workers import run_one
from workers.settings import settings

if __name__ == "__main__":
    workloads.load_all()
    run_one(rq_queue.queue(), rq_queue.setup_of(settings()).worker)
