"""The mail server: accepts every message after a fixed delay and records the message's job.

`python -m after202.servers.mail PORT DELAY_MS FILE [HOST]`

If AFTER202_SMTP_PASSWORD is set, clients must give that password.
"""

import asyncio
import hmac
import json
import os
import sys
from email import message_from_bytes
from email.policy import default
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from after202.kernel.model import JOB_ID_HEADER, MAIL_USER, SMTP_PASSWORD

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


class Gate:
    """An aiosmtpd authenticator that knows one user and one password."""

    def __init__(self, password: str) -> None:
        """Keep the password."""
        self._known = (MAIL_USER.encode(), password.encode())

    def __call__(self, _: SMTP, __: Session, ___: Envelope, ____: str, said: object) -> AuthResult:
        """Return whether the client said the user and the password."""
        pair = (said.login, said.password) if isinstance(said, LoginPassword) else (b"", b"")
        same = map(hmac.compare_digest, self._known, pair)
        return AuthResult(success=all(list(same)), handled=False)


async def serve(port: int, delay_ms: float, file: Path, host: str = HOST) -> None:
    """Serve until told to stop."""
    sink, password = Sink(delay_ms, file), os.environ.get(SMTP_PASSWORD, "")
    options = {"authenticator": Gate(password), "auth_required": True} if password else {}

    def session() -> SMTP:
        # The connection does not leave this machine, so it is not encrypted.
        return SMTP(sink, enable_SMTPUTF8=True, auth_require_tls=False, **options)

    loop = asyncio.get_running_loop()
    server = await loop.create_server(session, host, port, backlog=BACKLOG)
    await server.serve_forever()


if __name__ == "__main__":
    own_port, delay, mails, *address = sys.argv[1:]
    asyncio.run(serve(int(own_port), float(delay), Path(mails), *address))
