"""Section 5: the people at the end of the distribution, and those who were not attacked."""

from collections.abc import Mapping

from app.audit_reports.blocks import Block, Bullets, Column, Part, Picture, Pictures, Section, Table, Text
from app.audit_reports.exposed import evaluator_alone, most_exposed, recognised
from app.audit_reports.facts import Facts, Person
from app.audit_reports.rows import NONE, number, yes
from app.contract.result.names import Named
from app.sentences import residual

MOST = 100
MEANING = (
    "Strength says by how many standard deviations a reconstruction is more similar to its {one} than images made for "
    "others. Similarity and threshold are those of the verifier that decides."
)


def tail(facts: Facts) -> Section:
    """Return who is exposed by name, the worst decile, and the bound for everybody else."""
    plan = facts.audit.plan
    outside = residual.left_out(
        facts.document,
        facts.noun,
        attacked=facts.attacked,
        planned=len(plan.identities),
        eligible=plan.identity_sample.of,
    )
    parts = [Part("Exposed by name", _named(facts)), Part("Worst decile", _worst(facts))]
    if pictures := [_picture(one) for one in facts.people if one.picture is not None]:
        parts.append(Part("Reconstructions", [*_not_all(facts, len(pictures)), Pictures(pictures)]))
    elif facts.made.pictures:
        parts.append(Part("Reconstructions", [Text(f"None is shown, because {_why_none(facts)}.")]))
    if outside:
        parts.append(Part("Classes that were not attacked", [Bullets(outside)]))
    shown = "pseudonyms and names" if facts.made.names else "pseudonyms. The service can tell whom each stands for"
    lead = Text(f"The mean hides those who are exposed most. {facts.noun.many.capitalize()} are shown by {shown}.")
    return Section("5", "The tail", [lead], parts)


def _why_none(facts: Facts) -> str:
    return "no picture of the most exposed is left" if most_exposed(facts) else "nobody is known to be exposed"


def _not_all(facts: Facts, shown: int) -> list[Text]:
    worst = len(most_exposed(facts))
    who = "in the worst decile" if facts.result.worst_decile else "whom the evaluator recognises"
    why = "The others were deleted, or are more than a report shows."
    return [Text(f"{shown:,} of the {worst:,} {who} are shown. {why}", "note")] if shown < worst else []


def _named(facts: Facts) -> list[Block]:
    named, naming = facts.result.named, facts.result.naming
    earlier = naming.named_earlier_only if naming else []
    before = [
        Text(f"Named by earlier audits with other seeds alone: {', '.join(facts.shown[one] for one in earlier)}.")
    ]
    if not named:
        return [Text(residual.unnamed(facts.document, facts.noun)), *(before if earlier else [])]
    columns = [Column(facts.noun.one.capitalize()), Column("p-value", "number"), Column("Strength", "number")]
    columns += [Column("Restarts recognised", "number"), Column("Other seeds", "number")]
    wrong = "" if naming is None else f" Up to {naming.expected_false:.1f} of them are expected to be wrong."
    return [
        Text(f"{facts.noun.counted(len(named))} {'is' if len(named) == 1 else 'are'} exposed by name.{wrong}"),
        Table("", columns, [_name(one, facts.shown) for one in named]),
        *(before if earlier else []),
    ]


def _name(one: Named, shown: Mapping[str, str]) -> list[str]:
    return [
        shown[one.name],
        f"{one.p_value:.4g}",
        number(one.strength),
        f"{one.restarts.recognised:,} of {one.restarts.of:,}" if one.restarts else NONE,
        f"{one.seeds.named:,} of {one.seeds.of:,}" if one.seeds else NONE,
    ]


def _worst(facts: Facts) -> list[Block]:
    worst = set(facts.result.worst_decile)
    people = [one for one in facts.people if one.outcome.name in worst]
    if not people:
        alone = "only verifiers rank people, and the evaluator judged alone"
        why = alone if evaluator_alone(facts) else "nothing was compared with private images"
        return [Text(f"Nobody could be ranked, because {why}.")]
    rows = [person_row(one) for one in people[:MOST]]
    more = [Text(f"Appendix A has {len(people) - MOST:,} more.", "note")] if len(people) > MOST else []
    return [
        Table("The most exposed tenth, strongest first", person_columns(facts), rows),
        *more,
        Text(MEANING.format(one=facts.noun.one), "note"),
    ]


def person_columns(facts: Facts) -> list[Column]:
    """Return the columns of a table of people."""
    name = [Column("Name")] if facts.made.names else []
    return [
        *(Column(facts.noun.one.capitalize()), *name, Column("Rank", "number")),
        *(Column("Recognised"), Column("By control"), Column("Strength", "number"), Column("Similarity", "number")),
        *(Column("Threshold", "number"), Column("Gallery rank", "number")),
    ]


def person_row(person: Person) -> list[str]:
    """Return the outcome of one identity."""
    found = person.outcome
    rank = NONE if found.rank_exposed is None else f"{found.rank_exposed:,}"
    name = [] if person.name is None else [person.name]
    return [
        *(person.pseudonym, *name, rank, recognised(found), yes(found.control_verified), number(found.strength)),
        *(number(found.similarity), number(found.threshold), NONE if found.rank is None else f"{found.rank:,}"),
    ]


def _picture(person: Person) -> Picture:
    caption = person.shown
    alt = f"Reconstruction of {caption}. Recognised: {recognised(person.outcome)}."
    return Picture(person.picture or b"", "image/png", alt, caption)
