"""How every strategy's API is served: by uvicorn, with the same settings for all."""

from typing import Any

from after202.kernel.model import Setting

LOG_LEVEL = "warning"
OPTIONS: dict[str, Any] = {"host": "127.0.0.1", "log_level": LOG_LEVEL, "access_log": False}
SETTINGS = (
    Setting(
        name="uvicorn --log-level",
        value=LOG_LEVEL,
        why="one convention for all: servers and workers log warnings and errors",
        source="uvicorn.dev/settings",
    ),
    Setting(
        name="uvicorn --no-access-log",
        value="set",
        why="a line per request is a cost of logging, not of a strategy",
        source="uvicorn.dev/settings",
    ),
)
# Where the API does the work itself, a deploy must wait for it.
STOP_GRACE_S = 30.0
LONG_GRACE = Setting(
    name="stop_grace_period",
    value=f"{STOP_GRACE_S:g} s",
    why="longer than the longest job, for which uvicorn waits without a limit",
    source="docs.docker.com/reference/compose-file/services, stop_grace_period",
)
