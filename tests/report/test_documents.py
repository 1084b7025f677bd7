"""What tools read: `summary.json`, and what `plan` and `check` print as JSON, by their schemas."""

import json
import math
from pathlib import Path

import jsonschema_rs
import pytest
from typer.testing import CliRunner

from after202 import report
from after202.analyse import tables
from after202.cli import app
from after202.commands.schema import DOCUMENTS
from after202.kernel.model import Value
from after202.records import tables as rows
from after202.records.document import Number
from after202.records.summary import Summary
from tests.analyse.run_folder import TrialHistory, write_run
from tests.report.test_report import side_by_side


def printed(*arguments: str) -> tuple[int, dict[str, object]]:
    """Return the exit code of a command, and the JSON that it prints."""
    done = CliRunner().invoke(app, list(arguments))
    return done.exit_code, json.loads(done.stdout)


def require_valid(document: dict[str, object], name: str) -> None:
    """Fail if a document does not fit the schema that the command prints."""
    code, schema = printed("schema", name)
    assert code == 0
    jsonschema_rs.validator_for(schema).validate(document)


def written(path: Path) -> dict[str, object]:
    """Return the summary of a run with comparisons, a loss, an episode and a trial not valid."""
    histories = [
        *side_by_side(2.0),
        TrialHistory("gather", rate_per_s=9, lost=frozenset(range(40))),
        TrialHistory("rq_queue", rate_per_s=9, valid=False),
        TrialHistory("celery_queue", fault="W2", lost=frozenset({3})),
    ]
    folder = write_run(path, histories)
    report.write(folder)
    found: dict[str, object] = json.loads((folder.path / "summary.json").read_text())
    return found


def test_a_summary_fits_its_schema_and_says_what_the_tables_say(tmp_path: Path) -> None:
    """Times, verdicts and guarantees; what never ended is a word, what is missing is null."""
    found = Summary.model_validate(written(tmp_path))
    require_valid(json.loads(found.text()), "summary")
    verdicts = {(v.strategy, v.metric, v.quantile): v for v in found.verdicts if not v.is_control}
    slower = verdicts["inline", "response", 0.5]
    assert (slower.verdict, slower.baseline, slower.blocks) == ("slower", "background_tasks", 6)
    assert slower.ratio == pytest.approx(2, rel=0.01)
    latency = {(row.strategy, row.metric, row.quantile): row for row in found.latency}
    assert latency["gather", "completion", 0.5].estimate_ms == "infinity"
    assert latency["gather", "response", 0.5].low_ms is None
    lossy = {(row.strategy, row.fault): row for row in found.completion}
    assert lossy["celery_queue", "W2"].lost == 1
    assert lossy["celery_queue", "W2"].done_at_least_once == "broken"
    assert (found.trials.planned, found.trials.valid, found.check) == (21, 20, "broken")


def test_a_schema_notices_what_is_wrong(tmp_path: Path) -> None:
    """A missing member, one that is not known, and another version are refused."""
    good = written(tmp_path)
    for wrong in (
        {key: value for key, value in good.items() if key != "verdicts"},
        {**good, "unknown": 1},
        {**good, "schema": 2},
    ):
        with pytest.raises(jsonschema_rs.ValidationError):
            require_valid(wrong, "summary")


@pytest.mark.parametrize(
    ("kind", "columns"),
    [
        (rows.Latency, tables.LATENCY),
        (rows.Completion, tables.COMPLETION),
        (rows.Recovery, tables.RECOVERY),
        (rows.Resources, tables.RESOURCES),
        (rows.Capacity, tables.CAPACITY),
        (rows.Goodput, tables.GOODPUT),
        (rows.Pressure, tables.PRESSURE),
    ],
)
def test_a_tables_columns_are_the_fields_of_its_rows(kind: type[Value], columns: list[str]) -> None:
    """A column that is added to a table is added to summary.json too."""
    assert sorted(kind.model_fields) == sorted(columns)


@pytest.mark.parametrize(
    ("value", "text"), [(math.inf, '"infinity"'), (-math.inf, '"-infinity"'), (1.5, "1.5")]
)
def test_an_infinite_number_is_a_word(value: float, text: str) -> None:
    """JSON has no infinity."""

    class Holder(Value):
        number: Number

    assert Holder(number=value).model_dump_json() == f'{{"number":{text}}}'


def test_check_prints_json(tmp_path: Path) -> None:
    """Each trial's verdict, with the exit code that the command has."""
    lost = TrialHistory("inline", lost=frozenset({3}))
    folder = write_run(tmp_path / "x", [TrialHistory("gather"), lost])
    code, found = printed("check", str(folder.path), "--json")
    require_valid(found, "check")
    assert (code, found["exit_code"], found["verdict"]) == (1, 1, "broken")
    trials = found["trials"]
    assert isinstance(trials, list)
    assert [one["verdict"] for one in trials] == ["holds", "broken"]
    assert trials[1]["classes"] == {"lost": 1, "once": 39}
    assert trials[1]["done_at_least_once"] == "broken"


def test_an_unknown_schema_is_refused_with_those_there_are() -> None:
    """In one line."""
    done = CliRunner().invoke(app, ["schema", "nonsense"])
    assert str(done.exception) == (
        "unknown document 'nonsense': there are summary, plan, check, compare"
    )
    assert list(DOCUMENTS) == ["summary", "plan", "check", "compare"]


@pytest.mark.processes
def test_plan_prints_json() -> None:
    """Every trial as it is planned, and how long all of it is expected to take."""
    code, found = printed("plan", "smoke", "--strategy", "inline", "--json")
    require_valid(found, "plan")
    assert code == 0
    assert isinstance(found["trials"], list)
    (trial,) = found["trials"]
    assert (trial["kind"], trial["arm"]["strategy"]) == ("comparison", "inline")
    assert found["expected_s"] == found["asked_s"]
    assert found["notes"]
