"""The README says what the reference runs found, and what is kept of them is small and clean."""

import re
from pathlib import Path

from tests.project import ROOT
from tests.reference import readme

REFERENCE = ROOT / "results" / "reference"
LIMIT_BYTES = 3_000_000
# Folders of whoever measured, and addresses.
PRIVATE = re.compile(rb"/(?:home|root|tmp|work)/\w|redis://[^*\"]*@")
REPORT = """# RQ answers soonest.

*Your API said 202 Accepted. Then what?*

Celery **loses** most.



![a chart](charts/glance.svg)

## What do I lose?

Much.
"""


def test_the_readme_says_what_the_reference_run_found() -> None:
    """Whoever takes a reference run again has the page written again too."""
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    assert readme.REGION.search(page)
    assert readme.remade(page, ROOT) == page


def test_a_finding_is_the_report_up_to_its_first_question(tmp_path: Path) -> None:
    """Its title leads; pictures are found from the README."""
    folder = tmp_path / "results" / "reference" / "quick"
    folder.mkdir(parents=True)
    (folder / "REPORT.md").write_text(REPORT)
    page = "before\n<!-- reference: quick -->\nold\n<!-- /reference -->\nafter\n"
    assert readme.remade(page, tmp_path) == (
        "before\n<!-- reference: quick -->\n"
        "**RQ answers soonest.**\n\nCelery **loses** most.\n\n"
        "![a chart](results/reference/quick/charts/glance.svg)\n\n"
        "[The whole report](results/reference/quick/REPORT.md)\n"
        "<!-- /reference -->\nafter\n"
    )


def test_what_is_kept_is_small_and_names_nothing_private() -> None:
    """A clone stays small, and a reader learns nothing of the machine but what the report says."""
    files = [path for path in REFERENCE.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < LIMIT_BYTES
    assert [path.name for path in files if PRIVATE.search(path.read_bytes())] == []
