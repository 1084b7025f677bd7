"""The run's loop, its agenda, resuming and the gates, on a stand-in that starts no process."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from after202.analyse.findings import checks
from after202.analyse.findings.judged import UNKNOWN
from after202.analyse.run import read
from after202.hosts import machine
from after202.kernel.errors import UsageError
from after202.measure import overhead, run
from after202.measure.begin import Options, begin
from after202.measure.rig import Observer
from after202.records.experiment import ServiceLevel
from after202.records.folder import RunFolder, TrialFolder
from after202.records.parts import CapacitySearch, ComparisonPlan
from after202.records.profile import Profile
from after202.records.run import ENDED, INTERRUPTED
from after202.records.trial import Comparison, Pressure, Probe, Trial
from after202.records.trial_record import TrialRecord
from after202.stacks.choice import Choice
from tests.plan.catalogue import CATALOGUE
from tests.standin import Script

STOP_AFTER = 2


@pytest.fixture(autouse=True)
def _unknown_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask no process what machine this is, and of which commit."""
    monkeypatch.setattr(machine, "git_commit", lambda: "")
    monkeypatch.setattr(machine, "machine", dict)


def begun(tmp_path: Path, **changes: Any) -> RunFolder:
    """Begin a run of two strategies in two blocks; what recording costs is known already."""
    comparison = ComparisonPlan(workload="login", rate_per_s=50, blocks=2, window_s=1, drain_s=0.1)
    values: dict[str, Any] = {
        "description": "x",
        "baseline": "inline",
        "strategies": ("inline", "gather"),
        "comparison": (comparison,),
        "repeats": 0,
        **changes,
    }
    options = Options(Choice("stand-in", "for tests"))
    folder = begin("x", Profile(**values), CATALOGUE, tmp_path, options)
    folder.write(folder.read().model_copy(update={"overheads": {overhead.NAME: 1.0}}))
    return folder


def silent(ended: Callable[[TrialRecord], None] = lambda _: None) -> Observer:
    """Return an observer that tells nobody of a beginning."""
    return Observer(lambda _: None, ended)


def stored(folder: RunFolder) -> dict[str, TrialRecord]:
    """Return the stored trials."""
    return folder.stored(folder.read())


def test_a_run_is_its_agenda_batch_by_batch(tmp_path: Path) -> None:
    """Every planned trial is stored once, in the order of the plan, and the run has ended."""
    folder, script = begun(tmp_path), Script()
    seen: list[str] = []
    run.carry_out(folder, silent(lambda r: seen.append(r.trial.id)), rigged=script.rigged)
    planned = [trial.id for trial in folder.read().planned]
    assert script.begun == planned == seen == list(stored(folder))
    assert all(record.valid for record in stored(folder).values())
    assert folder.read().ended == ENDED
    assert (tmp_path / "latest").resolve() == folder.path.resolve()


def test_a_stopped_run_goes_on_where_it_was(tmp_path: Path) -> None:
    """What was stored stays as it is and is not measured again."""
    # Given a run that is stopped once two trials are stored
    folder, first = begun(tmp_path), Script()

    def stop(_: TrialRecord) -> None:
        if len(first.begun) == STOP_AFTER:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run.carry_out(folder, silent(stop), rigged=first.rigged)
    kept = stored(folder)
    assert len(kept) == STOP_AFTER
    assert folder.read().ended == INTERRUPTED

    # When it goes on
    again = Script()
    run.carry_out(folder, silent(), rigged=again.rigged)

    # Then only the rest is measured
    assert set(again.begun).isdisjoint(kept)
    assert {name: stored(folder)[name] for name in kept} == kept
    assert len(stored(folder)) == len(folder.read().planned)
    assert folder.read().ended == ENDED


def test_a_run_that_is_over_starts_nothing(tmp_path: Path) -> None:
    """Going on with a run of which everything is stored does not start services again."""
    folder = begun(tmp_path)
    run.carry_out(folder, silent(), rigged=Script().rigged)
    again = Script()
    run.carry_out(folder, silent(), rigged=again.rigged)
    assert again.begun == []


def test_a_late_generator_makes_a_trial_invalid_and_its_block_runs_again(tmp_path: Path) -> None:
    """The gates judge the stored rows; the repetition is planned once, as a whole."""

    # Given a generator that is late in one trial of the first block, and in its repetition
    def late_ms(trial: Trial) -> float:
        return 8.0 if trial.arm.strategy == "gather" and trial.block != 1 else 0.0

    folder = begun(tmp_path, repeats=3)

    # When the run is carried out
    run.carry_out(folder, silent(), rigged=Script(late_ms=late_ms).rigged)

    # Then the trial has a reason, and its whole block was measured once more
    records = stored(folder).values()
    late = [record for record in records if not record.valid]
    assert {record.trial.arm.strategy for record in late} == {"gather"}
    assert all("the generator was late" in " ".join(record.reasons) for record in late)
    assert all(record.late and record.gates["slip_p99_ms"] == pytest.approx(8.0) for record in late)
    repeats = [t.repeats for t in folder.read().planned if isinstance(t, Comparison)]
    assert Counter(repeats) == {None: 4, 0: 2}


def test_a_trial_whose_generator_dies_is_not_valid_and_keeps_what_became_of_its_jobs(
    tmp_path: Path,
) -> None:
    """The jobs that it asked for before are no phantoms, and nothing is said against the arm."""
    folder = begun(tmp_path)
    script = Script(dies=lambda trial: trial.arm.strategy == "gather")
    run.carry_out(folder, silent(), rigged=script.rigged)
    analysed = read(folder)
    dead = [t for t in analysed.comparisons if t.record.trial.arm.strategy == "gather"]
    assert len(dead) == 2
    for trial in dead:
        assert trial.reasons == ("generator ended with code -9",)
        assert trial.record.load is None
        assert trial.classes == {"once": trial.sent}
        assert trial.sent > 20
    assert checks.judge(analysed).exit_code == UNKNOWN


def test_a_trial_that_fails_is_a_row_with_its_reason(tmp_path: Path) -> None:
    """The others go on."""
    folder = begun(tmp_path)
    script = Script(fails=lambda trial: trial.arm.strategy == "gather")
    run.carry_out(folder, silent(), rigged=script.rigged)
    reasons = {r.trial.arm.strategy: r.reasons for r in stored(folder).values()}
    assert reasons == {"inline": (), "gather": ("the API did not answer",)}
    assert folder.read().ended == ENDED


def test_work_that_does_not_end_is_said_of_the_trial(tmp_path: Path) -> None:
    """The drain ends at its horizon, and the trial was not drained."""
    folder = begun(tmp_path, repeats=0)
    script = Script(forgets=lambda trial: trial.arm.strategy == "gather")
    run.carry_out(folder, silent(), rigged=script.rigged)
    drained = {r.trial.arm.strategy: r.drained for r in stored(folder).values()}
    assert drained == {"inline": True, "gather": False}


def test_the_trials_of_a_block_that_takes_turns_are_one_batch(tmp_path: Path) -> None:
    """All of them are up before the first one's load ends, and each has all its turns."""
    comparison = ComparisonPlan(
        workload="login", rate_per_s=50, blocks=1, window_s=1, drain_s=1, turns=3
    )
    folder, script = begun(tmp_path, comparison=(comparison,)), Script()
    run.carry_out(folder, silent(), rigged=script.rigged)
    loads = [record.load for record in stored(folder).values()]
    assert len(loads) == 2
    assert all(load is not None and len(load.turns_us) == 3 for load in loads)


def test_what_follows_from_probes_is_planned_when_they_are_stored(tmp_path: Path) -> None:
    """The search goes on until the capacity is known; then come the comparisons at its share."""
    # Given arms that keep the level up to 40/s
    level = ServiceLevel(response_ms=100, completion_ms=1000)
    comparison = ComparisonPlan(
        workload="login", share_of_capacity=0.5, blocks=1, window_s=1, drain_s=0.1
    )
    folder = begun(
        tmp_path,
        comparison=(comparison,),
        capacity=CapacitySearch(workload="login", level=level, start_per_s=20, confirmations=1),
    )

    def judge(place: TrialFolder, _: ServiceLevel) -> bool | None:
        return place.read().trial.arm.rate_per_s <= 40

    # When the run is carried out
    run.carry_out(folder, silent(), judge, Script().rigged)

    # Then both arms were searched, and compared at half of what the slower one takes
    planned = folder.read().planned
    probed = {trial.arm.strategy for trial in planned if isinstance(trial, Probe)}
    assert probed == {"inline", "gather"}
    rates = {trial.arm.rate_per_s for trial in planned if isinstance(trial, Comparison)}
    assert len(rates) == 1
    assert 18 <= rates.pop() <= 20


def test_overloads_follow_from_the_bursts_that_show_the_capacity(tmp_path: Path) -> None:
    """At 1.5 x what each arm did; a run without a reader of bursts cannot plan them."""
    burst = {"shape": "burst", "workload": "login", "jobs": 20, "trials": 1}
    overload = {
        "shape": "overload", "workload": "login", "times_capacity": 1.5, "for_s": 1,
        "rest_s": 1, "trials": 1,
    }  # fmt: skip
    pressed = Profile.model_validate({"description": "x", "pressure": [burst, overload]}).pressure
    folder, script = begun(tmp_path, comparison=(), pressure=pressed), Script()
    with pytest.raises(UsageError, match="reader"):
        run.carry_out(folder, silent(), rigged=script.rigged)
    run.carry_out(folder, silent(), rigged=script.rigged, done_per_s=lambda _: 8.0)
    shapes = [one.shape for one in folder.read().planned if isinstance(one, Pressure)]
    assert shapes == ["burst", "burst", "overload", "overload"]
    rates = [one.arm.rate_per_s for one in folder.read().planned]
    assert rates == [20, 20, 12, 12]
    assert all(record.valid and record.drained for record in stored(folder).values())


def test_a_search_without_a_judge_is_refused(tmp_path: Path) -> None:
    """Nobody can say whether a probe kept its level."""
    level = ServiceLevel(response_ms=100, completion_ms=1000)
    folder = begun(tmp_path, capacity=CapacitySearch(workload="login", level=level))
    with pytest.raises(UsageError, match="needs a judge"):
        run.carry_out(folder, silent(), rigged=Script().rigged)
