"""Problems of keys, sessions and permissions."""

from app.problem_types.kind import ProblemType

KINDS = {
    "signing_key_sealed": ProblemType(
        409,
        "Signing key cannot be opened",
        "The service cannot open the key with which it signs decisions.",
        "The key is sealed under the root secret, and the root secret of this server is another one.",
        "Restore the root secret, or replace the key with `exhume signing-key rotate`. Both public keys stay listed.",
    ),
    "not_signed_in": ProblemType(
        401,
        "Not signed in",
        "The request has neither an API key nor a session.",
        "Everything needs authentication except health checks, this page, public keys, badges that a project opened,"
        " and webhooks, which have their own secrets.",
        "Send the API key as `Authorization: Bearer exh_…`, or sign in to the dashboard.",
    ),
    "bad_key": ProblemType(
        401,
        "Invalid API key",
        "The API key is unknown, expired or revoked.",
        "It was copied incompletely, belongs to another installation, or has expired.",
        "Check the key, or ask an administrator for a new one.",
    ),
    "bad_link": ProblemType(
        401,
        "Invalid sign-in link",
        "The sign-in link has already been used or has expired.",
        "A link works once, and only for a short time.",
        "Run `exhume sign-in` on the server's machine for a new link, or sign in with an API key. If the link replaced "
        "a lost password, ask the operator for another one.",
    ),
    "session_ended": ProblemType(
        401,
        "Session ended",
        "The session of this browser has ended.",
        "Sessions expire. They also end with their API key or membership, and when the password changes.",
        "Sign in again.",
    ),
    "missing_scope": ProblemType(
        403,
        "Scope missing",
        "The API key or the role of the person may not do this.",
        "Keys and roles can only do what their scopes allow. `detail` names the missing one.",
        "Ask an administrator for a key or a role with this scope.",
    ),
    "operator_only": ProblemType(
        403,
        "Only for the operator",
        "An operation on the whole installation was requested by somebody who belongs to an organisation.",
        "The operator runs the installation and belongs to no organisation.",
        "Ask the operator, or use the operator's key on the server's machine.",
    ),
    "organisation_only": ProblemType(
        403,
        "Not for one project",
        "A key or membership of one project was used for an operation on the whole organisation.",
        "A key or membership that is limited to a project can only act in that project.",
        "Use a key or ask a member who has access to the whole organisation.",
    ),
    "scope_escalation": ProblemType(
        403,
        "Scopes beyond your own",
        "The new key would have scopes that yours does not have.",
        "Nobody can give permissions that they do not have.",
        "Leave out the scopes that `detail` names, or ask somebody who has them.",
    ),
    "foreign_origin": ProblemType(
        403,
        "Request from another site",
        "A page of another site sent this request with the session of your browser.",
        "The session's cookie is accepted from the dashboard only. Elsewhere it could be misused.",
        "Use the dashboard itself, or an API key in a script.",
    ),
    "too_many_tries": ProblemType(
        429,
        "Too many attempts",
        "This network address made too many attempts within a minute.",
        "Sign-in attempts and other guesses are limited for each address.",
        "Wait for the number of seconds in the header `Retry-After`.",
    ),
    "too_many_streams": ProblemType(
        429,
        "Too many event streams",
        "The process that answers, or this key or session, has as many event streams open as it may have.",
        "Each stream keeps a connection open. The limits are EXHUME_MAX_STREAMS and EXHUME_MAX_STREAMS_PER_KEY.",
        "Close streams that nobody reads, or read the audit from time to time instead.",
    ),
    "purpose_required": ProblemType(
        422,
        "Purpose missing",
        "An original image was requested without a purpose.",
        "Originals are personal data. The audit log records the purpose of each request.",
        "State the purpose in the field `purpose`.",
    ),
    "purpose_too_long": ProblemType(
        422,
        "Purpose too long",
        "The stated purpose is longer than the audit log keeps.",
        "Log entries have a limit.",
        "Shorten the purpose.",
    ),
}
