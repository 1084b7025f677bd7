"""`python -m apps.health PORT`: exit with status 0 if this container's API is healthy.

The first check after each start of the container sends a canary job all the way through. Later
checks only require that the API answers.
"""

import http.client
import json
import os
import sys
import time
from contextlib import closing
from pathlib import Path
from uuid import UUID

HOST = "127.0.0.1"
TIMEOUT_S = 10.0
POLL_S = 0.05
KEY = "AFTER202_API_KEY"
# /dev/shm is memory that is empty at each start of a container.
DONE = Path("/dev/shm/after202-canary")  # noqa: S108 - no other user is in the container


def main() -> None:
    """Run the check; any exception exits with status 1."""
    port = int(sys.argv[1])
    if DONE.exists():
        _ask(port, "GET", "/ping")
    else:
        _canary(port)
        DONE.touch()


def _canary(port: int) -> None:
    """Submit a job that does nothing, and wait until the ledger records its end."""
    # These imports are slow, so only the first check pays for them.
    from after202.kernel.ledger import EventKind, LedgerReader  # noqa: PLC0415
    from workers.settings import settings  # noqa: PLC0415

    reader = LedgerReader(Path(settings().ledger_folder))
    reader.new_events()  # skip what was recorded before
    job_id = UUID(_ask(port, "POST", "/calibration", b'{"spin_us": 0, "wait_us": 0}')["job_id"])
    deadline_s = time.monotonic() + TIMEOUT_S
    while not any(e.job_id == job_id and e.kind is EventKind.END for e in reader.new_events()):
        if time.monotonic() > deadline_s:
            raise TimeoutError(f"the canary job did not end within {TIMEOUT_S:g} s")
        time.sleep(POLL_S)


def _headers() -> dict[str, str]:
    """Return the headers of a request, with the API's key if it requires one."""
    headers = {"Content-Type": "application/json"}
    key = os.environ.get(KEY, "")
    return {**headers, "Authorization": f"Bearer {key}"} if key else headers


def _ask(port: int, method: str, path: str, body: bytes = b"") -> dict[str, str]:
    """Return the API's answer; ConnectionError unless it is a success."""
    with closing(http.client.HTTPConnection(HOST, port, timeout=TIMEOUT_S)) as connection:
        connection.request(method, path, body, _headers())
        response = connection.getresponse()
        content = response.read()
    if response.status >= http.client.BAD_REQUEST:
        raise ConnectionError(f"{method} {path} was answered {response.status}: {content!r}")
    found: dict[str, str] = json.loads(content)
    return found


if __name__ == "__main__":
    main()
