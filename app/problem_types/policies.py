"""Policies, decisions and waivers that are rejected or missing."""

from app.problem_types.kind import ProblemType

KINDS = {
    "policy_cannot_pass": ProblemType(
        422,
        "Policy can never pass",
        "No audit of the newest release could pass this policy.",
        "A small budget can only be met with many identities, and the model has fewer, even if none is recognised.",
        "Raise the budget to the value that the message offers, or let the policy accept what is undecided.",
    ),
    "no_policy": ProblemType(
        409,
        "No policy applies",
        "The audit cannot be decided.",
        "Neither its target nor its project has a policy.",
        "Create one with `exhume policy create`, and assign it with `exhume policy assign`.",
    ),
    "policy_in_use": ProblemType(
        409,
        "Policy in use",
        "The policy was not deleted.",
        "It is assigned to a target, or is the default of its project.",
        "Assign another policy there first (`exhume policy assign`), or none (`exhume policy unassign`).",
    ),
    "policy_deleted": ProblemType(
        409,
        "Policy deleted",
        "The policy cannot be assigned, and cannot get another version.",
        "It was deleted. Its versions and the decisions by it are still readable.",
        "Create another policy. The name of the deleted one can be used again.",
    ),
    "own_waiver": ProblemType(
        403,
        "Own waiver",
        "The waiver cannot be approved with this key or session.",
        "A key or session with the same name asked for it, or one of you made the key of the other, and a waiver "
        "needs two people.",
        "Ask somebody else with the scope `waivers:approve` to approve it.",
    ),
    "waiver_not_open": ProblemType(
        409,
        "Waiver has another state",
        "The waiver cannot be approved or revoked.",
        "It was approved, was revoked, has expired, or ended with a newer release.",
        "Read its `state`, and ask for a new waiver if one is needed.",
    ),
    "bad_expiry": ProblemType(
        422,
        "Expiry out of range",
        "The waiver cannot expire at this time.",
        "The time is in the past, or more than 366 days ahead.",
        "Choose a time within the next 366 days.",
    ),
    "nothing_to_waive": ProblemType(
        422,
        "No checkpoint to waive",
        "The waiver cannot be bound to a checkpoint.",
        "The target has no release that is ready, or the release belongs to another target.",
        "Wait until the release is ready, or name a release of this target.",
    ),
}
