"""The mail server: accepts every message after a fixed delay and records the message's job.

`python -m after202.servers.mail PORT DELAY_MS FILE [HOST]`
"""

import asyncio
import json
import sys
from email import message_from_bytes
from email.policy import default
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from after202.kernel.model import JOB_ID_HEADER

HOST = "127.0.0.1"
BACKLOG = 1024


class Sink:
    """An aiosmtpd handler that appends one JSON line per message to a file."""

    def __init__(self, delay_ms: float, file: Path) -> None:
        """Answer each message after `delay_ms`, and append to `file`."""
        self._delay_s = delay_ms / 1000
        self._file = file.open("a", buffering=1)

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Record a message and accept it."""
        await asyncio.sleep(self._delay_s)
        message = message_from_bytes(envelope.original_content or b"", policy=default)
        line = {
            "job_id": message[JOB_ID_HEADER],
            "to": message["To"],
            "subject": message["Subject"],
            "body": str(message.get_payload()).strip(),
        }
        self._file.write(json.dumps(line) + "\n")
        return "250 OK"


async def serve(port: int, delay_ms: float, file: Path, host: str = HOST) -> None:
    """Serve until told to stop."""
    sink = Sink(delay_ms, file)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(sink, enable_SMTPUTF8=True), host, port, backlog=BACKLOG
    )
    await server.serve_forever()


if __name__ == "__main__":
    own_port, delay, mails, *address = sys.argv[1:]
    asyncio.run(serve(int(own_port), float(delay), Path(mails), *address))
