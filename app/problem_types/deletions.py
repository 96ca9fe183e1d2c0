"""Deletions that cannot be carried out, and legal holds."""

from app.problem_types.kind import ProblemType

KINDS = {
    "too_many_exports": ProblemType(
        429,
        "Too many exports",
        "The export of an identity was not made.",
        "The server holds each export in memory, and is already making as many as it can hold.",
        "Send the request again after the seconds in `Retry-After`.",
    ),
    "held": ProblemType(
        409,
        "Under a legal hold",
        "A legal hold forbids the deletion.",
        "Somebody placed a hold on it, on what it was made from, or on the whole project.",
        "Ask the person named in the list of holds (`GET /projects/{id}/holds`) to release it.",
    ),
    "in_use": ProblemType(
        409,
        "In use by an audit",
        "An audit that uses it has not ended.",
        "A running audit reads its inputs again in every stage.",
        "Cancel the audits that the preview names, or wait until they end. Then delete again.",
    ),
    "being_checked": ProblemType(
        409,
        "Being checked",
        "Its file is being checked at the moment.",
        "A worker is reading the file and would store a copy of it after the deletion.",
        "Wait until the checks have ended, which takes minutes at most. Then delete again.",
    ),
    "deletion_changed": ProblemType(
        409,
        "Other contents than in the preview",
        "The deletion would destroy something that its preview did not name.",
        "An audit, an upload or an artifact was added or removed since the preview.",
        "Read a new preview, and send its `confirmation`.",
    ),
    "no_such_identity": ProblemType(
        404,
        "No such identity",
        "The data set has no identity of this name.",
        "The name is misspelt, or the identity was erased.",
        "Copy the name from the `identities` of the private data set (`GET /datasets/{id}`).",
    ),
    "last_identity": ProblemType(
        409,
        "Last identity of a data set",
        "Without this identity, a data set would be empty.",
        "An erasure leaves the data set to the others in it.",
        "Delete the data set.",
    ),
    "name_in_reason": ProblemType(
        422,
        "The reason names the identity",
        "The reason for an erasure has the name that is to be erased.",
        "The receipt and the audit log keep the reason.",
        "Write the reason without the name, for example with the number of the request.",
    ),
    "hold_released": ProblemType(
        409,
        "Hold released already",
        "This legal hold is not in force.",
        "It was released before.",
        "Place a new hold if its subject must be kept.",
    ),
    "no_such_subject": ProblemType(
        404,
        "Nothing to hold",
        "The project has nothing with this id.",
        "It was deleted, misspelt, or belongs to another project.",
        "Copy the id of a project, data set, release, verifier or audit of this project.",
    ),
}
