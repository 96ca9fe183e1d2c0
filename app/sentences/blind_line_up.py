"""Sentences about the results of a blind line-up."""


def confirmed(recognised: int, by_people: int, reviewers: int) -> str:
    """Return what people say about the reconstructions that the verifiers recognise."""
    who = "1 reviewer" if reviewers == 1 else f"{reviewers} reviewers"
    if recognised == 0:
        return f"The verifiers recognise none of the reconstructions that {who} saw."
    return f"Of {recognised} reconstructions that the verifiers recognise, people confirm {by_people} ({who})."
