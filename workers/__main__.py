"""`python -m workers STRATEGY`: work until told to stop."""

import importlib
import sys

from workers import workloads


def main() -> None:
    """Run the worker that the command line names."""
    # Forked children inherit what is loaded; else each of RQ's would import it all again.
    workloads.load_all()
    importlib.import_module(f"workers.{sys.argv[1]}").run()


if __name__ == "__main__":
    main()
