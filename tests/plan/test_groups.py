"""Groups: what a profile and `--strategy` may say in place of names."""

from pathlib import Path

import pytest

from after202.plan import groups, reading
from after202.plan.catalogue import strategy_files

pytestmark = pytest.mark.fast
PROFILE = """
description = "A look."
{strategies}
[[comparison]]
workload = "signup"
rate_per_s = 5
blocks = 1
window_s = 3
"""


def strategies(tmp_path: Path, given: str) -> tuple[str, ...]:
    """Return the strategies of a profile that says this of them."""
    path = tmp_path / "profile.toml"
    path.write_text(PROFILE.format(strategies=given))
    return reading.read(str(path)).strategies


def test_every_strategy_is_in_one_of_the_groups_by_where_its_jobs_are() -> None:
    """Those of the core are among them; each is all that its file says."""
    by_broker = [set(groups.on(broker)) for broker in ("redis", "postgres", "rabbitmq")]
    assert set().union(*by_broker, groups.in_process()) == set(strategy_files())
    assert {"celery_queue", "rq_queue"} <= set(groups.on("redis"))
    assert {"inline", "gather", "background_tasks", "create_task"} <= set(groups.in_process())
    assert not {"celery_queue", "rq_queue"} & set(groups.in_process())


def test_a_profile_names_strategies_and_groups(tmp_path: Path) -> None:
    """One that names none has the core; a strategy of two groups is there once."""
    assert strategies(tmp_path, "") == groups.CORE
    assert strategies(tmp_path, 'baseline = "create_task"') == (*groups.CORE, "create_task")
    assert strategies(tmp_path, 'strategies = "all"') == tuple(strategy_files())
    named = strategies(tmp_path, 'strategies = ["core", "create_task", "in_process"]')
    assert named[:6] == (*groups.CORE, "create_task")
    assert set(named) == {*groups.CORE, *groups.in_process()}
    assert len(named) == len(set(named))


def test_a_part_of_a_profile_that_names_strategies_adds_them(tmp_path: Path) -> None:
    """The profile itself names none: it has the core, and those."""
    matrix = '[[matrix]]\nfaults = ["A3"]\nrate_per_s = 5\nwindow_s = 4\nepisodes = 1\n'
    found = strategies(tmp_path, matrix + 'strategies = ["create_task"]')
    assert found == (*groups.CORE, "create_task")
