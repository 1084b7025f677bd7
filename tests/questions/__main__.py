"""Makes docs/questions from the claims' own files and from a session's claims.csv.

    python -m tests.questions [SESSION ...]

What several sessions have tried is taken from the last of them. Without a session the pages are
made again from what earlier ones found.
"""

import sys
from pathlib import Path

import pandas as pd

from after202.kernel.errors import UsageError
from after202.kernel.paths import results
from after202.records import claims
from tests.questions import page, readme
from tests.questions.found import Found, read
from tests.questions.page import PAGES, TABLE


def main(*sessions: str) -> None:
    """Keep the sessions' tables, and write the pages and the README's table."""
    PAGES.mkdir(exist_ok=True)
    if sessions:
        keep(*map(table_of, sessions))
    found = read(TABLE)
    texts = written(found)
    for path in PAGES.glob("*.md"):
        if path.name not in texts:
            path.unlink()
    for name, text in texts.items():
        (PAGES / name).write_text(text, encoding="utf-8")
    readme.write(found)


def table_of(session: str) -> Path:
    """Return a session's claims.csv; UsageError if there is no such session."""
    if session == "latest":
        return claims.newest(results()).table
    found = claims.known(session, results())
    if found is None:
        raise UsageError(f"no session of claims {session!r}")
    return found.table


def keep(*tables: Path) -> None:
    """Put tables together as one; of what several have, the last one's row is kept."""
    every = pd.concat([pd.read_csv(path, keep_default_na=False) for path in tables])
    kept = every.drop_duplicates(["number", "also"], keep="last")
    kept.sort_values(["number", "also"]).to_csv(TABLE, index=False, lineterminator="\n")


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
