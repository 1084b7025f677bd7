"""Keeps what a reader needs of runs in results/reference/, and writes the README's finding.

    python -m tests.reference RUN [RUN ...]

Of each run the page, its tables and charts are kept, in a folder named like its profile; the raw
events are not.
"""

import shutil
import sys
from pathlib import Path

from after202.kernel.errors import UsageError
from after202.records.folder import RunFolder, find_run
from tests.project import ROOT
from tests.reference import readme

KEPT = ("index.html", "REPORT.md", "summary.json", "run.json", "tables/*.csv", "charts/*.svg")


def keep(run: RunFolder, reference: Path) -> Path:
    """Copy what is kept of a run in place of what was kept before, and return the folder."""
    target = reference / run.read().profile_name
    shutil.rmtree(target, ignore_errors=True)
    for pattern in KEPT:
        for path in sorted(run.path.glob(pattern)):
            copy = target / path.relative_to(run.path)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copy)
    return target


def main(names: list[str]) -> None:
    """Keep runs, and write the README's finding from what is kept."""
    for name in names:
        folder = keep(find_run(name, ROOT / "results"), ROOT / "results" / "reference")
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        sys.stdout.write(f"{folder.relative_to(ROOT)}: {size / 1e6:.1f} MB\n")
    page = ROOT / "README.md"
    page.write_text(readme.remade(page.read_text(encoding="utf-8"), ROOT), encoding="utf-8")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except UsageError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)
