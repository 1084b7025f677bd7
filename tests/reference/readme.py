"""The README's finding: the first lines of a reference run's report, between two marks.

<!-- reference: quick -->
...
<!-- /reference -->
"""

import re
from pathlib import Path

REGION = re.compile(r"(<!-- reference: (\w+) -->\n)(.*?)(<!-- /reference -->)", re.DOTALL)
REPORT, KICKER = "REPORT.md", re.compile(r"^\*.*\*\n+", re.MULTILINE)
PICTURE = re.compile(r"\]\(charts/")


def remade(page: str, root: Path) -> str:
    """Return the page with each region made from its reference run's report."""
    return REGION.sub(lambda found: f"{found[1]}{finding(root, found[2])}\n{found[4]}", page)


def finding(root: Path, profile: str) -> str:
    """Return what a reference run found: its report up to the first question, as bold lead."""
    folder = f"results/reference/{profile}"
    report = (root / folder / REPORT).read_text(encoding="utf-8")
    title, _, rest = report.partition("\n")
    lead = KICKER.sub("", rest.partition("\n## ")[0], count=1).strip()
    lead = PICTURE.sub(f"]({folder}/charts/", re.sub(r"\n{3,}", "\n\n", lead))
    return f"**{title.removeprefix('# ')}**\n\n{lead}\n\n[The whole report]({folder}/{REPORT})"
