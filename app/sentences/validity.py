"""Sentences on what ends the validity of an audit, and on what it leaves to deployers."""

from datetime import datetime

from app.contract.choices import ReleasePlan
from app.contract.nouns import Noun

HOLDERS: dict[ReleasePlan, str] = {
    "weights-public": "everybody can get the weights",
    "weights-shared": "partners or devices hold the weights",
    "hosted": "only the operator holds the weights",
}


def ends(*, digest: str, until: datetime | None, plan: ReleasePlan | None, access: str) -> list[str]:
    """Return the events after which this audit no longer describes the model.

    Args:
        digest: of the audited file.
        until: when the decision of the release gate must be made again.
        access: what the tested attackers had, in words.
    """
    assumed = f"the declared plan was that {HOLDERS[plan]}" if plan else "no release plan was declared"
    lines = [
        f"The file changes in any way. This audit is about the file with the digest {digest} alone, not about copies "
        "that were fine-tuned, pruned or quantised.",
        f"The model becomes accessible in another way than was assumed: {assumed}, and the tested attackers had "
        f"{access}.",
        "The private data set turns out not to be the one that the model was trained on, or its labels change.",
        "A better attack, generator or public data set than those of this audit becomes available.",
        "A verifier of this audit turns out to be wrong about images of this kind.",
    ]
    if until is not None:
        lines.append(f"The decision of the release gate runs out on {until:%Y-%m-%d}.")
    return lines


def for_deployers(noun: Noun, *, queries: int | None) -> list[str]:
    """Return what remains for deployers to limit, whatever the verdict.

    Args:
        queries: gradient queries of the attack for one identity. None if nothing was attacked.
    """
    spent = "" if queries is None else f" This audit used {queries:,} gradient queries for each {noun.one}."
    return [
        "Attackers with better public images, more compute or another kind of attack are outside this audit.",
        f"Whoever holds the weights can attack without limits and unseen.{spent}",
        "Limits on queries protect a hosted model only, and this audit says nothing about limits that were not part "
        "of its plan.",
        f"The share describes all audited {noun.many} together. A {noun.one} that can be recognised is exposed "
        "at any share. Those in the tail can be informed, or left out of the next training.",
    ]
