"""Webhooks that are rejected, and deliveries that cannot be repeated."""

from app.problem_types.kind import ProblemType

KINDS = {
    "webhook_address": ProblemType(
        422,
        "Address of a webhook not accepted",
        "Nothing could be delivered to the address. `detail` says why.",
        "It is outside the public internet, begins with http://, or its host is not a host name. The operator opens "
        "private networks, and only those may be reached without TLS.",
        "Use the https:// address of a public host, or ask the operator to set EXHUME_WEBHOOK_NETWORKS.",
    ),
    "email_off": ProblemType(
        422,
        "E-mail is off",
        "The service has no mail server.",
        "The operator has not set EXHUME_SMTP_HOST.",
        "Ask the operator for a mail server, or use a webhook.",
    ),
    "webhook_inactive": ProblemType(
        409,
        "Webhook switched off",
        "Nothing is sent to this webhook.",
        "Somebody switched it off, or its receiver answered 410 (gone).",
        "Switch it on with `active: true`, then try again.",
    ),
    "delivery_pending": ProblemType(
        409,
        "Delivery has not ended",
        "Only a delivery that has ended can be replayed.",
        "The service is still trying to deliver it.",
        "Wait. `next_at` says when it is sent again.",
    ),
}
