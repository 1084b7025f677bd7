"""`python -m after202.validate.storm FOLDER`: write to a ledger as fast as possible."""

import sys
from itertools import count
from pathlib import Path
from uuid import UUID

from after202.kernel.ledger import EventKind, Ledger

if __name__ == "__main__":
    ledger = Ledger(Path(sys.argv[1]))
    for number in count(1):
        ledger.record(EventKind.START, UUID(int=number), 0)
