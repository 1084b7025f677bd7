"""What the doctor expects of a machine, from how late it wakes up."""

import pytest

from after202.measure import doctor
from after202.measure.doctor import Watched


@pytest.mark.processes
def test_the_machine_is_described_line_by_line() -> None:
    """Cores, disk, other load, gaps, and what to expect."""
    lines = list(doctor.examine(watch_s=0.2))
    for word in ("cores", "disk", "governor", "other load", "scheduling gaps", "expect about"):
        assert any(word in line for line in lines), word


@pytest.mark.parametrize(
    ("late", "share"), [(0, 0.0), (10, 10 * 0.02 / (10 * 0.02 + 1000 * 0.001))]
)
def test_the_late_share_is_the_time_within_gaps_over_the_gate(late: int, share: float) -> None:
    """Ten gaps of 20 ms among a thousand sleeps of 1 ms."""
    seen = Watched(0.0, tuple([0.02] * late + [0.0] * (1000 - late)))
    assert seen.late_share() == pytest.approx(share)


def test_a_machine_that_wakes_up_late_is_told_to_wait_for_a_quieter_hour() -> None:
    """Where most trials will be rejected, that is said before they are measured."""
    quiet = list(doctor._expectation(Watched(0.0, (0.0,) * 1000)))
    assert "about 0% of quick's trials" in quiet[0]
    late = list(doctor._expectation(Watched(0.0, (0.02,) * 1000)))
    assert "about 100% of quick's trials" in late[0]
    assert "quieter time" in late[1]
