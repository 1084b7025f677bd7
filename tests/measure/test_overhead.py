"""Which runs say what recording costs."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from after202.measure import overhead
from after202.measure.begin import Options, begin
from after202.plan import reading
from after202.stacks import choice
from tests.plan.catalogue import CATALOGUE

pytestmark = pytest.mark.processes

RATIO = 0.97


@pytest.mark.parametrize(
    ("name", "measured"), [("full", True), ("quick", True), ("smoke", False), ("faults", False)]
)
def test_every_profile_with_verdicts_measures_what_recording_costs(
    name: str, measured: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`full` too, none of whose comparisons is planned before the capacity is known.

    `smoke` is a look.
    """
    options = Options(choice.choose(choice.EMBEDDED))
    folder = begin(name, reading.read(name), CATALOGUE, tmp_path, options)
    monkeypatch.setattr(overhead, "instrumented_to_bare", lambda *_: RATIO)
    services = cast("Any", SimpleNamespace(database_url="", scratch=tmp_path, cpus=None))
    overhead.measure(folder, services)
    assert folder.read().overheads == ({overhead.NAME: RATIO} if measured else {})
