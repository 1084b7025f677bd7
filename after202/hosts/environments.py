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
from importlib.metadata import distributions
from pathlib import Path

from packaging.utils import canonicalize_name

from after202.kernel.errors import UsageError
from after202.kernel.model import StrategyFacts
from after202.kernel.paths import IS_CHECKOUT, PACKAGE, SUITE

REQUIREMENTS = SUITE / "requirements" / "strategies"
ENVIRONMENTS = (
    SUITE / ".venv" / "strategies" if IS_CHECKOUT else Path.home() / ".cache" / "after202"
)
ANSWERED_S = 120.0
# What `venv` itself may put into an environment, which no strategy asked for.
OF_VENV = {"pip", "setuptools"}


class NotMadeError(UsageError):
    """An environment cannot be made; `reason` says why, in words of its own."""

    def __init__(self, name: str, reason: str, hint: str = "") -> None:
        """Name what the environment is for."""
        super().__init__(f"the environment of {name} cannot be created: {reason}{hint}")
        self.reason = reason


@dataclass(frozen=True)
class Place:
    """Where a strategy runs: its interpreter, and the folder that has its `apps` and `workers`."""

    python: str
    folder: Path = SUITE


def python(strategy: str) -> str:
    """Return the interpreter that runs a strategy; create its environment if it is missing.

    NotMadeError if the environment cannot be created.
    """
    made = own(strategy)
    return str(made / "bin" / "python") if made else sys.executable


def own(strategy: str) -> Path | None:
    """Return the folder of a strategy's own environment, which is created if it is missing.

    None if the strategy runs in the common one; NotMadeError if it cannot be created.
    """
    if is_common(strategy):
        return None
    listed = REQUIREMENTS / f"{strategy}.txt"
    digest = hashlib.sha256(listed.read_bytes()).hexdigest()[:16]
    folder = ENVIRONMENTS / f"{strategy}-{digest}"
    if not (folder / "complete").exists():
        _make(folder, listed)
    return folder


def is_common(strategy: str) -> bool:
    """Return whether a strategy needs nothing of its own, and runs in the common environment."""
    return not (REQUIREMENTS / f"{strategy}.txt").is_file()


def unavailable(strategies: Iterable[str]) -> dict[str, str]:
    """Return why a strategy's environment cannot be created, for each one of which that is so."""
    found = {}
    for name in strategies:
        try:
            own(name)
        except NotMadeError as error:
            found[name] = f"its environment cannot be created: {error.reason}"
    return found


def libraries(environment: Path) -> dict[str, str]:
    """Return the version of each library that is installed in an environment, by name."""
    there = distributions(path=[str(_packages(environment))])
    found = {canonicalize_name(one.name): one.version for one in there}
    return {name: found[name] for name in sorted(found.keys() - OF_VENV)}


def _make(folder: Path, listed: Path) -> None:
    packages = create(
        folder, listed.stem, ["--require-hashes", "-r", str(listed)], f" (see {listed})"
    )
    # Link this installation's after202; no other package of this interpreter is visible there.
    (packages / "after202").symlink_to(PACKAGE)
    (folder / "complete").touch()


def create(folder: Path, name: str, wanted: Sequence[str], hint: str = "", base: str = "") -> Path:
    """Create an environment with what pip is asked for, and return its folder of packages.

    Packages that it lacks are found in the folder `base`, if that is given. NotMadeError, with the
    hint, if that fails; nothing is left then.
    """
    sys.stderr.write(f"Creating the environment of {name} (takes a minute, only once)\n")
    shutil.rmtree(folder, ignore_errors=True)
    try:
        venv.create(folder, with_pip=True)
    except (OSError, subprocess.CalledProcessError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise NotMadeError(name, f"python -m venv failed ({error})", hint) from error
    packages = _packages(folder)
    if base:
        (packages / "base.pth").write_text(f"import site; site.addsitedir({base!r})\n")
    options = ["--quiet", "--disable-pip-version-check", *wanted]
    command = [str(folder / "bin" / "python"), "-m", "pip", "install", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        shutil.rmtree(folder, ignore_errors=True)
        said = (done.stderr.strip() or "pip failed without a message").splitlines()[-1]
        raise NotMadeError(name, said, hint)
    return packages


def _packages(folder: Path) -> Path:
    return next((folder / "lib").glob("python*/site-packages"))


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
