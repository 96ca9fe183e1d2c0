"""Blind line-ups and their reviews."""

from app.problem_types.kind import ProblemType

KINDS = {
    "no_such_blind_line_up": ProblemType(
        404,
        "No such blind line-up",
        "There is no blind line-up with this id that you may see.",
        "It was deleted, or it belongs to another project.",
        "List the blind line-ups of the audit.",
    ),
    "no_pictures_for_line_up": ProblemType(
        409,
        "No pictures for a blind line-up",
        "The audit has no reconstructions or private images that reviewers could look at.",
        "It has not finished, has no private data set, or its pictures were deleted.",
        "Wait for the audit to finish, or replay it.",
    ),
    "too_few_for_line_up": ProblemType(
        409,
        "Too few identities",
        "The audit has too few identities for so many candidates.",
        "Every candidate of an item is another identity, and each is shown equally often.",
        "Ask for fewer candidates or more identities, or audit more identities.",
    ),
    "not_a_reviewer": ProblemType(
        403,
        "Not a person",
        "The caller is an API key that belongs to no person.",
        "A blind line-up measures what people recognise, and each person answers once.",
        "Sign in, or use a personal API key.",
    ),
    "review_not_begun": ProblemType(
        409,
        "Review not begun",
        "An item was asked for or answered before the review began.",
        "A review begins with a purpose, which the audit log keeps.",
        "Begin with `POST /api/v1/blind-line-ups/{id}/reviews`.",
    ),
    "results_were_read": ProblemType(
        409,
        "Results read",
        "Somebody who has read the results cannot review.",
        "Answers count only if they were given without knowing those of others.",
        "Ask somebody else to review, or make another blind line-up.",
    ),
    "review_begun": ProblemType(
        409,
        "Review not finished",
        "The results are not shown to somebody in the middle of a review.",
        "Answers count only if they were given without knowing those of others.",
        "Finish the review first.",
    ),
    "no_review_finished": ProblemType(
        409,
        "No results yet",
        "Nobody has finished a review of the blind line-up.",
        "Results count finished reviews only.",
        "Wait for a reviewer, or review it.",
    ),
    "item_not_shown": ProblemType(
        409,
        "Item not shown",
        "The answer is for another item than the one that is shown.",
        "The item was answered in another window, or the answer was sent twice.",
        "Ask for the next item.",
    ),
    "no_such_candidate": ProblemType(
        422,
        "No such candidate",
        "The item has no candidate with this number.",
        "Candidates are numbered from 1; 0 is none of these.",
        "Choose one of the candidates that are shown.",
    ),
}
