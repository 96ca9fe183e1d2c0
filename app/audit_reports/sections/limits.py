"""Sections 6 and 7: what was not tested, and the size of the model against its training set."""

from app.audit_reports.blocks import Block, Bullets, Part, Section, Table, Text
from app.audit_reports.facts import Facts
from app.audit_reports.nameless import spoken
from app.audit_reports.rows import FIGURE_COLUMNS, figure_row, measured
from app.contract.shares import share
from app.sentences import residual


def not_tested(facts: Facts) -> Section:
    """Return what a reader might wrongly believe was covered."""
    notes = spoken(facts).notes()
    parts = [Part("Limits of every result", [Bullets(facts.result.bounds)])]
    if notes:
        parts.append(Part("Notes", [Bullets(notes)]))
    return Section("6", "Not tested", [Bullets(facts.result.not_tested)], parts)


def capacity(facts: Facts) -> Section:
    """Return parameters, training images and how well the model knows them."""
    examined, fit = facts.release.examination, facts.result.fit
    private = facts.audit.private_dataset
    images = fit.images if fit is not None else private.images if private is not None else None
    blocks: list[Block] = []
    if examined is not None and images:
        blocks.append(Text(residual.capacity(examined.parameters, images)))
    else:
        blocks.append(Text("The number of parameters or of training images is unknown."))
    rows = [] if fit is None else [["accuracy on its own training images", *measured(fit.accuracy)]]
    held = facts.result.figures.get("target_accuracy_on_references")
    rows += [] if held is None else [figure_row(held)]
    if rows:
        blocks.append(Table("Accuracy of the model on private images", FIGURE_COLUMNS, rows))
    if fit is not None:
        blocks.append(
            Text(
                f"A trained model labels more than {share(fit.floor)} of its training images correctly. State: "
                f"{fit.state.replace('_', ' ')}.",
                "note",
            )
        )
    return Section("7", "Parameters against training size", blocks)
