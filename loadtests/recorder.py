"""The cost of recording to the generator, and the generator's report of its load."""

import time
from pathlib import Path

from after202.records.files import write_json
from after202.records.folder import load_file
from after202.records.requests import Requests
from after202.records.trial import Load

CALIBRATION_ROWS = 20_000
NANOSECONDS = 1e9


def recording_cpu_s(requests: Requests) -> float:
    """Return the CPU time that recording this many requests takes, measured on a copy."""
    probe = Requests()
    start_ns = time.thread_time_ns()
    for number in range(CALIBRATION_ROWS):
        probe.record(0, "", (number, number, number), 0, 0)
    per_row_s = (time.thread_time_ns() - start_ns) / NANOSECONDS / CALIBRATION_ROWS
    return per_row_s * len(requests)


def write_load(folder: Path, process: int, load: Load) -> None:
    """Write a process's report of its own load atomically: the whole file or nothing."""
    write_json(load_file(folder, process), load)
