"""How uvicorn serves every strategy's API: with the same settings."""

import os
from pathlib import Path
from typing import Any

from after202.kernel.model import API_STARTED, Setting, Wiring
from apps import door
from workers.grace import long_grace

LOG_LEVEL = "warning"
OPTIONS: dict[str, Any] = {"host": "127.0.0.1", "log_level": LOG_LEVEL, "access_log": False}
SETTINGS = (
    Setting(
        name="uvicorn --log-level",
        value=LOG_LEVEL,
        why="every server and worker logs at the same level: warnings and errors",
        source="uvicorn.dev/settings",
    ),
    Setting(
        name="uvicorn --no-access-log",
        value="set",
        why="writing a line for every request would be a cost of logging, not of the strategy",
        source="uvicorn.dev/settings",
    ),
    Setting(
        name="request body limit",
        value=f"{door.LIMITS.body_bytes} bytes",
        why="no request may fill the memory; FastAPI and uvicorn have no limit unless one is set",
        source="fastapi.tiangolo.com/advanced/request-body-limits",
    ),
    Setting(
        name="request body time-out",
        value=f"{door.LIMITS.body_s:g} s",
        why="a client that never finishes its body would keep its connection for ever",
        source="uvicorn.dev/settings: no time-out for bodies",
    ),
)


def mark_started(wiring: Wiring) -> None:
    """Leave a file for this process: an answer shows that one process is up, not that all are."""
    folder = Path(wiring.data_folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{API_STARTED}{os.getpid()}").touch()


# Where the API does the work itself, a deploy must give it time to finish.
LONG_GRACE = long_grace("uvicorn waits for running jobs", "uvicorn.dev/server-behavior")
