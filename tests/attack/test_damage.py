"""Single bits of a stored run are flipped, as a bad disk flips them; no verdict may be wrong."""

import os
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from after202.analyse.findings import checks, judged
from after202.analyse.findings.judged import CheckResult
from after202.analyse.jobs import evidence
from after202.analyse.run import read
from after202.kernel.errors import UsageError
from after202.records.folder import RunFolder
from after202.records.requests import read_table
from after202.records.trial import Trial
from tests.attack import stored

pytestmark = [pytest.mark.attack, pytest.mark.processes]

SEED = int(os.environ.get("AFTER202_ATTACK_SEED", "202"))
FLIPS, FLIPS_WITHOUT_CHECKSUMS = 3000, 300
# Judging the whole run takes 0.1 s or more, so most flips are judged by their own trial alone.
WHOLE_EVERY = 15
# Only the line of an episode has it.
FAULT = ", in flight "
REFUSED, UNKNOWN, HARMLESS = "refused", "unknown", "harmless"


@dataclass(frozen=True)
class Flip:
    """A bit of a file of a run."""

    run: RunFolder
    path: Path
    bit: int

    @property
    def trial(self) -> str:
        """The trial whose file it is; empty if it is a file of the run itself."""
        room, *inside = self.path.relative_to(self.run.path).parts
        return inside[0] if room == "trials" else ""

    def __str__(self) -> str:
        """Return what is needed to do it again."""
        return f"bit {self.bit} of {self.path} (AFTER202_ATTACK_SEED={SEED})"

    @contextmanager
    def done(self) -> Iterator[None]:
        """Flip the bit, and flip it back."""
        self._invert()
        try:
            yield
        finally:
            self._invert()

    def _invert(self) -> None:
        with self.path.open("r+b") as file:
            file.seek(self.bit // 8)
            (byte,) = file.read(1)
            file.seek(self.bit // 8)
            file.write(bytes([byte ^ 1 << self.bit % 8]))


def flips(run: RunFolder, files: list[Path], number: int) -> Iterator[Flip]:
    """Yield flips that are spread evenly over the files, and at random within each."""
    random = Random(SEED)
    for count in range(number):
        path = files[count % len(files)]
        yield Flip(run, path, random.randrange(path.stat().st_size * 8))


def refused(error: UsageError, flip: Flip) -> str:
    """Return that a flip was refused; fail unless the error is one line."""
    assert "\n" not in str(error), flip
    return REFUSED


def answer(flip: Flip, sound: CheckResult) -> str:
    """Return how the whole check answers a flip that was done; fail if it does so wrongly."""
    try:
        found = stored.judged(flip.run)
    except UsageError as error:
        return refused(error, flip)
    assert list(stored.wrong_verdicts(found.lines, sound)) == [], flip
    if found == sound:
        return HARMLESS
    told, expected = stored.by_trial(found.lines), stored.by_trial(sound.lines)
    assert [trial for trial in told if told[trial] != expected[trial]] == [flip.trial], flip
    assert found.exit_code == judged.UNKNOWN, flip
    return UNKNOWN


def answer_of_trial(flip: Flip, sound: CheckResult, planned: Mapping[str, Trial]) -> str:
    """Return how a flip is answered, by its own trial's evidence alone where that is enough."""
    try:
        told = evidence.read(flip.run.trial(flip.trial), planned[flip.trial])
    except UsageError as error:
        return refused(error, flip)
    if not told.doubts:
        return answer(flip, sound)
    assert str(flip.path.relative_to(flip.run.trial(flip.trial).path)) in told.doubts[0], flip
    return UNKNOWN


def shown(what: str, found: Counter[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Print how the flips were answered."""
    with capsys.disabled():
        sys.stdout.write(f"\n{what}: {dict(found)}\n")


def test_every_flipped_bit_is_noticed(
    run: RunFolder, sound: CheckResult, capsys: pytest.CaptureFixture[str]
) -> None:
    """The run is refused, or the verdict on the trial concerned is unknown; no other changes."""
    planned = {trial.id: trial for trial in run.read().planned}
    found: Counter[str] = Counter()
    for number, flip in enumerate(flips(run, stored.inputs(run), FLIPS)):
        whole = number % WHOLE_EVERY == 0
        with flip.done():
            if flip.path.parent == run.logs and not whole:
                found["of a log that nothing reads"] += 1
            elif flip.trial and not whole:
                found[answer_of_trial(flip, sound, planned)] += 1
            else:
                kind = answer(flip, sound)
                assert (kind == HARMLESS) == (flip.path.parent == run.logs), flip
                found[kind] += 1
    shown(f"{FLIPS} flips", found, capsys)
    assert stored.judged(run) == sound
    assert found[UNKNOWN] > found[REFUSED] > 0


def test_without_checksums_no_flipped_bit_makes_a_job_lost(
    run: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    """Runs of schema 2 have none: records and pages have, and what does not add up is unknown."""
    as_stored = checks.check(run)
    stored.as_schema_2(run)
    files = [path for path in stored.inputs(run) if path.suffix in {".led", ".parquet"}]
    found: Counter[str] = Counter()
    for flip in flips(run, files, FLIPS_WITHOUT_CHECKSUMS):
        with flip.done():
            found[answer_without_checksum(flip, as_stored)] += 1
    shown(f"{FLIPS_WITHOUT_CHECKSUMS} flips without checksums", found, capsys)
    assert checks.check(run) == as_stored


def answer_without_checksum(flip: Flip, sound: CheckResult) -> str:
    """Return how a flip in a run without checksums is answered; fail if it invents a class."""
    try:
        if flip.path == flip.run.trial(flip.trial).resources:
            read_table(flip.path, None, None)
        analysed = read(flip.run)
    except UsageError as error:
        return refused(error, flip)
    found = checks.judge(analysed)
    told, expected = stored.by_trial(found.lines), stored.by_trial(sound.lines)
    changed = {trial: told[trial] for trial in told if told[trial] != expected[trial]}
    assert changed.keys() <= {flip.trial}, flip
    for trial, line in changed.items():
        claims_of_damage_are_modest(line, expected[trial], flip)
    return UNKNOWN if changed else HARMLESS


def claims_of_damage_are_modest(line: str, sound: str, flip: Flip) -> None:
    """Assert that a damaged trial's line claims nothing that the sound one does not.

    A fault tears records too, so an episode with a damaged one remains evidence for what is left.
    """
    assert line.startswith("unknown") or (line.startswith("holds") and FAULT in line), (line, flip)
    for name in ("lost", "duplicated", "phantom"):
        assert number_of(name, line) <= number_of(name, sound), (line, flip)
    for guarantee in ("done at least once:", "begun at most once:", "failure visible:"):
        allowed = {f"{guarantee} unknown", *re.findall(f"{guarantee} [a-z]+", sound)}
        assert set(re.findall(f"{guarantee} [a-z]+", line)) <= allowed, (line, flip)


def number_of(name: str, line: str) -> int:
    """Return how many jobs of a class a line counts."""
    found = re.search(rf"\b{name} (\d+)", line)
    return int(found[1]) if found else 0
