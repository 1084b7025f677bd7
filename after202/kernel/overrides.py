"""Overrides: values that a profile sets in place of those that a variant or a fault declares."""

import math
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, TypeAdapter, ValidationError

from after202.kernel.errors import UsageError

HIGHEST, LONGEST = 1_000_000_000, 200


def _scalar(value: object) -> object:
    """Return the value; ValueError unless it fits one line of a profile and of a report."""
    if isinstance(value, str):
        if len(value) <= LONGEST and value.isprintable():
            return value
        raise ValueError(f"a text is printable and at most {LONGEST} characters long")
    if not isinstance(value, bool | int | float):
        raise ValueError("should be a number, a text, true or false")  # noqa: TRY004 - pydantic's
    if not math.isfinite(value) or not 0 <= value <= HIGHEST:
        raise ValueError(f"a number is between 0 and {HIGHEST:,}")
    return value


Scalar = Annotated[bool | int | float | str, BeforeValidator(_scalar)]
Overrides = dict[str, Scalar]
# What may be overridden, by name: its type, and the value that it has otherwise.
Declared = Mapping[str, tuple[Any, Scalar]]


def require_declared(where: str, given: Mapping[str, Scalar], declared: Declared) -> None:
    """Raise UsageError for a name that is not declared, or for a value of another type."""
    for name, value in given.items():
        if name not in declared:
            there = ", ".join(declared) or "nothing"
            raise UsageError(f"{where}: unknown {name!r}: a profile may set {there}")
        kind, usual = declared[name]
        try:
            TypeAdapter(kind).validate_python(value, strict=True)
        except ValidationError as error:
            problem = error.errors()[0]["msg"]
            raise UsageError(
                f"{where}.{name}: {problem}, like the default {written(usual)}"
            ) from error


def declared(usual: Mapping[str, Scalar]) -> Declared:
    """Return what may be overridden by values of the same types as the usual ones."""
    return {name: (type(value), value) for name, value in usual.items()}


def told(given: Mapping[str, Scalar]) -> str:
    """Return overrides as a profile has them, in one line; empty if there are none."""
    return ", ".join(f"{name} = {written(value)}" for name, value in given.items())


def written(value: Scalar) -> str:
    """Return a value as TOML has it."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)
