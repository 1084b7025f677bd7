"""`python -m workers.health STRATEGY`: exit with status 0 if this container's worker is healthy.

The first check after each start of the container asks the queue whether it knows the worker. Later
checks need nothing: the container ends with the worker's main process.
"""

import sys
from pathlib import Path

import workers

# /dev/shm is memory that is empty at each start of a container.
HEARD_OF = Path("/dev/shm/after202-heard-of")  # noqa: S108 - no other user is in the container


def main() -> None:
    """Check the worker of the strategy named on the command line."""
    if HEARD_OF.exists():
        return
    if not workers.load(sys.argv[1]).is_heard_of():
        sys.exit("the queue has not heard of this worker yet")
    HEARD_OF.touch()


if __name__ == "__main__":
    main()
