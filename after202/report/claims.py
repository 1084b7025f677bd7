"""What people say, what happened here, what to do instead: a session of claims as a report."""

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator, Sequence

from after202.kernel.text import printable
from after202.records.claims import ClaimRecord, ClaimsFolder, ClaimsRecord
from after202.records.evidence import Evidence
from after202.records.files import fresh, writing
from after202.report.blocks import Cell, Section, Text, table
from after202.report.rendering import html, markdown

INDEX, REPORT = "index.html", "REPORT.md"
FALSE, DEPENDS, TRUE, NOT_TRIED = "false", "depends", "true", ""
ORDER = (FALSE, DEPENDS, TRUE, NOT_TRIED)
MARKS = {FALSE: "lost", DEPENDS: "stuck", TRUE: "done", NOT_TRIED: "unseen"}
TITLES = {
    FALSE: "What is not so",
    DEPENDS: "What holds in some cases",
    TRUE: "What is so",
    NOT_TRIED: "What could not be tried here",
}
COLUMNS = (
    "number", "claim", "source", "verdict", "on_what", "evidence", "runs", "versions",
    "sentence", "reason", "also", "took_s",
)  # fmt: skip
SAYS, SAW, INSTEAD = "what people say", "what happened here", "what to do instead"


def write(folder: ClaimsFolder) -> None:
    """Write claims.csv, the page and its Markdown from what was tried."""
    found, written = folder.stored(), sections(folder.read(), folder.stored())
    with writing(folder.path):
        fresh(folder.table).write_text(as_csv(found), encoding="utf-8")
        page = html.page(written, "What people say of background work, put to the test")
        fresh(folder.page(INDEX)).write_text(page, encoding="utf-8")
        fresh(folder.page(REPORT)).write_text(markdown.page(written), encoding="utf-8")


def as_csv(found: Sequence[ClaimRecord]) -> str:
    """Return claims.csv; evidence is JSON: one object a run, of figures by condition."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(COLUMNS)
    for one in found:
        evidence = json.dumps(list(map(_rounded, one.evidence)), ensure_ascii=False)
        rows.writerow([
            one.number, one.says, one.source, one.verdict, one.on, evidence, len(one.evidence),
            one.versions_told, one.sentence, one.reason, one.also, one.took_s,
        ])  # fmt: skip
    return out.getvalue()


def _rounded(evidence: Evidence) -> Evidence:
    return {
        condition: {
            name: value if value is None else round(value, 3) for name, value in row.items()
        }
        for condition, row in evidence.items()
    }


def sections(record: ClaimsRecord, found: Sequence[ClaimRecord]) -> list[Section]:
    """Return the opening and a section per verdict, false ones first."""
    machine = record.machine
    where = (
        f"{machine['cores']} cores of {machine['processor']}, Python {machine['python']}; begun"
        f" {record.started_at}"
    )
    begin = Section(
        headline(found), (Text(where, "small"),), kicker="What people say, put to the test"
    )
    return [begin, *_by_verdict(found)]


def _by_verdict(found: Sequence[ClaimRecord]) -> Iterator[Section]:
    for word in ORDER:
        rows = [_row(one) for one in found if one.verdict == word]
        if rows:
            yield Section(TITLES[word], (table((SAYS, SAW, INSTEAD), rows),))


def _row(one: ClaimRecord) -> tuple[Cell, ...]:
    about = [f"with {one.also}"] if one.also else []
    notes = [_as_sentence(plain(one.sentence or one.reason)), one.versions_told]
    return (
        Cell(f"{one.number}. {plain(one.says)}", notes=(f"{one.source}", *about)),
        Cell(_word(one), MARKS[one.verdict], tuple(filter(None, notes))),
        Cell(plain(one.instead)),
    )


def plain(text: str) -> str:
    """Return a text without the marks of code, which a report does not have."""
    return text.replace("`", "")


def _as_sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"


def _word(one: ClaimRecord) -> str:
    if not one.verdict:
        return "not tried"
    return f"{one.verdict} on {one.on}" if one.on else one.verdict


def headline(found: Sequence[ClaimRecord]) -> str:
    """Return how many claims came out which way."""
    by = Counter(one.verdict for one in found)
    told = [f"{by[word]} {_said(word, by[word])}" for word in ORDER if by[word]]
    claims = "claim" if len(found) == 1 else "claims"
    return f"Of {len(found)} {claims}, {', '.join(told) or 'none was tried'}."


def _said(word: str, number: int) -> str:
    one, many = {
        FALSE: ("is false", "are false"),
        DEPENDS: ("holds in some cases", "hold in some cases"),
        TRUE: ("is true", "are true"),
        NOT_TRIED: ("could not be tried", "could not be tried"),
    }[word]
    return one if number == 1 else many


def for_terminal(found: Sequence[ClaimRecord]) -> list[str]:
    """Return the counts, and what could not be tried."""
    missing = [f"{one.number} was not tried: {one.reason}" for one in found if not one.verdict]
    return [printable(line) for line in (headline(found), *missing)]
