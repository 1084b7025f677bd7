"""Mail over SMTP: one connection per message, as in most applications."""

import smtplib
from email.message import EmailMessage
from typing import Annotated
from uuid import UUID

import aiosmtplib
from pydantic import AfterValidator, EmailStr

from after202.kernel.model import JOB_ID_HEADER, MAIL_USER
from workers.settings import settings

# In a header these would be decoded, and the message go to another address (RFC 2047).
ENCODED_WORD = "=?"
SENDER = "hello@after202.example"
TIMEOUT_S = 30


def without_encoded_words(address: str) -> str:
    """Return the address; ValueError if a part of it would be decoded into something else."""
    if ENCODED_WORD in address:
        raise ValueError("an address holds no encoded words")
    return address


Address = Annotated[EmailStr, AfterValidator(without_encoded_words)]


def message(job_id: UUID, recipient: str, subject: str, body: str) -> EmailMessage:
    """Return a message that carries its job's id in a header."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = SENDER, recipient, subject
    mail[JOB_ID_HEADER] = str(job_id)
    mail.set_content(body)
    return mail


def send(mail: EmailMessage) -> None:
    """Send the message to the mail server; smtplib's errors if it refuses."""
    with smtplib.SMTP(settings().smtp_host, settings().smtp_port, timeout=TIMEOUT_S) as server:
        if settings().smtp_password:
            server.login(MAIL_USER, settings().smtp_password)
        server.send_message(mail)


async def send_async(mail: EmailMessage) -> None:
    """Send the message to the mail server; aiosmtplib's errors if it refuses."""
    password = settings().smtp_password or None
    await aiosmtplib.send(
        mail,
        username=MAIL_USER if password else None,
        password=password,
        hostname=settings().smtp_host,
        port=settings().smtp_port,
        timeout=TIMEOUT_S,
        start_tls=False,
    )
