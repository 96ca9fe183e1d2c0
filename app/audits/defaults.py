"""Default setting and prior by image size: those that recovered the most identities when measured.

Up to 32x32, LOMMA with a trained prior. Above, the logit loss alone with principal components of
the public images: they are fitted in a minute and show far more of a person than a generator that
trains for hours. Students take as long again and find no further person (docs/engine.md, "Faces").
"""

from typing import NamedTuple

from app.audits.priors import trainable
from app.audits.schemas import EstimateRequest
from app.contract.attack_labels import attack_label
from app.contract.choices import Attack, PriorChoice, Setting
from app.contract.engine import default_prior, default_setting
from app.db.models import Dataset
from app.errors import UnprocessableError


class Decided(NamedTuple):
    """An attack with its setting and prior."""

    name: Attack
    setting: Setting
    prior: PriorChoice


def decided(request: EstimateRequest, public: Dataset) -> list[Decided]:
    """Return the attacks of a request, each with its setting and prior.

    Raises: UnprocessableError when two are the same.
    """
    side, prior = side_of(public), _prior(public)
    setting = default_setting(side)
    attacks = [Decided(one.name, one.setting or setting, one.prior or prior) for one in request.portfolio(side)]
    for number, one in enumerate(attacks):
        if one in attacks[:number]:
            raise UnprocessableError(
                "same_attack_twice",
                f"Two of the attacks are {attack_label(*one)}. The same attack finds the same images again.",
            )
    return attacks


def _prior(public: Dataset) -> PriorChoice:
    """Return the default prior for this size: `pca` also where no generator can be trained."""
    return default_prior(side_of(public)) if trainable(public) else "pca"


def side_of(public: Dataset) -> int:
    """Return the longer side of the images, in pixels."""
    return max(public.height or 0, public.width or 0)
