"""Reads profiles, by name or by path, and checks all of them before anything starts."""

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from after202.kernel.errors import UsageError
from after202.kernel.overrides import declared, require_declared
from after202.kernel.paths import SUITE
from after202.plan import groups
from after202.plan.arms import Side, sides
from after202.plan.catalogue import Catalogue, require_workloads
from after202.plan.contradictions import contradictions
from after202.records.files import reading as opened
from after202.records.parts import ComparisonPlan, FaultMatrix
from after202.records.profile import Profile
from loadtests import faults

Part = TypeVar("Part", ComparisonPlan, FaultMatrix)
PROFILES = SUITE / "loadtests" / "profiles"


def names() -> list[str]:
    """Return the names of the profiles that ship."""
    return sorted(path.stem for path in PROFILES.glob("*.toml"))


def read(name: str) -> Profile:
    """Return a profile by its name, or by the path of a user's own TOML file."""
    path = Path(name) if name.endswith(".toml") else PROFILES / f"{name}.toml"
    with opened(path):
        found = path.is_file()
    if not found:
        known = ", ".join(names())
        raise UsageError(
            f"unknown profile {name!r}: there are {known}, or give a .toml file's path"
        )
    try:
        with opened(path):
            text = path.read_text(encoding="utf-8")
        profile = Profile.model_validate(_in_names(tomllib.loads(text)))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is not TOML: {error}") from error
    except (RecursionError, ValueError) as error:
        if isinstance(error, ValidationError):
            raise UsageError(f"{path}: {_first_problem(error)}") from error
        raise UsageError(f"{path} cannot be read: {error}") from error
    if wrong := list(contradictions(profile)):
        more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
        raise UsageError(f"{path}: {wrong[0]}{more}")
    return profile


def _in_names(given: dict[str, Any]) -> dict[str, Any]:
    """Return a profile as given, with names in place of groups.

    A profile that names no strategies has the core, the baseline, and what its parts name.
    """
    parts = [*_tables(given, "comparison"), *_tables(given, "matrix")]
    for part in (given, *parts):
        listed = _listed(part)
        if not groups.GROUPS.keys().isdisjoint(listed):
            part["strategies"] = groups.expanded(listed)
    if given.get("strategies", []) == []:
        usual = ["core", *_listed({"strategies": given.get("baseline", groups.BASELINE)})]
        beside = [name for part in parts for name in _listed(part)]
        given["strategies"] = groups.expanded([*usual, *beside])
    return given


def _listed(part: dict[str, Any]) -> list[str]:
    """Return what a part's `strategies` lists; nothing if that is no text and no list of texts."""
    named = part.get("strategies", [])
    listed = [named] if isinstance(named, str) else named
    is_texts = isinstance(listed, list) and all(isinstance(name, str) for name in listed)
    return listed if is_texts else []


def _tables(given: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found = given.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _first_problem(error: ValidationError) -> str:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"]) or "the profile"
    more = error.error_count() - 1
    return f"{where}: {first['msg']}" + (f" (and {more} more)" if more else "")


def require_known(profile: Profile, catalogue: Catalogue) -> None:
    """Raise UsageError for a fault, strategy, variant, durability or workload that is unknown."""
    require_workloads(
        profile.workloads | ({profile.capacity.workload} if profile.capacity else set())
    )
    for name in strategies_named(profile):
        catalogue[name]
    _require_variants(profile.variants, sides(profile, catalogue))
    for comparison in profile.comparison:
        _require_variants(comparison.variants, sides(profile, catalogue, comparison))
    for matrix in profile.matrix:
        for fault in matrix.faults:
            faults.load(fault)
        found = sides(profile, catalogue, matrix)
        _require_variants(matrix.variants, found)
        _require_durabilities(matrix, catalogue, {name for name, _ in found})
    _require_overridable(profile, catalogue)


def _require_overridable(profile: Profile, catalogue: Catalogue) -> None:
    """Raise UsageError for a setting of a variant, or a parameter of a fault, that there is not."""
    for strategy, of_variants in profile.variant.items():
        variants = catalogue[strategy].variants
        for variant, given in of_variants.items():
            where = f"variant.{strategy}.{variant}"
            if variant not in variants:
                raise UsageError(f"{where}: unknown variant: there are {', '.join(variants)}")
            require_declared(where, given, declared(variants[variant].overridable))
    for fault, given in profile.fault.items():
        require_declared(f"fault.{fault}", given, faults.parameters(fault))


def _require_variants(variants: Iterable[str], found: Iterable[Side]) -> None:
    there = {variant for _, variant in found}
    for variant in variants:
        if variant not in there:
            raise UsageError(f"no strategy of the profile has a variant {variant!r}")


def _require_durabilities(
    matrix: FaultMatrix, catalogue: Catalogue, strategies: Iterable[str]
) -> None:
    """Raise UsageError for a durability that no broker of these strategies has.

    If none of them has a broker, it need only exist.
    """
    known = list(filter(None, map(catalogue.broker, strategies)))
    known = known or list(catalogue.brokers.values())
    there = list(dict.fromkeys(name for one in known for name in one.durabilities))
    for name in matrix.durabilities or ():
        if there and name not in there:
            raise UsageError(f"unknown durability {name!r}: there are {', '.join(there)}")


def strategies_named(profile: Profile) -> list[str]:
    """Return the strategies that a profile names anywhere."""
    of_parts = [
        *(name for comparison in profile.comparison for name in comparison.strategies),
        *(name for matrix in profile.matrix for name in matrix.strategies),
    ]
    return list(dict.fromkeys([profile.baseline, *profile.strategies, *of_parts]))


def stem(source: str) -> str:
    """Return a strategy's name: the source itself, or its file's name without `.py`."""
    return Path(source).stem


def by_stems(profile: Profile) -> Profile:
    """Return the profile with every strategy by its name, even if a path was given."""
    named = {
        "baseline": stem(profile.baseline),
        "strategies": tuple(map(stem, profile.strategies)),
        "comparison": tuple(_by_stems(comparison) for comparison in profile.comparison),
        "matrix": tuple(_by_stems(matrix) for matrix in profile.matrix),
    }
    return profile.model_copy(update=named)


def _by_stems(part: Part) -> Part:
    return part.model_copy(update={"strategies": tuple(map(stem, part.strategies))})
