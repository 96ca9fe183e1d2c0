"""Sources that cannot be watched, and incoming webhooks that are rejected."""

from app.problem_types.kind import ProblemType

KINDS = {
    "source_address": ProblemType(
        422,
        "Address cannot be watched",
        "The address of the source does not have one of the supported forms.",
        "It is misspelt, names a single commit or version, or belongs to a kind of source that is not supported.",
        "Use one of the forms that the message lists.",
    ),
    "source_gone": ProblemType(
        404,
        "Source has vanished",
        "Nothing is at the address of the source.",
        "The file, repository, branch, model or alias was deleted or renamed.",
        "Restore what was there, or watch another address with a new source. This one is checked less and less often.",
    ),
    "source_unavailable": ProblemType(
        503,
        "Source does not answer",
        "The server of the source is down, overloaded or not reachable.",
        "It answered with a server error, or the connection failed.",
        "Wait. The source is checked again, less and less often, and no revision is lost.",
    ),
    "source_answer": ProblemType(
        422,
        "Unexpected answer of a source",
        "The server of the source answered with something that cannot be understood.",
        "The address belongs to another kind of server, or a proxy answered in its place.",
        "Open the address with the same credentials, and compare the answer with the documentation of the server.",
    ),
    "source_no_etag": ProblemType(
        422,
        "Source without ETag",
        "The server does not say whether its file has changed.",
        "It sends neither ETag nor Last-Modified.",
        "Serve the file with an ETag, or use a registry or a bucket.",
    ),
    "bad_signature": ProblemType(
        401,
        "Webhook not signed",
        "The webhook does not prove that it knows the secret of the source.",
        "Another secret was entered at the sender, the body was changed on the way, or there is no such source.",
        "Enter the secret that was shown when the source was created. If it is lost, create the source again.",
    ),
    "late_webhook": ProblemType(
        401,
        "Webhook too old",
        "The time at which the webhook was signed is too far from now.",
        "It was replayed, delayed for long, or the clock of the sender or of this service is wrong.",
        "Check both clocks. Nothing is lost, because the source is checked regularly as well.",
    ),
    "bad_webhook": ProblemType(
        422,
        "Webhook not understood",
        "The body of the webhook is not a JSON object.",
        "It comes from another kind of sender.",
        "Send the webhooks of MLflow or of the Hugging Face hub to this address.",
    ),
}
