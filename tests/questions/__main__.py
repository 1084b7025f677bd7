"""Makes docs/questions from the claims' own files and from a session's claims.csv.

    python -m tests.questions [SESSION]

Without a session the pages are made again from what an earlier one found.
"""

import sys

from after202.kernel.errors import UsageError
from after202.kernel.paths import results
from after202.records import claims
from tests.questions import page
from tests.questions.found import Found, read
from tests.questions.page import PAGES


def main(session: str = "") -> None:
    """Keep the session's table, and write a page for each claim and one that lists them."""
    PAGES.mkdir(exist_ok=True)
    if session:
        keep(session)
    texts = written(read(PAGES / "claims.csv"))
    for path in PAGES.glob("*.md"):
        if path.name not in texts:
            path.unlink()
    for name, text in texts.items():
        (PAGES / name).write_text(text, encoding="utf-8")


def keep(session: str) -> None:
    """Copy a session's claims.csv; UsageError if there is no such session."""
    if session == "latest":
        folder = claims.newest(results())
    else:
        there = claims.known(session, results())
        if there is None:
            raise UsageError(f"no session of claims {session!r}")
        folder = there
    (PAGES / "claims.csv").write_text(folder.table.read_text(encoding="utf-8"), encoding="utf-8")


def written(found: list[Found]) -> dict[str, str]:
    """Return the pages by their files' names."""
    usual = [one for one in found if not one.also]
    pages = {
        page.name(one): page.of(one, [o for o in found if o.also and o.number == one.number])
        for one in usual
    }
    return {**pages, "README.md": page.index(usual)}


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except UsageError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)
