"""Runs a queue's worker, prints what its queue holds, or deletes the queue.

python -m workers run QUEUE       work until told to stop
python -m workers held QUEUE      answer each wiring on standard input with a line of JSON
python -m workers forget QUEUE    delete the queue
"""

import sys

import workers
from after202.kernel.model import Wiring
from workers import workloads
from workers.settings import settings


def run(queue: str) -> None:
    """Work until told to stop."""
    # Forked children inherit loaded modules. Otherwise RQ would import them for every message.
    workloads.load_all()
    workers.load(queue).run()


def held(queue: str) -> None:
    """Print what the queue of each wiring still holds; null if its broker does not answer."""
    module = workers.load(queue)
    for line in sys.stdin:
        look = module.held(Wiring.model_validate_json(line))
        sys.stdout.write(("null" if look is None else look.model_dump_json()) + "\n")
        sys.stdout.flush()


def forget(queue: str) -> None:
    """Delete the messages and the workers of a queue from a broker that others use too."""
    forgets = getattr(workers.load(queue), "forget", None)
    if forgets is not None:
        forgets(settings())


if __name__ == "__main__":
    command, source = sys.argv[1:]
    {"run": run, "held": held, "forget": forget}[command](source)
