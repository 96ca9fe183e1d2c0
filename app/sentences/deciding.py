"""Sentences on what would decide an audit."""

from collections.abc import Callable

from app.contract.shares import exact, share
from app.sentences.about import About, Facts
from app.sufficiency.deciding import Step

LISTED = 5


def step(found: Step, about: About) -> str:
    """Return the sentence for one measure that would help to decide."""
    return STEPS[found.code](found.facts, about)


def steps(found: list[Step], about: About) -> tuple[list[str], list[str]]:
    """Return the sentences and the codes, in the same order."""
    return [step(one, about) for one in found], [one.code for one in found]


def missed(facts: Facts) -> str:
    """Return why more are needed than with verifiers that miss no real image."""
    if facts["sensitivity"] is None:
        return "more if the verifiers miss real images"
    return f"the verifiers recognise {share(facts['sensitivity'])} of real images"


def _complete(facts: Facts, about: About) -> str:
    names = ", ".join(about.missing[:LISTED])
    such = f", such as {names}" if names else ""
    return f"Add private training images for {about.noun.counted(facts['missing'])} of the plan{such}."


def _verifiers(facts: Facts, about: About) -> str:
    more = "a second verifier" if facts["have"] == 1 else "two verifiers"
    return (
        f"Add {more} that recognise images of this kind: a PASS requires two. `exhume verifier convert` makes two of "
        "faces, `exhume verifier train` makes two from public labelled images of this kind."
    )


def _more(facts: Facts, about: About) -> str:
    noun, short = about.noun, facts["needed"] - facts["referenced"]
    images = f" Private images of {noun.counted(short)} more are needed for that." if short > 0 else ""
    return (
        f"Audit {noun.counted(facts['needed'])}, {facts['more']:,} more than now: without a further hit the upper "
        f"bound of R would be below {exact(facts['budget'])} ({missed(facts)}).{images}"
    )


def _more_fail(facts: Facts, about: About) -> str:
    return (
        f"Audit about {about.noun.counted(facts['needed'])}: at the present rate of hits, the lower bound of R would "
        f"be above {exact(facts['budget'])}."
    )


def _no_more(facts: Facts, about: About) -> str:
    return (
        f"More {about.noun.many} cannot decide it: all {facts['classes']:,} of the model were audited, and about "
        f"{facts['needed']:,} are needed for a budget of {exact(facts['budget'])} ({missed(facts)})."
    )


def _too_few(facts: Facts, about: About) -> str:
    return (
        f"More {about.noun.many} cannot decide it: the model has {facts['classes']:,}, and about {facts['needed']:,} "
        "are "
        f"needed for a budget of {exact(facts['budget'])} ({missed(facts)})."
    )


def _budget(facts: Facts, about: About) -> str:
    return f"The smallest budget that this result could pass is about {share(facts['offered'])}."


def _effort(facts: Facts, about: About) -> str:
    return (
        f"Use more effort: the search convinced the reference model of only {share(facts['convinced'])} of what it "
        "reconstructed from it, so it was too short."
    )


def _prior_or_attack(facts: Facts, about: About) -> str:
    if facts["convinced"] is None:
        return "Use more effort, another prior or another attack."
    return (
        f"Use another prior or another attack: the search convinced the reference model of {share(facts['convinced'])} "
        "of what it reconstructed from it, but the verifiers recognise too little of that, so more effort would not "
        "help."
    )


STEPS: dict[str, Callable[[Facts, About], str]] = {
    "fix_at_chance": lambda facts, about: (
        "Audit again when the checkpoint, the private images and the description belong together."
    ),
    "fix_class_order": lambda facts, about: (
        "Upload the release with its class names in the model's order, and audit it."
    ),
    "fix_input_convention": lambda facts, about: "Upload the release with the convention that fits, and audit it.",
    "fix_below_floor": lambda facts, about: (
        "Check the checkpoint, the order of its class names and its input convention: a trained model labels at least "
        f"{share(facts['floor'])} of its training images correctly."
    ),
    "add_references": lambda facts, about: (
        f"Upload private images of the audited {about.noun.many} and name them in the next audit."
    ),
    "complete_references": _complete,
    "add_verifiers": _verifiers,
    "add_images": lambda facts, about: f"Provide two or more private images of each {about.noun.one}.",
    "other_verifiers": lambda facts, about: (
        f"Use verifiers that recognise more of the real images of these {about.noun.many}."
    ),
    "third_verifier": lambda facts, about: "Add a third, independent verifier.",
    "measure_power": lambda facts, about: "Measure the power of the plan.",
    "more_effort": _effort,
    "other_prior_or_attack": _prior_or_attack,
    "clean_public": lambda facts, about: "Remove the private images from the public set, and audit again.",
    "more_identities": _more,
    "more_identities_fail": _more_fail,
    "no_more_identities": _no_more,
    "too_few_identities": _too_few,
    "other_budget": _budget,
}
