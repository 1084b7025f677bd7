"""The pages of docs/questions say what claims.csv and the claims' files say."""

import pytest

from loadtests import claims
from tests.questions import page, readme
from tests.questions.__main__ import written
from tests.questions.found import Found, read
from tests.questions.page import PAGES, TABLE

FOUND = read(TABLE)


def test_pages_are_made_and_not_written_by_hand() -> None:
    """Whoever changes a claim runs `make questions`."""
    there = {path.name: path.read_text(encoding="utf-8") for path in PAGES.glob("*.md")}
    assert there == written(FOUND)


def test_the_readme_has_what_was_found() -> None:
    """Its table of tutorials and its five surprises are made from claims.csv."""
    assert readme.README.read_text(encoding="utf-8") == readme.filled(FOUND)


def test_every_claim_has_a_verdict_that_its_judge_gives_again() -> None:
    """The stored evidence leads to the stored verdict: thresholds that moved are noticed."""
    assert {one.number for one in FOUND} == {one.number for one in claims.listed()}
    for one in FOUND:
        if one.evidence:
            judged = claims.load(page.listed(one.number).name).judge(one.seen)
            assert (judged.word, judged.on, judged.sentence) == (one.verdict, one.on, one.sentence)


def _found(*runs: dict[str, float | None]) -> Found:
    """Return what so many runs found in one condition."""
    return Found(1, "true", "", "", "", "", "", [{"a": run} for run in runs])


@pytest.mark.parametrize(
    ("value", "text"), [(3.0, "3"), (0.456, "0.46"), (12.34, "12.3"), (1234.5, "1,234")]
)
def test_figures_have_about_three_digits(value: float, text: str) -> None:
    """A figure that differs between runs has its least and its most beside it."""
    found = _found({"b": value}, {"b": value})
    assert page._figure(found, "a", "b") == text


def test_what_happened_in_some_runs_only_is_told() -> None:
    """A figure that is missing in all of them never happened."""
    found = Found(
        1, "true", "", "", "", "", "", [{"a": {"b": 1, "c": None}}, {"a": {"b": None, "c": None}}]
    )
    assert page._figure(found, "a", "b") == "1; never in 1"
    assert page._figure(found, "a", "c") == "never"
