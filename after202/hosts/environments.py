"""Finds the interpreter of each strategy: the common one, or one in the strategy's own environment.

A strategy has its own environment if requirements/strategies/NAME.txt exists, which lists its
packages, pinned with hashes. The environment is created on first use, and again when that file
changes.
"""

import hashlib
import json
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from after202.kernel.errors import UsageError
from after202.kernel.model import StrategyFacts
from after202.kernel.paths import IS_CHECKOUT, PACKAGE, SUITE

REQUIREMENTS = SUITE / "requirements" / "strategies"
ENVIRONMENTS = (
    SUITE / ".venv" / "strategies" if IS_CHECKOUT else Path.home() / ".cache" / "after202"
)
ANSWERED_S = 120.0


@dataclass(frozen=True)
class Place:
    """Where a strategy runs: its interpreter, and the folder that has its `apps` and `workers`."""

    python: str
    folder: Path = SUITE


def python(strategy: str) -> str:
    """Return the interpreter that runs a strategy; create its environment if it is missing.

    UsageError if the environment cannot be created.
    """
    if is_common(strategy):
        return sys.executable
    listed = REQUIREMENTS / f"{strategy}.txt"
    digest = hashlib.sha256(listed.read_bytes()).hexdigest()[:16]
    folder = ENVIRONMENTS / f"{strategy}-{digest}"
    if not (folder / "complete").exists():
        _make(folder, listed)
    return str(folder / "bin" / "python")


def is_common(strategy: str) -> bool:
    """Return whether a strategy needs nothing of its own, and runs in the common environment."""
    return not (REQUIREMENTS / f"{strategy}.txt").is_file()


def _make(folder: Path, listed: Path) -> None:
    packages = create(
        folder, listed.stem, ["--require-hashes", "-r", str(listed)], f" (see {listed})"
    )
    # Link this installation's after202; no other package of this interpreter is visible there.
    (packages / "after202").symlink_to(PACKAGE)
    (folder / "complete").touch()


def create(folder: Path, name: str, wanted: Sequence[str], hint: str = "", base: str = "") -> Path:
    """Create an environment with what pip is asked for, and return its folder of packages.

    Packages that it lacks are found in the folder `base`, if that is given. UsageError, with the
    hint, if pip fails; nothing is left then.
    """
    sys.stderr.write(f"Creating the environment of {name} (takes a minute, only once)\n")
    shutil.rmtree(folder, ignore_errors=True)
    venv.create(folder, with_pip=True)
    packages = next((folder / "lib").glob("python*/site-packages"))
    if base:
        (packages / "base.pth").write_text(f"import site; site.addsitedir({base!r})\n")
    options = ["--quiet", "--disable-pip-version-check", *wanted]
    command = [str(folder / "bin" / "python"), "-m", "pip", "install", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        shutil.rmtree(folder, ignore_errors=True)
        said = (done.stderr.strip() or "pip failed without a message").splitlines()[-1]
        raise UsageError(f"the environment of {name} cannot be created: {said}{hint}")
    return packages


def describe(names: Iterable[str]) -> dict[str, StrategyFacts]:
    """Return each strategy's description of itself, from its own interpreter.

    UsageError if one cannot be loaded.
    """
    by_python: dict[str, list[str]] = {}
    for name in names:
        by_python.setdefault(python(name), []).append(name)
    found: dict[str, StrategyFacts] = {}
    for interpreter, some in by_python.items():
        for facts in described(Place(interpreter), some):
            found[facts.name] = facts
    return found


def described(place: Place, names: Sequence[str]) -> Iterable[StrategyFacts]:
    """Return what strategies say of themselves in one place; UsageError if one cannot be loaded."""
    try:
        return [
            StrategyFacts.model_validate(one) for one in json.loads(ask(place, "describe", *names))
        ]
    except ValueError as error:
        listed = ", ".join(names)
        raise UsageError(f"{listed}: a strategy prints or exits when it is imported") from error


def ask(place: Place, command: str, *names: str) -> str:
    """Return what a command of `python -m apps` prints about strategies; UsageError if it fails."""
    line = [place.python, "-m", "apps", command, *names]
    try:
        done = subprocess.run(
            line, cwd=place.folder, capture_output=True, text=True, check=False, timeout=ANSWERED_S
        )
    except subprocess.TimeoutExpired as error:
        raise UsageError(f"{', '.join(names)} cannot be loaded within {ANSWERED_S:g} s") from error
    if done.returncode:
        said = (done.stderr.strip() or "no reason given").splitlines()[-1]
        raise UsageError(f"a strategy cannot be loaded: {said} (try: {' '.join(line[1:])})")
    return done.stdout
