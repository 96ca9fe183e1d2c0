"""E-mail by the operator's mail server."""

import smtplib
import ssl
from email.message import EmailMessage

from app.settings import settings

SECONDS = 20.0


class MailError(Exception):
    """The mail server did not accept the message."""


def send(message: EmailMessage) -> None:
    """Send a message. Raises: MailError with the reason."""
    configured = settings()
    if configured.smtp_host is None:
        raise MailError("No mail server is configured (EXHUME_SMTP_HOST).")
    try:
        with _connected(configured.smtp_host, configured.smtp_port) as server:
            if configured.smtp_security == "starttls":
                server.starttls(context=ssl.create_default_context())
            if configured.smtp_user is not None:
                password = configured.smtp_password
                server.login(configured.smtp_user, password.get_secret_value() if password else "")
            server.send_message(message)
    except (smtplib.SMTPException, OSError, ValueError) as error:  # ValueError: an address that it cannot write
        raise MailError(f"The mail server did not accept the message ({type(error).__name__}: {error}).") from error


def _connected(host: str, port: int) -> smtplib.SMTP:
    if settings().smtp_security == "tls":
        return smtplib.SMTP_SSL(host, port, timeout=SECONDS, context=ssl.create_default_context())
    return smtplib.SMTP(host, port, timeout=SECONDS)
