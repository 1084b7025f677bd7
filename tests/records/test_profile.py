"""What a profile may hold, field by field."""

from typing import Any

import pytest
from pydantic import ValidationError

from after202.records.profile import Profile

COMPARISON = {"workload": "login", "rate_per_s": 5, "blocks": 1, "window_s": 1}
MATRIX = {"faults": ["A3"], "rate_per_s": 5, "episodes": 1, "window_s": 2}
LEVEL = {"response_ms": 10, "completion_ms": 100}
PROFILE: dict[str, Any] = {
    "description": "x",
    "comparison": [COMPARISON],
    "matrix": [MATRIX],
    "capacity": {"workload": "login", "level": LEVEL},
}


def test_the_profile_that_the_cases_are_changed_from_is_read() -> None:
    """So is one at the ends of its ranges."""
    Profile.model_validate(PROFILE)
    Profile.model_validate({**PROFILE, "seed": 2**63 - 1})
    Profile.model_validate({**PROFILE, "seed": -(2**63), "baseline": "x" * 255})


@pytest.mark.parametrize(
    "fields",
    [
        *({"seed": seed} for seed in (True, "1", 2**63, -(2**63) - 1)),
        *({"comparison": [{**COMPARISON, "rate_per_s": rate}]} for rate in (True, "5")),
        *({"matrix": [{**MATRIX, "horizon_s": horizon_s}]} for horizon_s in (True, "5", 301)),
        {"comparison": [{**COMPARISON, "rate_per_s": None, "share_of_capacity": 1e-9}]},
        {"capacity": {"workload": "login", "level": {**LEVEL, "completion_ms": True}}},
    ],
)
def test_what_is_no_number_or_out_of_range_is_refused(fields: dict[str, Any]) -> None:
    """True and "5" are not numbers, whatever Python makes of them."""
    with pytest.raises(ValidationError, match=r"number|greater|less"):
        Profile.model_validate({**PROFILE, **fields})


@pytest.mark.parametrize("name", ["", "\0.py", "a\nb", "x" * 256, "\N{BULLET}" * 90, "x/" * 501])
def test_what_is_no_name_is_refused(name: str) -> None:
    """Neither of a strategy nor of anything else that is a file."""
    for fields in ({"strategies": [name]}, {"comparison": [{**COMPARISON, "workload": name}]}):
        with pytest.raises(ValidationError, match=r"name|characters"):
            Profile.model_validate({**PROFILE, **fields})
