"""Makes docs/strategies from the strategies' own files and, if one is named, from a run.

    python -m tests.strategies [RUN]

A page whose strategy is not in the run keeps what an earlier one measured.
"""

import sys
from pathlib import Path

from after202.hosts import environments
from after202.kernel.errors import UsageError
from after202.plan.catalogue import strategy_files
from after202.records.folder import find_run
from tests.project import ROOT
from tests.strategies import measured, page

PAGES = ROOT / "docs" / "strategies"


def main(run: str = "") -> None:
    """Write a page for each strategy, and one that lists them."""
    PAGES.mkdir(exist_ok=True)
    every = environments.describe(strategy_files())
    folder = find_run(run, ROOT / "results").path if run else None
    for name, facts in every.items():
        path = PAGES / f"{name}.md"
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        found = measured.text(folder, name) if folder else ""
        path.write_text(
            page.of(facts, page.library(name), found or measured.kept(before)), encoding="utf-8"
        )
    listed = [page.row(every[name], page.library(name)) for name in sorted(every)]
    Path(PAGES / "README.md").write_text(page.index(listed), encoding="utf-8")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except UsageError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)
