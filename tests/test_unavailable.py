"""What cannot be installed or started here is left out with its reason, and the run goes on."""

import json

import pytest

from after202 import commands
from after202.commands import NO_SERVICE, NOT_UP, catalogue
from after202.kernel.model import StrategyFacts
from after202.stacks import choice
from tests.project import ROOT, Project
from tests.test_adding import drop_in

# Nothing is asked of a registry, and no such version will ever be there.
IMPOSSIBLE = f"--no-index\nrq==0.0.0 --hash=sha256:{'0' * 64}\n"
NO_SERVER = "lines-server is not installed"


@pytest.fixture
def crippled(project: Project) -> Project:
    """Give a project with a strategy that pip cannot make, and one whose broker is not here."""
    project.drop_in(ROOT / "apps" / "gather.py", "unobtainable")
    own = project.folder / "requirements" / "strategies"
    own.mkdir(parents=True)
    (own / "unobtainable.txt").write_text(IMPOSSIBLE)
    drop_in(project, "after202/brokers/lines.py", "apps/lines_queue.py", "workers/lines_queue.py")
    broker = project.folder / "after202" / "brokers" / "lines.py"
    broker.write_text(broker.read_text().replace('return ""', f'return "{NO_SERVER}"'))
    return project


def test_the_others_are_measured_and_the_report_says_what_was_left_out(crippled: Project) -> None:
    """In a line on the terminal, in run.json, and among what the run does not say."""
    profile = crippled.profile("inline", "unobtainable", "lines_queue", "gather")
    done = crippled.run("run", profile)
    assert done.returncode == 0, done.stderr
    said = " ".join(done.stdout.split())
    assert "unobtainable is left out: its environment cannot be created: ERROR: No match" in said
    assert f"lines_queue is left out: {NO_SERVER}" in said

    folder = crippled.folder / "results" / "latest"
    record = json.loads((folder / "run.json").read_text())
    assert list(record["strategies"]) == ["gather", "inline"]
    assert record["unavailable"]["lines_queue"] == NO_SERVER
    assert "rq==0.0.0" in record["unavailable"]["unobtainable"]
    assert record["environments"] == {}
    report = (folder / "REPORT.md").read_text()
    assert f"was left out: {NO_SERVER}." in report
    assert "after202 env unobtainable" in report
    assert not list(crippled.folder.glob(".venv/strategies/unobtainable-*"))


def test_a_run_that_needs_what_is_not_here_is_refused_in_a_line(crippled: Project) -> None:
    """As the baseline, alone, or under load by hand; `env` says why."""
    for baseline, arguments in (
        ("unobtainable", ("plan", "tiny.toml")),
        ("inline", ("plan", "tiny.toml", "--strategy", "unobtainable")),
        ("inline", ("load-ui", "unobtainable")),
    ):
        crippled.profile("inline", "unobtainable", baseline=baseline)
        done = crippled.run(*arguments)
        assert done.returncode == 2
        (line,) = [one for one in done.stderr.splitlines() if one.startswith("after202: ")]
        assert "unobtainable is not available here: its environment cannot be created" in line
        assert done.stdout == ""
    done = crippled.run("env", "inline", "unobtainable")
    assert done.returncode == 1
    said = " ".join(done.stdout.split())
    assert "inline needs nothing of its own" in said
    assert "the environment of unobtainable cannot be created: ERROR" in said


def test_env_makes_an_environment_once_and_says_what_is_in_it(project: Project) -> None:
    """Where it is, and each library with its version, but not pip itself."""
    own = project.folder / "requirements" / "strategies"
    own.mkdir(parents=True)
    (own / "mine.txt").write_text("--no-index\n")
    project.drop_in(ROOT / "apps" / "gather.py", "mine")
    done = project.run("env", "mine")
    assert done.returncode == 0, done.stderr
    (made,) = project.folder.glob(".venv/strategies/mine-*")
    assert f"mine: {made.relative_to(project.folder)}" in done.stdout
    assert "Creating" in done.stderr
    assert project.run("env", "mine").stderr == ""
    packages = next((made / "lib").glob("python*/site-packages"))
    (packages / "Strange_Lib-1.2.dist-info").mkdir()
    (packages / "Strange_Lib-1.2.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: Strange_Lib\nVersion: 1.2\n"
    )
    assert project.run("env", "mine").stdout.splitlines()[1] == "  strange-lib 1.2"


@pytest.mark.processes
def test_a_strategy_without_a_service_is_left_out_in_containers_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whether there is one is read from the file; no engine is asked for the others."""
    assert choice.has_service("celery_queue")
    monkeypatch.setattr(choice, "has_service", lambda name: name != "gather")
    for kind, expected in ((choice.COMPOSE, {"gather": NO_SERVICE}), (choice.EMBEDDED, {})):
        monkeypatch.setattr(choice, "choose", lambda _, kind=kind: choice.Choice(kind, ""))
        monkeypatch.setattr(choice, "not_up", list)
        known = catalogue(["inline", "gather"], choice.AUTO)
        assert known.unavailable == expected
        assert set(known.strategies) == {"inline", "gather"} - expected.keys()


def test_a_strategy_whose_services_are_not_up_is_left_out_in_containers_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The engine is asked once, of those with an image of their own alone."""
    asked: list[list[str]] = []

    def not_up(names: list[str]) -> list[str]:
        asked.append(names)
        return names[:1]

    monkeypatch.setattr(choice, "not_up", not_up)
    strategies = [fact(name) for name in ("inline", "arq_queue", "saq_queue")]
    for kind, expected in ((choice.COMPOSE, {"arq_queue"}), (choice.EMBEDDED, set())):
        monkeypatch.setattr(choice, "choose", lambda _, kind=kind: choice.Choice(kind, ""))
        closed = commands._closed(strategies, choice.AUTO)
        assert closed == {name: NOT_UP.format(name) for name in expected}
    assert asked == [["arq_queue", "saq_queue"]]

    def refuse(_: str) -> choice.Choice:
        pytest.fail("the engine was asked")

    monkeypatch.setattr(choice, "choose", refuse)
    assert commands._closed([fact("inline")], choice.AUTO) == {}


def fact(name: str) -> StrategyFacts:
    """Return what a strategy without a broker says of itself."""
    return StrategyFacts(name=name, label=name, summary="", source=name, variants={})
