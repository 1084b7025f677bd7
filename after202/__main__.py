"""`python -m after202`: see `python -m after202 --help`."""

# Kept readable for every Python 3, so that one too old can say so.
import sys

if sys.version_info < (3, 11):  # noqa: UP036 - the very check
    sys.exit("after202 needs Python 3.11 or newer: install one and run make again")

from after202.cli import main

if __name__ == "__main__":
    main()
