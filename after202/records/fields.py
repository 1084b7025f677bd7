"""The types of a profile's values: each is checked when the profile is read."""

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field


def number(value: object) -> object:
    """Return the value; ValueError for true, false and texts, which pydantic takes for numbers."""
    if isinstance(value, bool | str):
        raise ValueError("should be a number")  # noqa: TRY004 - pydantic wants a ValueError
    return value


def nameable(name: str) -> str:
    """Return the name; ValueError if no file can have it."""
    if not name or not name.isprintable():
        raise ValueError("a name is printable text")
    if any(len(part.encode()) > LONGEST_NAME for part in name.split("/")):
        raise ValueError(f"no file's name is longer than {LONGEST_NAME} bytes")
    return name


LONGEST_NAME = 255
Name = Annotated[str, Field(max_length=1000), AfterValidator(nameable)]
Whole = Annotated[int, BeforeValidator(number)]
Positive = Annotated[float, Field(gt=0, le=100_000, allow_inf_nan=False), BeforeValidator(number)]
Share = Annotated[Positive, Field(ge=0.001, lt=1)]
Processes = Annotated[Whole, Field(ge=1, le=64)]
Slots = Annotated[Whole, Field(ge=1, le=64)]
NotNegative = Annotated[
    float, Field(ge=0, le=100_000, allow_inf_nan=False), BeforeValidator(number)
]
