"""Results and images that are not available."""

from app.problem_types.kind import ProblemType

KINDS = {
    "no_result": ProblemType(
        409,
        "No result yet",
        "The audit has no result.",
        "It has not finished, or it failed or was cancelled.",
        "Follow its events, or read its `problem`.",
    ),
    "no_regression": ProblemType(
        404,
        "No comparison",
        "The audit has no comparison with an earlier release.",
        "It was scored by a version that did not compare releases.",
        "Audit the release again.",
    ),
    "no_replay": ProblemType(
        404,
        "Not a replay",
        "The audit is not a replay of another one.",
        "Only a replay is compared with its original.",
        "Start one with `POST /api/v1/audits/{id}/replay`.",
    ),
    "no_references": ProblemType(
        404,
        "No private data set",
        "The audit has no private data set, so there is nothing to compare with.",
        "It was started without one.",
        "Start an audit with a private data set.",
    ),
    "not_frozen": ProblemType(
        409,
        "Reconstructions not frozen",
        "Private images are not shown before all reconstructions are frozen.",
        "This shows that the attack did not use them.",
        "Wait until the stage `verify` has begun.",
    ),
    "no_film": ProblemType(
        404,
        "No film",
        "This reconstruction has no film of its search.",
        "One reconstruction of each attack and identity has a film. Audits of older versions have none.",
        "Look at the identity: `film_steps` of its candidates says which of them have a film.",
    ),
    "no_prior_samples": ProblemType(
        404,
        "No samples of the prior",
        "There is no sheet of samples for this audit or prior.",
        "The prior is not being trained, or its sheet was deleted.",
        "Wait for the stage `prior`, if the audit trains one.",
    ),
    "pdf_unavailable": ProblemType(
        503,
        "PDF not available",
        "The server cannot make PDF files.",
        "WeasyPrint, the library Pango or a font is not installed on it.",
        "Request the report as HTML and print it in a browser. Or ask the operator to install what `exhume doctor` "
        "names.",
    ),
    "pdf_failed": ProblemType(
        503,
        "PDF not made",
        "The PDF could not be made within the limits of time and memory.",
        "The report is very large, or the server is very busy.",
        "Ask again, or request the report as HTML.",
    ),
    "reports_busy": ProblemType(
        503,
        "Other reports are being made",
        "The server makes a few PDF files at once, and all places are taken.",
        "Each PDF takes some seconds of a processor.",
        "Ask again after the seconds in `Retry-After`, or request the report as HTML.",
    ),
    "model_card_is_public": ProblemType(
        422,
        "Model cards show no people",
        "A section for a model card was requested with names or reconstructions.",
        "Model cards are published.",
        "Leave `names` and `pictures` out, or ask for `html` or `pdf`.",
    ),
    "image_deleted": ProblemType(
        410,
        "Image deleted",
        "The image was deleted, at the end of its retention or on request.",
        "Reconstructions are personal data and are kept for a limited time. Scores remain.",
        "Replay the audit if the image is needed again.",
    ),
}
