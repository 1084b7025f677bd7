"""Makes the tables of docs/guarantees.md from a run, and checks what the page says about them.

    python -m tests.guarantees RUN [PAGE]

A region of the page begins with `<!-- outcomes: F0 A1 ... -->` and ends with `<!-- /outcomes -->`.
It is made again if the run has every one of its faults. Exit 1 if a claim of the page does not
hold: its paragraph is to be written again.
"""

import shutil
import sys
from pathlib import Path

from after202.analyse import run as runs
from after202.kernel.errors import UsageError
from after202.records.folder import find_run
from tests.guarantees import claims, regions
from tests.project import ROOT

PAGE = ROOT / "docs" / "guarantees.md"
CHART = "fault_matrix.png"


def main(name: str, page: Path = PAGE) -> int:
    """Make what the run can make, say what does not hold, and return the exit code."""
    run = runs.read(find_run(name, ROOT / "results"))
    before = page.read_text(encoding="utf-8")
    text, made = regions.remake(before, run)
    page.write_text(text, encoding="utf-8")
    chart = run.folder.charts / CHART
    # The page's picture is of the first region.
    if made[0] == regions.first(text) and chart.exists():
        shutil.copy(chart, page.with_name(CHART))
    found = list(claims.broken(text))
    for line in [f"made: {' '.join(made)}", *(f"does not hold: {claim}" for claim in found)]:
        sys.stdout.write(f"{line}\n")
    return 1 if found else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1], *map(Path, sys.argv[2:])))
    except UsageError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)
