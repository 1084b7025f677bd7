"""Killed: where work is done, all is killed under load, in an episode of the real harness.

Every accepted job has a class, and none is unseen. What a dead worker held is begun again within
the time that the variant states, if that can be waited for.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from after202.analyse.jobs import evidence
from after202.analyse.jobs.outcomes import OutcomeClass
from after202.analyse.run import Run
from after202.analyse.trials.episode import EpisodeSummary
from after202.kernel.ledger import EventKind
from after202.kernel.model import StrategyFacts
from after202.measure.courses.episode import LONGEST_JOB_S, MARGIN
from after202.measure.strike.supervisor import STARTED
from after202.records.parts import FaultMatrix
from after202.records.profile import Profile
from after202.validate.contract.line import Line, fails, passes, untried

KILLED, REDELIVERY = "killed", "redelivery"
# An episode waits one and a half times as long as redelivery may take, and for a job, up to this.
HORIZON_S = 100.0
WAITED_FOR_S = (HORIZON_S - LONGEST_JOB_S) / MARGIN
# What is redelivered may have to wait for a slot.
BACKLOG_S = 5.0
RATE_PER_S, WINDOW_S, DRAIN_S = 5.0, 5.0, 10.0


def profile(facts: StrategyFacts, variants: Sequence[str], slots: int) -> Profile:
    """Return a profile of one episode per variant: its worker is killed, or else its API."""
    matrix = FaultMatrix(
        faults=("W2" if facts.worker else "A3",),
        variants=tuple(variants),
        rate_per_s=RATE_PER_S,
        window_s=WINDOW_S,
        drain_s=DRAIN_S,
        horizon_s=HORIZON_S,
        episodes=1,
    )
    return Profile(
        description="What becomes of work whose process is killed.",
        baseline=facts.name,
        strategies=(facts.name,),
        variants=tuple(variants),
        slots=slots,
        side_by_side=len(variants),
        matrix=(matrix,),
    )


def lines(run: Run) -> Iterator[Line]:
    """Yield what each episode shows."""
    for episode in run.episodes:
        variant = episode.planned.arm.variant
        yield replace(killed(episode), check=KILLED, variant=variant)
        yield replace(redelivery(run, episode), check=REDELIVERY, variant=variant)


def killed(episode: EpisodeSummary) -> Line:
    """Return whether every accepted job has a class that says what became of it."""
    counts = {str(name).replace("_", " "): n for name, n in episode.classes.items() if n}
    told = ", ".join(f"{number} {name}" for name, number in counts.items())
    if not episode.known:
        return fails(
            f"the episode shows nothing: {'; '.join((*episode.reasons, *episode.unknown))}",
            f"see the logs in {episode.record.trial.id}",
        )
    if unseen := episode.classes.get(OutcomeClass.UNSEEN, 0):
        return fails(
            f"{unseen} jobs were not done and are unseen ({told})",
            "give the worker's file a held(wiring) that reads all that the queue holds",
        )
    if phantoms := episode.classes.get(OutcomeClass.PHANTOM, 0):
        return fails(
            f"{phantoms} jobs that nobody asked for were done", "keep the job's id in its message"
        )
    return passes(f"{episode.in_flight} jobs in flight; each job has a class: {told}")


@dataclass(frozen=True)
class Again:
    """How many jobs that a kill cut short began again, and when the last of them did.

    In seconds since the new process began any work: until then no worker was there.
    """

    jobs: int
    last_s: float


def redelivery(run: Run, episode: EpisodeSummary) -> Line:
    """Return whether what a dead worker held was begun again within the bound."""
    strike = episode.record.strike
    bound_s = strike.redelivery_s if strike else None
    if bound_s is None:
        return untried(
            "the variant states no redelivery_s: nothing bounds when work comes back, if it does"
        )
    if bound_s > WAITED_FOR_S:
        return untried(f"not waited for: the bound is {bound_s:g} s")
    if stranded := episode.classes.get(OutcomeClass.STRANDED, 0):
        return fails(
            f"{stranded} jobs are still held, although nothing moved for long enough",
            f"redelivery_s is {bound_s:g}: read from the library's source what must happen first",
        )
    again = begun_again(run, episode)
    if again is None:
        return untried(f"no job was begun again, so nothing shows the bound of {bound_s:g} s")
    told = (
        f"jobs begun again: {again.jobs}, the last {again.last_s:.1f} s after work went on; the"
        f" bound is {bound_s:g} s"
    )
    if again.last_s > bound_s + BACKLOG_S:
        return fails(told, "state the longest time that it may take, from the library's source")
    return passes(told)


def begun_again(run: Run, episode: EpisodeSummary) -> Again | None:
    """Return when jobs that the kill cut short began again; None if none did."""
    told = evidence.read(run.folder.trial(episode.record.trial.id), episode.planned)
    marks = told.record.strike.marks if told.record.strike else ()
    started_ns = next((mark.at_us * 1000 for mark in marks if mark.what == STARTED), None)
    if started_ns is None:
        return None
    # What the old processes did until they were dead is before the new ones' start.
    of_old, of_new = (told.events[chosen] for chosen in (
        told.events["at_ns"] <= started_ns, told.events["at_ns"] > started_ns,
    ))  # fmt: skip
    begun, after = (of[of["kind"] == EventKind.START] for of in (of_old, of_new))
    done = of_old[of_old["kind"] != EventKind.START]
    again = after[after["job"].isin(set(begun["job"]) - set(done["job"]))]
    if again.empty:
        return None
    first_again_ns = again.groupby("job")["at_ns"].min()
    last_s = (int(first_again_ns.max()) - int(after["at_ns"].min())) / 1e9
    return Again(len(first_again_ns), last_s)
