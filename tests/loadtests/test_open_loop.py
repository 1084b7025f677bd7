"""The load is open-loop: what is due is sent, whatever became of the others."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import takewhile
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pandas as pd
import pytest

from after202.kernel.model import Example, Offer
from after202.measure.load.generator import scheduled
from after202.records.experiment import Arm, Arrivals, Outcome, Stream
from after202.records.files import read_json
from after202.records.request_log import Requests, convert
from after202.records.trial import Comparison
from after202.records.trial_record import Load
from loadtests.arrivals import due_times_s
from tests.project import ROOT

pytestmark = pytest.mark.alone

SLOW_S = 1.5
OFFER = Offer(steps=("wait",), ordered=False, example=Example(method="POST", path="/slow/{n}"))


class SlowServer(BaseHTTPRequestHandler):
    """Answers every request for a job after a fixed time; of every tenth it says 503."""

    protocol_version = "HTTP/1.1"
    answered: list[str]
    # How many wait for their answer, as each came.
    waiting: list[int]
    came = 0

    def do_GET(self) -> None:
        """Say what there is, as an API of ours does."""
        operation = {"operationId": "slow", "x-workload": OFFER.model_dump(mode="json")}
        document = {"paths": {"/slow": {"post": operation}}}
        self._answer(200, json.dumps(document).encode())

    def do_POST(self) -> None:
        """Take a job."""
        SlowServer.came += 1
        self.waiting.append(SlowServer.came - len(self.answered))
        time.sleep(SLOW_S)
        self.answered.append(self.path)
        self._answer(503 if self.path.endswith("0") else 202, b"{}")

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def slow_server() -> Iterator[str]:
    """Serve on a free port."""
    SlowServer.answered, SlowServer.waiting, SlowServer.came = [], [], 0
    server = ThreadingHTTPServer(("127.0.0.1", 0), SlowServer)
    server.request_queue_size = 1000
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


LOCUST = [sys.executable, "-m", "locust", "-f", "loadtests/locustfile.py", "--headless"]


def common(folder: Path, url: str) -> list[str]:
    """Return the options that all have."""
    return ["--host", url, "--record", str(folder), "--only-summary", "--loglevel", "WARNING"]


def locust(folder: Path, url: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run Locust without its page."""
    return subprocess.run(
        [*LOCUST, *common(folder, url), *options],
        cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


@pytest.mark.processes
def test_a_slow_server_slows_no_request_down(tmp_path: Path) -> None:
    """Each request is sent when due, though each answer takes longer than the whole load.

    A machine that stands still for a second makes some late, and not most.
    """
    # Given a server that takes 1.5 s for each answer; when 40/s fall due for a second
    with slow_server() as url:
        options = ["-u", "1", "--rate-per-user", "40", "--bystander-rate", "0"]
        done = locust(tmp_path, url, *options, "--workload", "slow", "--load-time", "1")
        answered = list(SlowServer.answered)

    # Then most waited for their answer at once, and all are accounted for
    assert done.returncode == 1, "Locust's way to say that some were refused"
    load = told(tmp_path / "load-0.json")
    rows = pd.read_parquet(tmp_path / "requests-0.parquet")
    assert load.counts.scheduled == load.counts.sent == load.counts.answered == len(rows) > 20
    assert len(answered) == len(set(answered)) == len(rows)
    assert max(SlowServer.waiting) > 0.6 * len(rows)
    assert (rows["response_us"] >= SLOW_S * 1e6).all()
    refused = rows["outcome"] == Outcome.REFUSED
    assert list(rows["status"][refused].unique()) == [503]
    assert load.counts.accepted == (~refused).sum()


@pytest.mark.processes
def test_the_bystander_is_there_before_the_load(tmp_path: Path) -> None:
    """While at rest no job is asked for; the load is as long as it is without."""
    with slow_server() as url:
        options = ["-u", "2", "-r", "100", "--rate-per-user", "40", "--bystander-rate", "40"]
        times = ["--rest", "0.5", "--load-time", "0.5"]
        locust(tmp_path, url, *options, *times, "--workload", "slow")
    load = told(tmp_path / "load-0.json")
    rows = pd.read_parquet(tmp_path / "requests-0.parquet")
    jobs = rows[rows["stream"] == Stream.JOBS]["due_us"]
    others = rows[rows["stream"] == Stream.BYSTANDER]["due_us"]
    assert jobs.between(load.load_start_us, load.load_end_us).all()
    assert len(jobs) == load.counts.scheduled > 5
    assert load.load_end_us - load.load_start_us == 500_000
    assert others.between(load.load_start_us - 500_000, load.load_end_us).all()
    assert (others < load.load_start_us).sum() > 5
    assert (others > load.load_start_us).sum() > 5


@pytest.mark.processes
def test_what_falls_due_falls_due_in_turns(tmp_path: Path) -> None:
    """Each turn begins when it is released; together they are the schedule, gap by gap."""
    # Given a load of three turns; when each is released 0.3 s after the last has ended
    file = tmp_path / "load-0.json"
    with slow_server() as url:
        options = ["-u", "1", "--rate-per-user", "40", "--bystander-rate", "0", "--seed", "7"]
        turns = ["--turns", "0.4,0.3,0.5", "--warm-up", "0.5", "--hold"]
        command = [*LOCUST, *common(tmp_path, url), *options, *turns, "--workload", "slow"]
        with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, text=True) as process:
            assert process.stdin is not None
            for number in range(1, 4):
                print("go", file=process.stdin, flush=True)
                wait_for_turn(file, number)
                time.sleep(0.3)

    # Then nothing fell due in between, and all of the schedule did
    load = told(file)
    due_us = pd.read_parquet(tmp_path / "requests-0.parquet")["due_us"].sort_values().to_numpy()
    begins_us = np.array(load.turns_us)
    turn = np.searchsorted(begins_us, due_us, side="right") - 1
    lasts_us = np.array([400_000, 300_000, 500_000])
    gaps_us = np.diff(begins_us)
    assert (gaps_us > lasts_us[:2] + 300_000 + SLOW_S * 1e6).all(), "answers are waited for"
    assert (due_us - begins_us[turn] < lasts_us[turn]).all()
    on_load_s = (due_us - begins_us[turn]) / 1e6 + np.array([0, 0.4, 0.7])[turn]
    drawn = due_times_s(Arrivals.POISSON, 40, "7 0 jobs 0 slow 40.0 0")
    expected_s = list(takewhile(lambda due_s: due_s < 1.2, drawn))
    assert on_load_s == pytest.approx(expected_s, abs=1e-5)
    assert load.counts.scheduled == len(expected_s)
    assert load.window_start_us == pytest.approx(begins_us[1] + 100_000, abs=2)
    assert load.window_end_us == pytest.approx(begins_us[2] + 500_000, abs=2)


def told(file: Path) -> Load:
    """Return what the generator says of its load so far."""
    return read_json(file, Load)


def wait_for_turn(file: Path, number: int) -> None:
    """Wait until so many turns have ended."""
    deadline_s = time.monotonic() + 30
    while not file.exists() or len(told(file).turns_us) < number:
        assert time.monotonic() < deadline_s
        time.sleep(0.02)


@pytest.mark.processes
def test_job_ids_are_unlike_each_other(tmp_path: Path) -> None:
    """Streams and runs never share a job id."""
    with slow_server() as url:
        options = ["-u", "3", "-r", "100", "--rate-per-user", "10", "--bystander-rate", "0"]
        locust(tmp_path, url, *options, "--workload", "slow", "--load-time", "1")
    ids = pd.read_parquet(tmp_path / "requests-0.parquet")["job_id"]
    assert len(ids) > 10
    assert ids.is_unique
    assert all(UUID(job_id) for job_id in ids)


@pytest.mark.processes
@pytest.mark.parametrize(
    ("url", "workload", "words"),
    [
        ("http://127.0.0.1:1", "slow", "does not answer"),
        (None, "nonsense", "no workload 'nonsense'"),
    ],
)
def test_a_target_that_cannot_be_loaded_is_named(
    tmp_path: Path, url: str | None, workload: str, words: str
) -> None:
    """No API, or an unknown workload, is one line and exit code 2."""
    with slow_server() as running:
        done = locust(
            tmp_path, url or running, "--workload", workload, "--load-time", "1", "-u", "1"
        )
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_rows_are_written_as_they_were_recorded(tmp_path: Path) -> None:
    """The Parquet file holds each row's values, and says -1 where there was no answer."""
    requests = Requests()
    requests.record(0, "a", (5_000_000, 5_250_000, 9_000_000), 202, 0)
    requests.record(1, "", (6_000_000, 6_000_000, -1), 0, 2)
    requests.write(tmp_path, 7)
    rows = pd.read_parquet(tmp_path / "requests-7.parquet").to_dict("records")
    assert rows == [
        {"due_us": 5000, "slip_us": 250, "response_us": 4000, "status": 202,
         "outcome": "accepted", "stream": "jobs", "job_id": "a"},
        {"due_us": 6000, "slip_us": 0, "response_us": -1, "status": 0,
         "outcome": "unknown", "stream": "bystander", "job_id": ""},
    ]  # fmt: skip


@pytest.mark.processes
def test_a_generator_that_is_killed_leaves_every_request_that_it_sent(tmp_path: Path) -> None:
    """Those that still wait for their answer are unknown."""
    # Given a generator whose server takes 1.5 s for each answer
    with slow_server() as url:
        options = ["-u", "1", "--rate-per-user", "40", "--bystander-rate", "0"]
        command = [*LOCUST, *common(tmp_path, url), *options, "--workload", "slow"]
        with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL) as process:
            deadline_s = time.monotonic() + 30
            while len(SlowServer.answered) < 10:
                assert time.monotonic() < deadline_s
                time.sleep(0.02)
            # When it is killed
            process.kill()
    came, answered = SlowServer.came, len(SlowServer.answered)

    # Then all that the server got is in its rows, and what was answered before is known
    assert convert(tmp_path)
    rows = pd.read_parquet(tmp_path / "requests-0.parquet")
    assert came <= len(rows) <= came + 1
    assert 8 <= (rows["outcome"] != Outcome.UNKNOWN).sum() <= answered
    assert (rows["outcome"] == Outcome.UNKNOWN).sum() > 5


@pytest.mark.processes
@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")
def test_a_generator_without_a_disk_for_its_rows_ends_with_one_line(tmp_path: Path) -> None:
    """Its trial is then not valid, for that reason; it does not wait for answers forever."""
    subprocess.run(["/bin/mount", "-t", "tmpfs", "-o", "size=64k", "t", str(tmp_path)], check=True)
    try:
        with slow_server() as url:
            options = ["-u", "1", "--rate-per-user", "40", "--bystander-rate", "0"]
            done = locust(tmp_path, url, *options, "--workload", "slow", "--load-time", "1")
    finally:
        subprocess.run(["/bin/umount", "--lazy", str(tmp_path)], check=True)
    assert done.returncode == 1
    assert "no row can be written: No space left on device" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_harness_knows_the_schedule_apart_from_the_generator() -> None:
    """The count that a trial is held to is drawn anew, from the seed."""
    arm = Arm(strategy="inline", workload="slow", rate_per_s=100)
    trial = Comparison(
        id="x", block=0, arm=arm, seed=3, arrivals=Arrivals.POISSON, warm_up_s=1, window_s=9,
        drain_s=1, bystander_per_s=0, slots=1,
    )  # fmt: skip
    assert 900 < scheduled(trial) < 1100


@pytest.mark.processes
def test_several_processes_each_write_rows_of_their_own(tmp_path: Path) -> None:
    """With Locust's `--processes`, rows and job ids do not mix."""
    with slow_server() as url:
        options = ["--processes", "2", "-u", "2", "-r", "100", "--rate-per-user", "10"]
        ending = ["--load-time", "1", "--run-time", "5s", "--bystander-rate", "0"]
        done = locust(tmp_path, url, *options, *ending, "--workload", "slow")
    files = sorted(path.name for path in tmp_path.glob("requests-*.parquet"))
    assert files == ["requests-0.parquet", "requests-1.parquet"], done.stderr
    rows = pd.concat([pd.read_parquet(tmp_path / name) for name in files])
    assert rows["job_id"].is_unique
    loads = [told(path) for path in tmp_path.glob("load-*.json")]
    assert sum(load.counts.sent for load in loads) == len(rows) > 5
