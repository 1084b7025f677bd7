"""What stands in a record does not become markup, a formula, or a remote image."""

import csv
import re
from pathlib import Path

import pytest

from after202 import report
from after202.records.trial_record import TrialRecord
from after202.report.blocks import Items, Section, Text, table
from after202.report.rendering import markdown
from tests.analyse.run_folder import TrialHistory, write_run

EVIL = [
    "<script>alert(1)</script>",
    "![x](http://127.0.0.1/x.png)",
    "[click](http://127.0.0.1)",
    "# a heading",
    "`code` and *emphasis*",
]


@pytest.mark.parametrize("evil", EVIL)
def test_markdown_shows_a_text_as_it_is(evil: str) -> None:
    """In a paragraph, a list, a table's cell and a caption."""
    blocks = (Text(evil), Items((evil,)), table(("a",), [(evil,)], caption=evil))
    page = markdown.page([Section("x", blocks)])
    for active in ("<script>", "![", "](", "\n# a", "- # a", " `code`", " *emphasis*"):
        assert active not in re.sub(r"\\.", "", page)


def test_a_line_break_or_a_bar_keeps_to_its_cell() -> None:
    """A row stays a row."""
    page = markdown.page([Section("x", (table(("a", "b"), [("1\n2", "3|4")]),))])
    assert "| 1 2 | 3\\|4 |" in page


def test_what_the_suite_itself_says_is_readable_as_it_is() -> None:
    """Names with underscores, numbers, percents and quotes are not escaped."""
    said = 'background_tasks#2 answers 1.02 x faster at p50 (signup 5/s): "same", within 5 %'
    assert said in markdown.page([Section("x", (Items((said,)),))])


def test_no_cell_of_a_table_is_a_formula(tmp_path: Path) -> None:
    """A strategy may be called anything that a file can."""
    folder = write_run(tmp_path, [TrialHistory("inline"), TrialHistory("-1+1")])
    report.write(folder)
    with (folder.tables / "completion.csv").open() as file:
        names = {row["strategy"] for row in csv.DictReader(file)}
    assert names == {"inline", "'-1+1"}


@pytest.mark.parametrize("name", ["../../victim", "..", "a/b", "", "a\nb", "x" * 300])
def test_a_trials_id_is_never_a_path(name: str) -> None:
    """A record that says so is not read."""
    stored = TrialHistory("inline").trial(0).model_dump(mode="json")
    with pytest.raises(ValueError, match="id"):
        TrialRecord.model_validate(
            {"schema": 2, "trial": {**stored, "id": name}, "valid": True, "started_at": ""}
        )
