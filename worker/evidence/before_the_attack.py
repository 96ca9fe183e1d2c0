"""Checks with the private set before the attack: copies, fit of the release, verifiers."""

from collections.abc import Sequence
from typing import Any

from app.errors import UnprocessableError
from app.sentences import references as words
from worker.evaluation.fit import Fit, assess
from worker.evidence.contamination import Contamination, find_contamination
from worker.evidence.embeddings import with_cached_embeddings
from worker.evidence.evaluator import evaluator_possible
from worker.evidence.image_sets import open_images, without
from worker.evidence.inputs import AuditInputs
from worker.evidence.judges import SelectedVerifiers, select_verifiers
from worker.evidence.private_set import PrivateSet, open_private_set
from worker.evidence.targets import open_target
from worker.evidence.verifiers import open_verifiers, used_by_default
from worker.inversion.targets import examine_target
from worker.job.context import StageContext

WHY = "to drop private images from the public set, and to measure the release and the verifiers on them"


def examine_references(context: StageContext, inputs: AuditInputs) -> dict[str, Any]:
    """Examine the release and the verifiers with the private set, before the attack.

    Keys of the result: `contamination`, the public images to drop. `fit`, the accuracy of the
    release on its own training images. `stopped`, code and detail if the release cannot be judged
    as described. `judges`, the digests of the verifiers that may judge. `verifiers`, a card of
    each verifier. `refused` and `notes`, sentences.
    """
    private = open_private_set(context, inputs, WHY)
    if private is None:
        return findings(Contamination((), ()), compared=False)
    missing = unscorable(inputs, private)
    train = private.train
    public = open_images(context, inputs.public).images
    without(public, [])  # raises if there are too few even before any is dropped
    target = open_target(context, inputs)
    examine_target(target)  # raises if it cannot be audited; sets its kind of outputs
    fit = assess(target, train.images, train.labels, inputs.classes, between=context.checkpoint)
    context.progress(1, 3)
    if fit.stops:
        return findings(Contamination((), ()), compared=False, fit=fit, notes=private.notes)
    opened = open_verifiers(context, inputs)
    verifiers = with_cached_embeddings(context, opened, inputs.plan, public, private, progress=context.part(1, 3))
    whole = private.whole
    found = find_contamination(public, whole.images, whole.labels, verifiers)
    without(public, found.dropped)
    context.progress(2, 3)
    selected = select_verifiers(verifiers, private, default=used_by_default(inputs.plan, verifiers))
    context.progress(3, 3)
    return findings(
        found, compared=True, fit=fit, selected=selected, notes=notes_before(fit, selected, private, missing)
    )


def unscorable(inputs: AuditInputs, private: PrivateSet) -> list[str]:
    """Return the names of planned classes without training images.

    Raises: UnprocessableError when no planned class has any.
    """
    known = set(private.train.labels.tolist())
    missing = [inputs.classes[identity] for identity in inputs.identities if identity not in known]
    if len(missing) == len(inputs.identities):
        raise UnprocessableError(
            "no_training_images",
            "The private set has no training images of the classes to audit, only held-out ones or none. Upload the "
            "images that the model was trained on, in the split `train`.",
        )
    return missing


def notes_before(fit: Fit, selected: SelectedVerifiers, private: PrivateSet, missing: Sequence[str]) -> list[str]:
    """Return notes about what limits the verdict before the attack."""
    notes = [*private.notes, *selected.refused]
    if not fit.may_pass:
        notes.append(words.below_floor(fit.to_dict()))
    if missing:
        notes.append(words.missing_training_images(missing))
    judges = len(selected.panel.verifiers)
    if judges < 2:
        notes.append(words.too_few_verifiers(judges, evaluator=evaluator_possible(private.train)))
    return notes


def findings(
    contamination: Contamination,
    *,
    compared: bool,
    fit: Fit | None = None,
    selected: SelectedVerifiers | None = None,
    notes: Sequence[str] = (),
) -> dict[str, Any]:
    """Return the result of the stage as JSON."""
    document = None if fit is None else fit.to_dict()
    stopped = {"code": fit.state, "detail": words.stop(fit.to_dict())} if fit is not None and fit.stops else None
    return {
        "contamination": {
            "compared": compared,
            "exact": len(contamination.exact),
            "near": len(contamination.near),
            "alike": len(contamination.alike),
            "dropped": contamination.dropped,
        },
        "fit": document,
        "stopped": stopped,
        "judges": None if selected is None else [one.digest for one in selected.panel.verifiers],
        "verifiers": [] if selected is None else selected.cards,
        "refused": [] if selected is None else list(selected.refused),
        "notes": [*([stopped["detail"]] if stopped else []), *notes],
    }
