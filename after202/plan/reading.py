"""Profiles as they are found: by name or path, as TOML, validated whole before anything starts."""

import tomllib
from pathlib import Path

from pydantic import ValidationError

from after202.hosts.local import ROOT
from after202.kernel.errors import UsageError
from after202.plan import catalogue as strategies
from after202.records.profile import Profile
from loadtests import faults

PROFILES = ROOT / "loadtests" / "profiles"


def names() -> list[str]:
    """Return the profiles that ship."""
    return sorted(path.stem for path in PROFILES.glob("*.toml"))


def read(name: str) -> Profile:
    """Read a profile by its name, or by the path of a TOML file of the user's own."""
    path = Path(name) if name.endswith(".toml") else PROFILES / f"{name}.toml"
    if not path.is_file():
        known = ", ".join(names())
        raise UsageError(
            f"unknown profile {name!r}: there are {known}, or give a .toml file's path"
        )
    try:
        profile = Profile.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is not TOML: {error}") from error
    except ValidationError as error:
        raise UsageError(f"{path}: {_first_problem(error)}") from error
    _require_known(profile)
    return profile


def _first_problem(error: ValidationError) -> str:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"]) or "the profile"
    more = error.error_count() - 1
    return f"{where}: {first['msg']}" + (f" (and {more} more)" if more else "")


def _workloads(profile: Profile) -> set[str]:
    """Return what a profile asks for."""
    return {c.workload for c in profile.comparison} | {m.workload for m in profile.matrix}


def _require_known(profile: Profile) -> None:
    for fault in (fault for matrix in profile.matrix for fault in matrix.faults):
        faults.load(fault)
    named = [name for matrix in profile.matrix for name in matrix.strategies]
    for name in (profile.baseline, *profile.strategies, *named):
        strategies.require("strategy", name, strategies.APPS)
    for variant in profile.variants:
        if variant not in {found for _, found in profile.sides()}:
            raise UsageError(f"no strategy of the profile has a variant {variant!r}")
    for matrix in profile.matrix:
        for variant in matrix.variants:
            if variant not in {found for _, found in profile.sides(matrix)}:
                raise UsageError(f"no strategy of the profile has a variant {variant!r}")
    searched = [profile.capacity.workload] if profile.capacity else []
    asked = _workloads(profile)
    for workload in [*searched, *asked]:
        strategies.require("workload", workload, strategies.WORKLOADS)


def narrow(profile: Profile, only_strategies: list[str], only_workloads: list[str]) -> Profile:
    """Keep what `--strategy` and `--workload` name; UsageError if nothing is left."""
    for name in only_strategies:
        strategies.require("strategy", name, strategies.APPS)
    for name in only_workloads:
        strategies.require("workload", name, strategies.WORKLOADS)
    wanted = [c for c in profile.comparison if not only_workloads or c.workload in only_workloads]
    matrix = [m for m in profile.matrix if not only_workloads or m.workload in only_workloads]
    if not wanted and not matrix:
        there = ", ".join(sorted(_workloads(profile)))
        raise UsageError(f"the profile has none of these workloads: it has {there}")
    chosen = tuple(only_strategies) or profile.strategies or tuple(strategies.names())
    kept = tuple(
        c if profile.baseline in chosen else c.model_copy(update={"baseline_copies": 1})
        for c in wanted
    )
    return profile.model_copy(
        update={"strategies": chosen, "comparison": kept, "matrix": tuple(matrix)}
    )
