"""`python -m bench`: see `python -m bench --help`."""

# Kept readable for every Python 3, so that one too old can say so.
import sys

if sys.version_info < (3, 11):
    sys.exit("after202: this is Python %d.%d, and 3.11 or newer is needed: install one and run make again" % sys.version_info[:2])

from bench.cli import main

if __name__ == "__main__":
    main()
