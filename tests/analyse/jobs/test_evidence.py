"""No verdict from evidence that does not add up: it is unknown, never lost and never done."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from after202.analyse.findings.checks import check
from after202.analyse.findings.judged import CheckResult
from after202.analyse.run import read
from after202.kernel.ledger import JOINED, EventKind
from after202.kernel.model import Offer
from after202.records.files import write_json
from after202.records.folder import RunFolder, TrialFolder
from after202.records.trial_record import Counts
from tests.analyse.run_folder import START_NS, TrialHistory, event_record, store_again, write_run

UNKNOWN = 2
Edit = Callable[[TrialFolder], None]


def judged(tmp_path: Path, edit: Edit, history: TrialHistory | None = None) -> CheckResult:
    """Check a run of one trial that was edited after it was stored."""
    folder = write_run(tmp_path, [history or TrialHistory("rq_queue")])
    edit(folder.trial("000"))
    return check(folder)


def requests_file(trial: TrialFolder) -> Path:
    """Return the trial's file of requests."""
    (path,) = trial.path.glob("requests-*.parquet")
    return path


def without_requests(trial: TrialFolder) -> None:
    """Remove the rows."""
    requests_file(trial).unlink()


def without_ledger(trial: TrialFolder) -> None:
    """Remove the events."""
    (trial.ledger / JOINED).unlink()


def without_both(trial: TrialFolder) -> None:
    """Remove all that a verdict rests on."""
    without_requests(trial)
    without_ledger(trial)


def flipped(trial: TrialFolder) -> None:
    """Flip a bit of the ledger."""
    path = trial.ledger / JOINED
    data = bytearray(path.read_bytes())
    data[700] ^= 4
    path.write_bytes(data)


def one_more(trial: TrialFolder) -> None:
    """Add a file."""
    (trial.ledger / "late.led").write_bytes(b"")


@pytest.mark.parametrize(
    "edit", [without_requests, without_ledger, without_both, flipped, one_more]
)
def test_files_that_are_not_what_was_stored_give_no_verdict(tmp_path: Path, edit: Edit) -> None:
    """The line names them, and counts no job of any class."""
    found = judged(tmp_path, edit)
    assert found.exit_code == UNKNOWN
    assert found.lines[0].startswith("unknown  000: changed since the trial was stored: ")
    assert "once" not in found.lines[0]
    assert "lost" not in found.lines[0]


def rows(trial: TrialFolder, change: Callable[[pa.Table], pa.Table]) -> None:
    """Change the rows of requests, as if they had been written so."""
    path = requests_file(trial)
    pq.write_table(change(pq.read_table(path)), path)
    store_again(trial)


def record(trial: TrialFolder, /, **fields: Any) -> None:
    """Change the trial's record, as if it had been written so."""
    trial.store(trial.read().model_copy(update=fields))


def events(trial: TrialFolder, *more: bytes) -> None:
    """Add events to the ledger, as if they had been recorded."""
    path = trial.ledger / JOINED
    path.write_bytes(path.read_bytes() + b"".join(more))
    store_again(trial)


def a_job(trial: TrialFolder) -> UUID:
    """Return a job of the trial."""
    return UUID(pq.read_table(requests_file(trial))["job_id"][0].as_py())


def column(name: str, value: str | None) -> Callable[[pa.Table], pa.Table]:
    """Return a change that gives the first row another value."""

    def change(table: pa.Table) -> pa.Table:
        values = [value, *table[name].to_pylist()[1:]]
        return table.set_column(table.schema.get_field_index(name), name, pa.array(values))

    return change


CONTRADICTIONS: dict[str, tuple[Edit, str]] = {
    "fewer rows": (lambda t: rows(t, lambda table: table[5:]), "counted 40 requests sent, and"),
    "fewer answers": (
        lambda t: record(t, load=_counted(t, answered=41)), "counted 41 requests answered, and"
    ),
    "accepted": (
        lambda t: rows(t, column("outcome", "refused")), "counted 40 requests accepted, and"
    ),
    "unknown outcome": (
        lambda t: rows(t, column("outcome", "wonderful")), "1 requests have an outcome"
    ),
    "unknown stream": (lambda t: rows(t, column("stream", "nile")), "1 requests have an outcome"),
    "no due time": (
        lambda t: rows(t, column("due_us", None)), "1 requests lack a value"
    ),
    "times beyond a clock": (lambda t: record(t, load=_late(t)), "times that no clock shows"),
    "one id twice": (
        lambda t: rows(t, lambda table: pa.concat_tables([table[:39], table[:1]])), "same job id"
    ),
    "no steps": (lambda t: record(t, offer=None), "does not say what steps"),
    "no step": (
        lambda t: record(t, offer=Offer.model_construct(**{**vars(t.read().offer), "steps": ()})),
        "does not say what steps",
    ),
    "another step": (
        lambda t: events(t, event_record(EventKind.START, 2, a_job(t), START_NS)),
        "1 events in the ledger are of a kind or step",
    ),
    "another kind": (
        lambda t: events(t, event_record(7, 0, a_job(t), START_NS)),
        "1 events in the ledger are of a kind or step",
    ),
    "an end without a start": (
        lambda t: events(t, event_record(EventKind.END, 0, a_job(t), START_NS)),
        "1 steps ended more often than they began",
    ),
    "no canary": (lambda t: record(t, canary_job_ids=(uuid4(),)), "the canary job"),
    "another trial": (
        lambda t: record(t, trial=t.read().trial.model_copy(update={"seed": 2})),
        "not of the trial that was planned",
    ),
}  # fmt: skip


def _late(trial: TrialFolder) -> Any:
    load = trial.read().load
    assert load is not None
    return load.model_copy(update={"load_end_us": 10**25})


def _counted(trial: TrialFolder, **counts: int) -> Any:
    load = trial.read().load
    assert load is not None
    return load.model_copy(update={"counts": Counts(**{**load.counts.model_dump(), **counts})})


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_what_contradicts_itself_gives_no_verdict(tmp_path: Path, name: str) -> None:
    """Even if every checksum is right."""
    edit, said = CONTRADICTIONS[name]
    found = judged(tmp_path, edit)
    assert found.exit_code == UNKNOWN, found.lines
    assert said in found.lines[0]


def test_a_record_of_another_trial_counts_for_the_one_that_was_planned(tmp_path: Path) -> None:
    """Its arm is in no condition of the plan, which the tables and charts go by."""
    folder = write_run(tmp_path, [TrialHistory("rq_queue")])
    trial = folder.trial("000")
    planned = trial.read().trial
    other = planned.arm.model_copy(update={"workload": "another"})
    record(trial, trial=planned.model_copy(update={"arm": other}))
    analysed = read(folder)
    assert analysed.arms() == [planned.arm]
    assert [one.record.trial for one in analysed.comparisons] == [planned]


@pytest.mark.parametrize("torn", [b"torn", b"\1" * 36])
def test_a_torn_record_without_a_fault_makes_a_trial_invalid(tmp_path: Path, torn: bytes) -> None:
    """Nothing there tears one, so something else was wrong."""
    found = judged(tmp_path, lambda _: None, TrialHistory("rq_queue", ledger_tail=torn))
    assert found.exit_code == UNKNOWN
    assert "1 damaged records in the ledger" in found.lines[0]


def test_a_torn_record_where_a_process_was_killed_hides_what_became_of_a_job(
    tmp_path: Path,
) -> None:
    """A job that was not done may be the one of that record: it is unseen, and not lost."""

    def half(trial: TrialFolder) -> None:
        path = trial.ledger / JOINED
        content = path.read_bytes()
        path.write_bytes(content[: len(content) // 2 // 144 * 144] + b"torn")
        store_again(trial)

    folder = write_run(tmp_path, [TrialHistory("rq_queue", fault="W2")])
    half(folder.trial("000"))
    (episode,) = read(folder).episodes
    assert episode.reasons == ()
    assert episode.classes == {"once": 20, "unseen": 20}
    (line, _) = check(folder).lines
    assert "done at least once: unknown, begun at most once: unknown" in line


def changed_record(folder: RunFolder, name: str, change: Callable[[str], str]) -> Path:
    """Change a record's text."""
    path = folder.path / name
    path.write_text(change(path.read_text()))
    return path


@pytest.mark.parametrize("name", ["run.json", "trials/000/trial.json"])
def test_a_record_carries_its_own_checksum(tmp_path: Path, name: str) -> None:
    """Whatever is changed in it is noticed, and so is a checksum that was taken away."""
    folder = write_run(tmp_path, [TrialHistory("rq_queue")])
    whole = (folder.path / name).read_text()
    unsealed = json.loads(whole)
    del unsealed["sha256"]
    for text in (whole.replace("40", "41"), whole.replace("true", "false"),
                 whole.replace("sha256", "sha255"), json.dumps(unsealed)):  # fmt: skip
        if text == whole:
            continue
        (folder.path / name).write_text(text)
        with pytest.raises(Exception, match="changed or damaged"):
            check(folder)


def test_a_record_that_is_written_again_is_sealed_again(tmp_path: Path) -> None:
    """It reads as it was."""
    folder = write_run(tmp_path, [TrialHistory("rq_queue")])
    before = folder.read()
    write_json(folder.path / "run.json", before)
    assert folder.read() == before
