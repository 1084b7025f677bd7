"""Raw rows of requests: typed arrays while the load runs, one Parquet file per process after."""

import time
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from after202.records.experiment import Outcome, Stream
from after202.records.trial import Load

STREAMS = list(Stream)
OUTCOMES = list(Outcome)
NEVER = -1
CALIBRATION_ROWS = 20_000
NANOSECONDS = 1e9


@dataclass
class Recorder:
    """The rows of one generator process; times are CLOCK_MONOTONIC microseconds."""

    due_us: "array[int]" = field(default_factory=lambda: array("q"))
    slip_us: "array[int]" = field(default_factory=lambda: array("q"))
    response_us: "array[int]" = field(default_factory=lambda: array("q"))
    status: "array[int]" = field(default_factory=lambda: array("h"))
    outcome: "array[int]" = field(default_factory=lambda: array("b"))
    stream: "array[int]" = field(default_factory=lambda: array("b"))
    job_id: list[str] = field(default_factory=list)

    def record(
        self, stream: int, job_id: str, times_ns: tuple[int, int, int], status: int, outcome: int
    ) -> None:
        """Keep one request: its (due, sent, answered) times; answered is -1 if it never was."""
        due_ns, sent_ns, answered_ns = times_ns
        self.due_us.append(due_ns // 1000)
        self.slip_us.append((sent_ns - due_ns) // 1000)
        self.response_us.append(NEVER if answered_ns < 0 else (answered_ns - due_ns) // 1000)
        self.status.append(status)
        self.outcome.append(outcome)
        self.stream.append(stream)
        self.job_id.append(job_id)

    def count(self, stream: Stream, *outcomes: Outcome) -> int:
        """Count a stream's rows with one of the outcomes."""
        wanted = {OUTCOMES.index(outcome) for outcome in outcomes}
        number = STREAMS.index(stream)
        pairs = zip(self.stream, self.outcome, strict=True)
        return sum(1 for s, outcome in pairs if s == number and outcome in wanted)

    def answered(self, stream: Stream) -> int:
        """Count a stream's rows that were answered, with whatever status."""
        number = STREAMS.index(stream)
        pairs = zip(self.stream, self.response_us, strict=True)
        return sum(1 for s, response_us in pairs if s == number and response_us != NEVER)

    def rows(self) -> int:
        """Count the rows."""
        return len(self.due_us)

    def write(self, folder: Path, process: int) -> None:
        """Write the rows as `requests-<process>.parquet`."""
        table = pa.table(
            {
                "due_us": _numbers(self.due_us, pa.int64()),
                "slip_us": _numbers(self.slip_us, pa.int64()),
                "response_us": _numbers(self.response_us, pa.int64()),
                "status": _numbers(self.status, pa.int16()),
                "outcome": _strings([OUTCOMES[i] for i in self.outcome]),
                "stream": _strings([STREAMS[i] for i in self.stream]),
                "job_id": _strings(self.job_id),
            }
        )
        path = folder / f"requests-{process}.parquet"
        pq.write_table(
            table,
            path,
            compression="zstd",
            use_dictionary=["outcome", "stream", "status"],
            column_encoding={"due_us": "DELTA_BINARY_PACKED", "job_id": "DELTA_BYTE_ARRAY"},
        )

    def cpu_s(self) -> float:
        """Return the CPU time that recording this many rows takes, measured on a copy."""
        probe = Recorder()
        start_ns = time.thread_time_ns()
        for number in range(CALIBRATION_ROWS):
            probe.record(0, "", (number, number, number), 0, 0)
        per_row_s = (time.thread_time_ns() - start_ns) / NANOSECONDS / CALIBRATION_ROWS
        return per_row_s * self.rows()


# `pa.array` would import pandas, half a second that every trial would wait for.
def _numbers(values: "array[int]", kind: pa.DataType) -> pa.Array:
    return pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(values)])


def _strings(values: Sequence[str]) -> pa.Array:
    encoded = [value.encode() for value in values]
    offsets = array("i", accumulate(map(len, encoded), initial=0))
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(b"".join(encoded))]
    return pa.Array.from_buffers(pa.string(), len(values), buffers)


def write_load(folder: Path, process: int, load: Load) -> None:
    """Write what the process says of its own load as `load-<process>.json`, whole or not at all."""
    path = folder / f"load-{process}.json"
    new = path.with_suffix(".new")
    new.write_text(load.model_dump_json(indent=2))
    new.replace(path)
