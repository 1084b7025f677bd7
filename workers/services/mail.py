"""Mail by SMTP: one connection per message, as most applications do."""

import smtplib
from email.message import EmailMessage
from uuid import UUID

import aiosmtplib

from after202.kernel.model import JOB_ID_HEADER
from workers.settings import settings

SENDER = "hello@after202.example"
TIMEOUT_S = 30


def message(job_id: UUID, recipient: str, subject: str, body: str) -> EmailMessage:
    """Write a message that carries its job's id."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = SENDER, recipient, subject
    mail[JOB_ID_HEADER] = str(job_id)
    mail.set_content(body)
    return mail


def send(mail: EmailMessage) -> None:
    """Hand the message to the mail server; smtplib's errors if it refuses."""
    with smtplib.SMTP(settings().smtp_host, settings().smtp_port, timeout=TIMEOUT_S) as server:
        server.send_message(mail)


async def send_async(mail: EmailMessage) -> None:
    """Hand the message to the mail server; aiosmtplib's errors if it refuses."""
    await aiosmtplib.send(
        mail,
        hostname=settings().smtp_host,
        port=settings().smtp_port,
        timeout=TIMEOUT_S,
        start_tls=False,
    )
