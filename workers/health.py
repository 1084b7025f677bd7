"""`python -m workers.health STRATEGY`: is this container's worker healthy? Exit 0 if it is.

Once for each start of the container, the queue must have heard of the worker; from then on it is
enough that its main process runs, without which there is no container.
"""

import importlib
import sys
from pathlib import Path

# Memory that is new with each start of a container.
HEARD_OF = Path("/dev/shm/after202-heard-of")  # noqa: S108 - nobody else is in there


def main() -> None:
    """Ask the queue of the strategy that the command line names."""
    if HEARD_OF.exists():
        return
    if not importlib.import_module(f"workers.{sys.argv[1]}").is_heard_of():
        sys.exit("the queue has not heard of this worker yet")
    HEARD_OF.touch()


if __name__ == "__main__":
    main()
