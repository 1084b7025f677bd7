"""Tries claims: those without timing side by side, then each of the others alone."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from after202.claims.lab import Lab
from after202.hosts import cpus, machine
from after202.hosts.cpus import CpuSets
from after202.hosts.guard import guarded_scratch
from after202.kernel.errors import After202Error, UsageError
from after202.records.claims import ClaimRecord, ClaimsFolder, ClaimsRecord, begin, new_name
from loadtests import claims
from loadtests.claims import CannotRunError, Claim, Evidence, Listed, Seen

SIDE_BY_SIDE = 4
Observer = Callable[[ClaimRecord, int, int], None]


@dataclass(frozen=True)
class Task:
    """A claim to be tried, with the interpreter of its apps and tasks, and its libraries."""

    listed: Listed
    claim: Claim
    python: str = ""


def chosen(numbers: Sequence[int]) -> list[Listed]:
    """Return the claims of these numbers, or all; UsageError if there is no such claim."""
    there = {one.number: one for one in claims.listed()}
    if unknown := [number for number in numbers if number not in there]:
        raise UsageError(f"there is no claim {unknown[0]}: after202 claims lists them")
    return [there[number] for number in (sorted(set(numbers)) or there)]


def new(results: Path, wanted: Sequence[Listed]) -> ClaimsFolder:
    """Make the folder of a session that tries these claims."""
    record = ClaimsRecord(
        run=new_name(),
        wanted=tuple(one.name for one in wanted),
        machine=machine.machine(),
        versions=machine.versions(),
        git_commit=machine.git_commit(),
        started_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    return begin(results, record)


def carry_out(folder: ClaimsFolder, observe: Observer) -> None:
    """Try the claims of a session that have not been tried; each is stored when it has been."""
    record = folder.read()
    names = [name for name in record.wanted if not folder.is_stored(name)]
    tasks = [Task(one, claims.load(one.name)) for one in claims.listed() if one.name in names]
    sets = cpus.share_out(cpus.available_cpus())
    done, total = len(record.wanted) - len(tasks), len(record.wanted)

    def finish(task: Task, found: ClaimRecord) -> None:
        nonlocal done
        folder.store(task.listed.name, found)
        done += 1
        observe(found, done, total)

    with guarded_scratch() as scratch:
        together = [task for task in tasks if not task.claim.timed]
        with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            tried = [
                pool.submit(attempt, task, folder, cpus.anywhere(sets), record.versions)
                for task in together
            ]
            for task, one in zip(together, tried, strict=True):
                finish(task, one.result())
        for task in tasks:
            if task.claim.timed:
                finish(task, attempt(task, folder, sets, record.versions))
    del scratch


def attempt(
    task: Task, folder: ClaimsFolder, sets: CpuSets, versions: dict[str, str]
) -> ClaimRecord:
    """Make a claim's experiment as often as it asks for, and judge what was seen."""
    began_s, claim = time.monotonic(), task.claim
    about = {name: versions[name] for name in claim.about if name in versions}
    blank = ClaimRecord(
        **vars(task.listed), says=claim.says, question=claim.question, topic=claim.topic,
        source=claim.source, instead=claim.instead, versions=about,
    )  # fmt: skip
    try:
        found = evidence(task, folder.runs_of(task.listed.name), sets)
        verdict = claim.judge(Seen(found))
    except (After202Error, LookupError) as error:
        said = (
            "" if isinstance(error, CannotRunError) else "the experiment did not come to an end: "
        )
        return blank.model_copy(update={"reason": f"{said}{error}"})
    return blank.model_copy(
        update={
            "verdict": verdict.word, "on": verdict.on, "sentence": verdict.sentence,
            "evidence": tuple(found), "took_s": round(time.monotonic() - began_s, 1),
        }
    )  # fmt: skip


def evidence(task: Task, folder: Path, sets: CpuSets, module: str = "") -> list[Evidence]:
    """Return what each run of a claim's experiment saw.

    The apps and tasks are those of `module`, if it is given, in place of the claim's own.
    """
    found = []
    for number in range(1, task.claim.runs + 1):
        within = module or f"{claims.__name__}.{task.listed.name}"
        with Lab(within, folder / str(number), sets, task.python) as lab:
            found.append(task.claim.experiment(lab))
    return found
