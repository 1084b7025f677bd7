"""`check-strategy` finds what is wrong with strategies that break the contract in known ways."""

import re
import shutil
from pathlib import Path

import pytest

from tests.project import Project
from tests.test_adding import ADDED
from tests.test_docs import blocks

LINE = re.compile(r"^(pass|FAIL|not tried) +(\w+), (\w+): (.*)$", re.MULTILINE)
TIMEOUT_S = 600


def checked(project: Project, file: Path, *checks: str) -> dict[tuple[str, str], tuple[str, str]]:
    """Check a strategy; return verdict and text by check and variant."""
    named = [word for check in checks for word in ("--check", check)]
    done = project.run("check-strategy", str(file), *named, timeout_s=TIMEOUT_S)
    found = {(check, variant): (verdict, text) for verdict, check, variant, text
             in LINE.findall(done.stdout)}  # fmt: skip
    fails = any(verdict == "FAIL" for verdict, _ in found.values())
    assert done.returncode == int(fails), done.stdout + done.stderr
    assert project.left_over() == []
    return found


def verdicts(found: dict[tuple[str, str], tuple[str, str]], variant: str) -> dict[str, str]:
    """Return a variant's verdicts, by check."""
    return {check: verdict for (check, of), (verdict, _) in found.items() if of == variant}


@pytest.fixture
def contract(tmp_path: Path) -> Path:
    """Give strategies that break the contract, in a folder of the user's own."""
    shutil.copytree(ADDED / "contract", tmp_path / "contract")
    return tmp_path / "contract"


def test_work_that_is_done_twice_and_a_setting_without_a_source(
    project: Project, contract: Path
) -> None:
    """And steps that follow one another twice are in no order."""
    found = checked(project, contract / "doubles.py", "settings", "effects", "order", "slots")
    assert verdicts(found, "documented") == {
        "settings": "FAIL", "effects": "FAIL", "order": "FAIL", "slots": "not tried",
    }  # fmt: skip
    assert "'times' lacks its source" in found["settings", "documented"][1]
    assert "done more than once" in found["effects", "documented"][1]


def test_an_order_that_is_not_kept_and_work_beside_the_ledger(
    project: Project, contract: Path
) -> None:
    """The ledger alone cannot see a mail that was sent twice; the mail server can."""
    found = checked(project, contract / "reorders.py", "settings", "effects", "order")
    assert verdicts(found, "documented") == {
        "settings": "pass", "effects": "FAIL", "order": "FAIL",
    }  # fmt: skip
    assert verdicts(found, "hardened") == {
        "settings": "FAIL", "effects": "FAIL", "order": "pass",
    }  # fmt: skip
    assert re.search(r"4 jobs of \w+ left 8 [\w ]+, where 4", found["effects", "hardened"][1])


def test_a_held_that_lies_and_a_job_that_is_accepted_without_a_broker(
    project: Project, contract: Path
) -> None:
    """Its slots are true all the same."""
    found = checked(project, contract / "liar.py", "slots", "held", "broker")
    assert verdicts(found, "documented") == {"slots": "pass", "held": "FAIL", "broker": "FAIL"}
    assert "8 jobs wait while no worker runs" in found["held", "documented"][1]
    assert "was answered 202 while the broker was dead" in found["broker", "documented"][1]


def test_more_slots_than_told_and_a_redelivery_that_never_comes(
    project: Project, contract: Path
) -> None:
    """What it says of its queue is true in each state."""
    found = checked(
        project, contract / "greedy.py", "slots", "held", "broker", "killed", "redelivery"
    )
    assert verdicts(found, "documented") == {
        "slots": "FAIL", "held": "pass", "broker": "pass", "killed": "pass", "redelivery": "FAIL",
    }  # fmt: skip
    assert "4 jobs ran at the same time where the wiring says 3" in found["slots", "documented"][1]
    assert "still held" in found["redelivery", "documented"][1]


def test_a_queue_that_nobody_can_look_into(project: Project, tmp_path: Path) -> None:
    """Its jobs are unseen when its worker is killed."""
    shutil.copytree(ADDED / "anywhere", tmp_path / "anywhere")
    found = checked(project, tmp_path / "anywhere" / "mine.py", "held", "killed")
    assert verdicts(found, "documented") == {"held": "FAIL", "killed": "FAIL"}
    assert "no held(wiring)" in found["held", "documented"][1]
    assert "are unseen" in found["killed", "documented"][1]


def test_the_queue_that_the_page_builds_from_nothing_keeps_the_contract(
    project: Project, tmp_path: Path
) -> None:
    """Its two files, as docs/adding.md shows them: no check fails, and the bound was shown."""
    _, strategy, worker, *_ = blocks("docs/adding.md", "python")
    (tmp_path / "mine.py").write_text(strategy)
    (tmp_path / "mine_worker.py").write_text(worker)
    found = checked(project, tmp_path / "mine.py")
    assert {name: "pass" for name, _ in found} == verdicts(found, "documented"), found


def test_a_check_that_there_is_not_is_refused_in_a_line(project: Project) -> None:
    """With those that there are."""
    done = project.run("check-strategy", "inline", "--check", "speed")
    assert done.returncode == 2
    assert done.stderr.startswith("after202: unknown check 'speed': there are settings, effects,")
