"""E-mail by the operator's mail server."""

import smtplib
import ssl
from email.message import EmailMessage

from app.settings import settings

SECONDS = 20.0


class MailError(Exception):
    """The mail server did not accept the message."""


class AddressError(MailError):
    """The address cannot be written, so that sending again cannot succeed."""


def compose(to: str, subject: str, text: str) -> EmailMessage:
    """Return an e-mail in plain text. Raises: AddressError."""
    made = EmailMessage()
    try:
        made["From"], made["To"], made["Subject"] = settings().smtp_from, to, one_line(subject)
    except Exception as error:  # the parser of addresses fails in many ways
        raise AddressError(f"{to!r} is not an address that e-mail can be sent to.") from error
    made.set_content(text)
    return made


def one_line(text: str) -> str:
    """Return a text that cannot end a header.

    It has no line breaks, and no encoded words (`=?utf-8?q?...`), which can decode to line breaks.
    """
    return " ".join(text.split()).replace("=?", "= ?")


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
    except (smtplib.SMTPException, OSError, ValueError, LookupError, AttributeError) as error:
        # The last three are raised for addresses that it cannot write.
        raise MailError(f"The mail server did not accept the message ({type(error).__name__}: {error}).") from error


def _connected(host: str, port: int) -> smtplib.SMTP:
    if settings().smtp_security == "tls":
        return smtplib.SMTP_SSL(host, port, timeout=SECONDS, context=ssl.create_default_context())
    return smtplib.SMTP(host, port, timeout=SECONDS)
