"""Bad input gets one clear line and exit code 2, and nothing is left behind."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from after202.servers.valkey import Valkey
from tests.project import Project

MATRIX = '[[matrix]]\nfaults = ["A3"]\nrate_per_s = 5\nepisodes = 1\nwindow_s = 2\n'
COMPARISON = '[[comparison]]\nworkload = "login"\nrate_per_s = 5\nblocks = 1\nwindow_s = 1\n'


@pytest.fixture
def foreign_redis_url(tmp_path: Path) -> Iterator[str]:
    """Give a server in which somebody else's Celery keeps its messages."""
    valkey = Valkey("foreign", tmp_path / "valkey", tmp_path / "valkey.log", ())
    try:
        with Redis.from_url(valkey.url) as client:
            client.hset("unacked", "tag", "message")
            yield valkey.url
            assert client.hget("unacked", "tag") == b"message"
    finally:
        valkey.child.kill()


def assert_one_line(project: Project, words: str, *arguments: str) -> None:
    """Assert that the command fails as a user's mistake should."""
    done = project.run(*arguments)
    assert done.returncode == 2, done.stdout + done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert list((project.folder / "results").iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "nonsense"], "unknown profile 'nonsense'"),
        (["run"], "name a profile"),
        (["run", "smoke", "--strategy", "nonsense"], "unknown strategy 'nonsense'"),
        (["run", "smoke", "--workload", "nonsense"], "unknown workload 'nonsense'"),
        (["run", "smoke", "--workload", "login"], "has none of these workloads"),
        (["run", "smoke", "--stack", "nonsense"], "unknown stack 'nonsense'"),
        (["run", "smoke", "--nonsense"], "--nonsense"),
        (["run", "--resume", "nonsense"], "no run 'nonsense'"),
        (["report", "nonsense"], "no run 'nonsense'"),
        (["check", "nonsense"], "no run 'nonsense'"),
        (["plan", "nonsense"], "unknown profile 'nonsense'"),
        (["load-ui", "nonsense"], "unknown strategy 'nonsense'"),
        (["validate", "nonsense"], "unknown check 'nonsense'"),
        (["nonsense"], "nonsense"),
        (["run", "smoke", "--redis-url", "redis://127.0.0.1:1/0"], "does not answer"),
        (["run", "smoke", "--redis-url", "nonsense"], "redis://127.0.0.1"),
    ],
)
def test_a_mistake_is_answered_in_one_line(
    project: Project, arguments: list[str], words: str
) -> None:
    """Unknown names, options and servers are named."""
    assert_one_line(project, words, *arguments)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("this is not TOML", "is not TOML"),
        ("description = 'empty'\n", "comparison"),
        (f"description = 'x'\nunknown = 1\n{COMPARISON}", "unknown"),
        (f"description = 'x'\nslots = 0\n{COMPARISON}", "slots"),
        (f"description = 'x'\n{COMPARISON.replace('= 5', '= -5')}", "rate_per_s"),
        (f"description = 'x'\n{COMPARISON.replace('window_s = 1', 'window_s = 0')}", "window_s"),
        (f"description = 'x'\n{COMPARISON.replace('= 5', '= nan')}", "rate_per_s"),
        (f"description = 'x'\n{COMPARISON.replace('login', 'nonsense')}", "nonsense"),
        (f"description = 'x'\nvariants = ['nonsense']\n{COMPARISON}", "nonsense"),
        (
            f"description = 'x'\n{COMPARISON.replace('rate_per_s = 5', '')}",
            "either rate_per_s or share_of_capacity",
        ),
        (
            f"description = 'x'\n{COMPARISON.replace('rate_per_s', 'share_of_capacity')}",
            "share_of_capacity",
        ),
        (
            f"description = 'x'\n{COMPARISON.replace('rate_per_s = 5', 'share_of_capacity = 0.5')}",
            "needs a [capacity]",
        ),
        (
            f"description = 'x'\nstrategies = ['inline']\n{COMPARISON}baseline_copies = 2\n",
            "baseline 'background_tasks'",
        ),
        (f"description = 'x'\n{MATRIX}horizon_s = 301\n", "matrix.0.horizon_s"),
        (f"description = 'x'\n{MATRIX}durabilities = ['nonsense']\n", "'nonsense'"),
    ],
)
def test_a_malformed_profile_is_answered_in_one_line(
    project: Project, content: str, words: str
) -> None:
    """What is wrong, and where, is said."""
    path = project.folder / "mine.toml"
    path.write_text(content)
    assert_one_line(project, words, "run", str(path))


def test_a_redis_server_in_use_is_refused(project: Project, foreign_redis_url: str) -> None:
    """A server of the user's own whose queue names are taken is not touched."""
    assert_one_line(project, "taken", "run", "smoke", "--redis-url", foreign_redis_url)


def test_a_taken_port_is_answered_in_one_line(project: Project) -> None:
    """The port of Locust's page may be in use."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = str(holder.getsockname()[1])
        assert_one_line(project, f"port {port} is taken", "load-ui", "--port", port)


def test_one_core_is_too_few(project: Project) -> None:
    """The system under test and the load need a core each."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        assert_one_line(project, "needs 2", "run", "smoke")
    finally:
        os.sched_setaffinity(0, before)


def test_a_results_folder_that_cannot_be_made_is_answered_in_one_line(project: Project) -> None:
    """Where nothing can be written, nothing is started."""
    assert_one_line(project, "cannot be written", "run", "smoke", "--results", "/proc/nowhere")


def test_plan_says_how_long_it_takes(project: Project) -> None:
    """The plan lists every trial and runs none."""
    done = project.run("plan", "smoke")
    assert done.returncode == 0
    assert "6 trials, about" in done.stdout
    assert list(Path(project.folder / "results").iterdir()) == []
