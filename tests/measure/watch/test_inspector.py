"""Who asks a queue what it holds: a child per queue, that is started when it is needed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from after202.kernel.errors import TrialError
from after202.kernel.model import Look, Wiring
from after202.measure.begin import Options, begin
from after202.measure.watch.inspector import Inspectors
from after202.plan import reading
from after202.records.folder import RunFolder
from after202.stacks import choice
from tests.plan.catalogue import CATALOGUE

pytestmark = pytest.mark.processes
DEAD = Wiring(broker_url="redis://127.0.0.1:1/0")
# Answers a wiring by its queue's name, and fails if that is empty.
HELD = """
from after202.kernel.model import Look

def held(wiring):
    if not wiring.queue:
        raise RuntimeError("no name")
    return Look(held={wiring.queue: "here"})
"""


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    """Give a run that has begun."""
    options = Options(choice.choose(choice.EMBEDDED))
    return begin("smoke", reading.read("smoke"), CATALOGUE, tmp_path, options)


@pytest.fixture
def inspectors(folder: RunFolder) -> Iterator[Inspectors]:
    """Give the run's inspectors."""
    with Inspectors(folder) as found:
        yield found


def test_a_strategy_without_a_queue_holds_nothing_and_a_dead_broker_says_nothing(
    folder: RunFolder, inspectors: Inspectors
) -> None:
    """Nothing there is not the same as nothing known."""
    assert inspectors.look(CATALOGUE["background_tasks"], DEAD) == Look()
    unseen = CATALOGUE["celery_queue"].model_copy(update={"inspected": False})
    assert inspectors.look(unseen, DEAD) == Look()
    assert list(folder.logs.iterdir()) == []
    assert inspectors.look(CATALOGUE["celery_queue"], DEAD) is None
    only_looks = {"worker": "", "inspector": "rq_queue"}
    assert inspectors.look(CATALOGUE["inline"].model_copy(update=only_looks), DEAD) is None


def test_a_strategy_on_top_of_another_asks_the_same_child(
    folder: RunFolder, inspectors: Inspectors
) -> None:
    """It has the other's worker."""
    queue = CATALOGUE["celery_queue"]
    on_top = queue.model_copy(update={"name": "_lossy_celery_queue"})
    assert inspectors.look(on_top, DEAD) == inspectors.look(queue, DEAD)
    assert [log.name for log in folder.logs.iterdir()] == ["held-celery_queue.log"]


def test_a_queue_that_cannot_be_looked_into_is_a_reason_against_the_trial(
    tmp_path: Path, folder: RunFolder, inspectors: Inspectors
) -> None:
    """Its log is named; the next question is asked of a new child."""
    worker = tmp_path / "mine_worker.py"
    worker.write_text(HELD)
    mine = CATALOGUE["rq_queue"].model_copy(update={"name": "mine", "worker": str(worker)})
    assert inspectors.look(mine, Wiring(queue="first")) == Look(held={"first": "here"})
    with pytest.raises(TrialError, match=r"workers held .*mine_worker\.py gave no answer \(log: "):
        inspectors.look(mine, Wiring(queue=""))
    assert "RuntimeError: no name" in (folder.logs / "held-mine_worker.log").read_text()
    assert inspectors.look(mine, Wiring(queue="second")) == Look(held={"second": "here"})
