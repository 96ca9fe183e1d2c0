"""Default setting and prior by image size: those that recovered the most identities when measured.

Up to 32x32, LOMMA with a trained prior. Above, the logit loss alone with principal components of
the public images: they are fitted in a minute and show far more of a person than a generator that
trains for hours. Students take as long again and find no further person (docs/engine.md, "Faces").
"""

from app.audits.priors import trainable
from app.audits.schemas import EstimateRequest
from app.contract.choices import PriorChoice
from app.contract.engine import default_prior, default_setting
from app.db.models import Dataset


def decided(request: EstimateRequest, public: Dataset) -> EstimateRequest:
    """Return the request with its setting and prior filled in."""
    chosen = {"setting": request.setting or default_setting(_side(public)), "prior": request.prior or _prior(public)}
    return request.model_copy(update=chosen)


def _prior(public: Dataset) -> PriorChoice:
    """Return the default prior for this size: `pca` also where no generator can be trained."""
    return default_prior(_side(public)) if trainable(public) else "pca"


def _side(public: Dataset) -> int:
    return max(public.height or 0, public.width or 0)
