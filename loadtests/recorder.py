"""The cost of recording to the generator, and the generator's report of its load."""

import time
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, cast
from uuid import UUID

from after202.records.files import write_json
from after202.records.folder import load_file
from after202.records.request_log import Requests
from after202.records.trial_record import Load

CALIBRATION_ROWS = 20_000
NANOSECONDS = 1e9
JOB_ID = str(UUID(int=0))


def recording_cpu_s(requests: Requests, folder: Path) -> float:
    """Return the CPU time that recording this many requests takes, measured on a copy.

    The copy's rows are in a file without a name in the same folder, hence on the same disk.
    """
    with TemporaryFile(dir=folder) as file:
        probe = Requests(cast("BinaryIO", file))
        start_ns = time.thread_time_ns()
        for number in range(CALIBRATION_ROWS):
            probe.record(0, JOB_ID, (number, number, number), 0, 0)
        per_row_s = (time.thread_time_ns() - start_ns) / NANOSECONDS / CALIBRATION_ROWS
    return per_row_s * len(requests)


def write_load(folder: Path, process: int, load: Load) -> None:
    """Write a process's report of its own load atomically: the whole file or nothing."""
    write_json(load_file(folder, process), load)
