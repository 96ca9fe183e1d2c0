"""What receivers read: messages for people, and the requests that carry them."""

import json
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

from app.db.models import WebhookFormat
from app.notifications.secrets import signature
from app.outbound import smtp
from app.settings import settings

TITLES = {
    "decision.made": "Decision",
    "decision.failed": "Release gate failed",
    "decision.regressed": "Risk increased",
    "waiver.expiring": "Waiver ends soon",
    "schedule.failing": "Schedule fails",
    "webhook.test": "Test",
}


@dataclass(frozen=True)
class Message:
    """A request to a webhook."""

    body: bytes
    headers: dict[str, str]


def request_of(
    form: WebhookFormat, message_id: str, timestamp: int, payload: dict[str, Any], secret: str | None
) -> Message:
    """Return the body and headers for a receiver. The standard format is signed."""
    headers = {"Content-Type": "application/json", "User-Agent": "exhume"}
    if form is WebhookFormat.SLACK:
        return Message(json.dumps(slack(payload)).encode(), headers)
    assert secret is not None
    body = json.dumps(payload, separators=(",", ":")).encode()
    headers |= {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(secret, message_id, timestamp, body),
    }
    return Message(body, headers)


def slack(payload: dict[str, Any]) -> dict[str, Any]:
    """Return a message for Slack."""
    title, lines = told(payload)
    text = f"*{escaped(title)}*" + "".join(f"\n{escaped(line)}" for line in lines)
    return {"text": title, "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": text[:3000]}}]}


def mail(payload: dict[str, Any], message_id: str, to: list[str]) -> EmailMessage:
    """Return an e-mail in plain text. Raises: MailError."""
    title, lines = told(payload)
    text = "\n".join([title, "", *lines, ""])
    message = smtp.compose(", ".join(to), " ".join(f"[Exhume] {title}".split())[:200], text)
    message["Message-ID"] = f"<{message_id}@exhume>"
    return message


def told(payload: dict[str, Any]) -> tuple[str, list[str]]:
    """Return a title and lines of text for an event."""
    data: dict[str, Any] = payload.get("data") or {}
    name = TITLES.get(payload["type"], payload["type"])
    label = _label(data)
    lines = [str(data[field]) for field in ("sentence", "reason", "next_step") if data.get(field)]
    problem = data.get("problem")
    if isinstance(problem, dict) and problem.get("detail"):
        lines.append(str(problem["detail"]))
    address = data.get("url") or _page(data)
    return f"{name}: {label}" if label else name, [*lines, *([str(address)] if address else [])]


def _label(data: dict[str, Any]) -> str:
    """Return what the event is about: the release of a target, or the name of a schedule."""
    release = data.get("release")
    if isinstance(release, dict):
        return f"{release.get('target')} {release.get('version')}"
    return str(data.get("name") or data.get("target") or "")


def _page(data: dict[str, Any]) -> str | None:
    """Return the page of the audit, if the service knows its own address."""
    public, audit = settings().public_url, data.get("audit")
    return f"{public.rstrip('/')}/audits/{audit}" if public and audit else None


def escaped(text: str) -> str:
    """Escape the control characters of Slack."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
