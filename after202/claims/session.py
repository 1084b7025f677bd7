"""Tries claims: those without timing side by side, then each of the others alone."""

import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from after202.claims.lab import Lab
from after202.hosts import against, cpus, environments, machine
from after202.hosts.cpus import CpuSets
from after202.hosts.guard import guarded_scratch
from after202.kernel.errors import After202Error, UsageError
from after202.records.claims import ClaimRecord, ClaimsFolder, ClaimsRecord, begin, new_name
from after202.records.evidence import Evidence
from loadtests import claims
from loadtests.claims import CannotRunError, Claim, Listed, Seen

SIDE_BY_SIDE = 4
WITH = "@"
NO_END = "the experiment did not come to an end: "
# Called with what has been tried, how many have been, and how many there are.
Observer = Callable[[ClaimRecord, int, int], None]


@dataclass(frozen=True)
class Task:
    """A claim to be tried; `also` is a library for its apps and tasks, such as fastapi==0.105."""

    listed: Listed
    claim: Claim
    also: str = ""

    @property
    def name(self) -> str:
        """Its name in a session."""
        return f"{self.listed.name}{WITH}{self.also}" if self.also else self.listed.name


def chosen(numbers: Sequence[int]) -> list[Listed]:
    """Return the claims of these numbers, or all; UsageError if there is no such claim."""
    there = {one.number: one for one in claims.listed()}
    if unknown := [number for number in numbers if number not in there]:
        raise UsageError(f"there is no claim {unknown[0]}: after202 claims lists them")
    return [there[number] for number in (sorted(set(numbers)) or there)]


def new(results: Path, numbers: Sequence[int], also: Sequence[str]) -> ClaimsFolder:
    """Make the folder of a session; each claim is tried with these libraries too."""
    for library in also:
        against.require_library(library)
    wanted = [
        Task(one, claims.load(one.name), library).name
        for one in chosen(numbers)
        for library in ("", *also)
    ]
    record = ClaimsRecord(
        run=new_name(),
        wanted=tuple(wanted),
        machine=machine.machine(),
        versions=machine.versions(),
        git_commit=machine.git_commit(),
        started_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    return begin(results, record)


def carry_out(folder: ClaimsFolder, observe: Observer) -> None:
    """Try what a session has not tried yet; each claim is stored when it has been."""
    record = folder.read()
    tasks = [_task(name) for name in record.wanted if not folder.is_stored(name)]
    done, total = len(record.wanted) - len(tasks), len(record.wanted)
    sets = cpus.share_out(cpus.available_cpus())

    def attempted(task: Task, own: CpuSets) -> ClaimRecord:
        found = attempt(task, folder.runs_of(task.name), own, record.versions)
        folder.store(task.name, found)
        return found

    def finished(found: ClaimRecord) -> None:
        nonlocal done
        done += 1
        observe(found, done, total)

    with guarded_scratch():
        with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            together = [task for task in tasks if not task.claim.timed]
            for found in pool.map(lambda task: attempted(task, cpus.anywhere(sets)), together):
                finished(found)
        for task in tasks:
            if task.claim.timed:
                finished(attempted(task, sets))


def attempt(task: Task, folder: Path, sets: CpuSets, versions: dict[str, str]) -> ClaimRecord:
    """Make a claim's experiment as often as it asks for, and judge what was seen."""
    began_s, claim = time.monotonic(), task.claim
    blank = ClaimRecord(
        **{**vars(task.listed), "name": task.name}, also=task.also, says=claim.says,
        question=claim.question, topic=claim.topic, source=claim.source, instead=claim.instead,
    )  # fmt: skip
    try:
        python = against.on_top_of(sys.executable, task.also) if task.also else sys.executable
        there = {**versions, **(_libraries(python) if task.also else {})}
        found = evidence(task, folder, sets, python=python)
        verdict = claim.judge(Seen(found))
    except (After202Error, LookupError) as error:
        reason = str(error) if isinstance(error, CannotRunError) else f"{NO_END}{error}"
        return blank.model_copy(update={"reason": reason})
    return blank.model_copy(
        update={
            "verdict": verdict.word,
            "on": verdict.on,
            "sentence": verdict.sentence,
            "evidence": tuple(found),
            "versions": {name: there[name] for name in claim.about if name in there},
            "took_s": round(time.monotonic() - began_s, 1),
        }
    )


def evidence(
    task: Task, folder: Path, sets: CpuSets, *, module: str = "", python: str = ""
) -> list[Evidence]:
    """Return what each run of a claim's experiment saw.

    The apps and tasks are those of `module`, if it is given, in place of the claim's own.
    """
    found = []
    for number in range(1, task.claim.runs + 1):
        within = module or f"{claims.__name__}.{task.listed.name}"
        with Lab(within, folder / str(number), sets, python) as lab:
            found.append(task.claim.experiment(lab))
    return found


def _task(name: str) -> Task:
    stem, _, also = name.partition(WITH)
    listed = {one.name: one for one in claims.listed()}
    if stem not in listed:
        raise UsageError(f"the claim {stem} is gone: start a new session")
    return Task(listed[stem], claims.load(stem), also)


def _libraries(python: str) -> dict[str, str]:
    return environments.libraries(Path(python).parents[1])
