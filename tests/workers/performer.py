"""`python -m tests.workers.performer`: does steps as it is told, a JSON line for each."""

import asyncio
import json
import sys
from typing import Any

from after202.kernel.model import Job
from workers.perform import perform, perform_async


def do(order: dict[str, Any], runner: asyncio.Runner) -> str:
    """Do one step in the form asked for; return what it raised, or nothing."""
    job = Job.model_validate(order["job"])
    try:
        if order["form"] == "sync":
            perform(job, order["step"])
        else:
            runner.run(perform_async(job, order["step"]))
    except Exception as error:  # noqa: BLE001 - whatever it is, the test is told
        return f"{type(error).__name__}: {error}"
    return ""


def main() -> None:
    """Answer every line until the input ends."""
    with asyncio.Runner() as runner:
        for line in sys.stdin:
            sys.stdout.write(json.dumps(do(json.loads(line), runner)) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
