"""Two real runs compared: equal ones, and one whose Celery drops every 200th job."""

import pytest

from tests import two_runs
from tests.project import Project

pytestmark = pytest.mark.alone

LIMIT_S = 600.0


def test_a_dropped_job_in_two_hundred_is_found_and_nothing_is_in_equal_runs(
    project: Project,
) -> None:
    """Times of so short runs may be noise, and decide nothing; what became of jobs is certain."""
    # Given two runs of one checkout, and a third whose Celery drops every 200th job
    profile = two_runs.profile(project, "empty", rate_per_s=100, blocks=1, window_s=2.5)
    first, second = (two_runs.measured(project, profile, LIMIT_S) for _ in "ab")
    two_runs.edit(project, two_runs.DROPPING)
    third = two_runs.measured(project, profile, LIMIT_S)

    # When each is compared with the first
    equal_code, equal = two_runs.compared(project, first, second)
    code, dropping = two_runs.compared(project, first, third)

    # Then the first two are alike, and the third has lost a job that they kept
    assert equal_code == 0
    assert {one["verdict"] for one in equal["mishaps"]} == {"as before"}
    worse = [one for one in dropping["mishaps"] if one["verdict"] == "more often"]
    assert [(one["strategy"], one["mishap"], one["b_jobs"]) for one in worse] == [
        ("celery_queue", "lost", 1)
    ]
    assert code == 1
    assert (project.folder / "results" / f"compare-{first}-{third}.html").is_file()
