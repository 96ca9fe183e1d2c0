"""Resources that do not exist, or whose name is already in use."""

from app.problem_types.kind import ProblemType


def _missing(noun: str, status: int | tuple[int, ...] = 404) -> ProblemType:
    return ProblemType(
        status,
        f"No such {noun}",
        f"There is no {noun} with this id or name, or it belongs to another project.",
        "It was deleted or misspelt, or your key may not see it. The answer is the same in all these cases.",
        f"List what exists and copy the id from there. Check that the key belongs to the {noun}'s project.",
    )


KINDS = {
    "no_such_project": _missing("project"),
    "no_such_organisation": _missing("organisation"),
    "no_such_member": _missing("member"),
    "no_such_invitation": _missing("invitation"),
    "no_such_person": _missing("person"),
    "no_such_session": _missing("session"),
    "no_such_key": _missing("API key"),
    "no_such_target": _missing("target"),
    "no_such_release": _missing("release"),
    "no_such_dataset": _missing("data set"),
    "no_such_verifier": _missing("verifier", (404, 422)),
    "no_such_prior": _missing("prior"),
    "no_such_upload": _missing("upload"),
    "no_such_audit": _missing("audit"),
    "no_such_policy": _missing("policy"),
    "no_such_decision": _missing("decision"),
    "no_such_waiver": _missing("waiver"),
    "no_such_schedule": _missing("schedule"),
    "no_such_source": _missing("source"),
    "no_such_webhook": _missing("webhook"),
    "no_such_delivery": _missing("delivery"),
    "no_entries": ProblemType(
        404,
        "Empty audit log",
        "The audit log of the project has no entry.",
        "A checkpoint names the newest entry, and there is none.",
        "Ask again when something has happened in the project.",
    ),
    "no_such_receipt": _missing("receipt of a deletion"),
    "no_such_hold": _missing("legal hold"),
    "no_such_reconstruction": _missing("reconstruction"),
    "identity_not_audited": ProblemType(
        404,
        "No outcome of this identity",
        "The audit has no outcome of the identity.",
        "It attacked other classes of the release, or ended before it scored any.",
        "Use a class index that the list of the identities of the audit has.",
    ),
    "no_such_checkpoint": ProblemType(
        404,
        "No checked file with this digest",
        "The project does not have a checked file with the digest that was announced.",
        "A file is reused only if this project uploaded it before and intake accepted it.",
        "Upload the file itself.",
    ),
    "no_such_image": ProblemType(
        404,
        "No such image",
        "The data set has no image at this index.",
        "The index is beyond the last image, or the images were deleted.",
        "Use an index that the result names. If the images were deleted, upload them again.",
    ),
    "name_taken": ProblemType(
        409,
        "Name in use",
        "Something of this kind already has this name.",
        "Names are unique within a project, and projects within an installation.",
        "Choose another name, or use the existing one.",
    ),
    "version_taken": ProblemType(
        409,
        "Version in use",
        "The target already has a release of this version.",
        "A version always names the same file, so that results stay comparable.",
        "Give the new release another version.",
    ),
    "reserved_name": ProblemType(
        422,
        "Reserved name",
        "The name is that of a bundled verifier, or looks like an id.",
        "Audits refer to verifiers by these names, so an uploaded one cannot use them.",
        "Choose another name.",
    ),
    "not_ready": ProblemType(
        (422, 503),
        "Not ready",
        "A requested resource cannot be used yet.",
        "Its file is missing, is being checked or was rejected. Or a part of the service does not answer.",
        "Wait until the state is `ready`, or upload the file again. For the service, run `exhume doctor`.",
    ),
}
