"""How uvicorn serves every strategy's API: with the same settings."""

from typing import Any

from after202.kernel.model import Setting

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
)
# Where the API does the work itself, a deploy must give it time to finish.
STOP_GRACE_S = 30.0
LONG_GRACE = Setting(
    name="stop_grace_period",
    value=f"{STOP_GRACE_S:g} s",
    why="longer than the longest job: uvicorn waits for running jobs, so KILL must not come first",
    source="docs.docker.com/reference/compose-file/services, stop_grace_period",
)
