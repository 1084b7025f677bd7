"""Options of a variant that a profile may override: each has a value, and the reason for it."""

from collections.abc import Collection, Mapping
from typing import TypeVar

from after202.kernel.overrides import Scalar, told

V = TypeVar("V", bound=Scalar)


def values_of(conf: Mapping[str, tuple[V, str]], names: Collection[str]) -> dict[str, V]:
    """Return the values of those of the options that a variant sets."""
    return {name: conf[name][0] for name in names if name in conf}


def overridable(
    conf: Mapping[str, tuple[Scalar, str]], usual: Mapping[str, Scalar]
) -> dict[str, Scalar]:
    """Return what a profile may override, which is all that is usual, with a variant's values."""
    return {**usual, **values_of(conf, usual)}


def overridden(
    conf: Mapping[str, tuple[V, str]], given: Mapping[str, V]
) -> dict[str, tuple[V, str]]:
    """Return the options with the values that a profile gives."""
    why = f"the profile sets {told(given)}"
    return {**conf, **{name: (value, why) for name, value in given.items()}}


def whole(given: Mapping[str, Scalar]) -> dict[str, int]:
    """Return the values as the integers that they have to be."""
    return {name: int(value) for name, value in given.items()}
