"""The rows of completion.csv: what a trial's broker writes to disk stands in each."""

from pathlib import Path

import pytest

from after202.analyse import tables
from after202.analyse.run import read
from after202.kernel.model import StrategyFacts
from after202.records.trial import NOT_DURABLE
from tests.analyse.run_folder import TrialHistory, write_run

FACTS = StrategyFacts(
    name="inline", label="Inline", summary="By hand.", source="inline", broker="postgres",
    variants={},
)  # fmt: skip


@pytest.mark.parametrize(
    ("durabilities", "broker"),
    [({"postgres": "non-durable settings"}, "non-durable settings"), ({}, NOT_DURABLE)],
)
def test_a_comparison_has_the_words_of_its_own_broker(
    tmp_path: Path, durabilities: dict[str, str], broker: str
) -> None:
    """A run that was stored without them has those that all runs had then."""
    folder = write_run(tmp_path / "run", [TrialHistory("inline")])
    told = {"strategies": {"inline": FACTS}, "durabilities": durabilities}
    folder.write(folder.read().model_copy(update=told))
    assert list(tables.completion(read(folder))["broker"]) == [broker]
