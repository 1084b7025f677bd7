"""What the apps and tasks of claims use: marks, and where their servers are.

It stands on the standard library alone: an app may run in an environment with other libraries.
"""

import json
import os
import threading
import time
from typing import Any

MARKS, REDIS_URL, DATABASE_URL = "CLAIM_MARKS", "CLAIM_REDIS_URL", "CLAIM_DATABASE_URL"


def mark(name: str, **values: Any) -> None:
    """Note that something happens now: one line, written whole, which a kill does not undo."""
    line = {
        "name": name, "at_s": time.monotonic(), "pid": os.getpid(),
        "thread": threading.current_thread().name, "values": values,
    }  # fmt: skip
    file = os.open(os.environ[MARKS], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(file, f"{json.dumps(line)}\n".encode())
    finally:
        os.close(file)


def redis_url() -> str:
    """Return the URL of the experiment's Redis; of none that is there if it has not started one."""
    return os.environ.get(REDIS_URL, "redis://127.0.0.1:1/0")


def database_url() -> str:
    """Return the connection string of the experiment's database."""
    return os.environ[DATABASE_URL]
