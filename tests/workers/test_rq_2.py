"""RQ 2 is measured beside RQ 3, and never in its place."""

from pathlib import Path

import pytest

from after202.hosts.environments import REQUIREMENTS
from after202.kernel.errors import UsageError
from apps import registry


def test_rq_2_is_the_common_environment_with_another_rq() -> None:
    """What is compared between the two is the version alone."""

    def pinned(path: Path) -> set[str]:
        lines = path.read_text(encoding="utf-8").splitlines()
        return {line.split(" ")[0] for line in lines if "==" in line}

    common = pinned(REQUIREMENTS.parent / "app.txt")
    older = pinned(REQUIREMENTS / "_rq2_queue.txt")
    assert {line.split("==")[0] for line in common ^ older} == {"rq"}
    assert any(line.startswith("rq==2.") for line in older)
    assert any(line.startswith("rq==3.") for line in common)


def test_rq_2_does_not_run_with_rq_3() -> None:
    """Its figures would be those of another version."""
    with pytest.raises(UsageError, match=r"_rq2_queue\.txt is missing"):
        registry.load("_rq2_queue")
