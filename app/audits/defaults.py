"""Default setting and prior by image size: those that recovered the most identities when measured.

Up to 32x32, LOMMA with a trained prior. Above, the logit loss alone with principal components of
the public images: they are fitted in a minute and show far more of a person than a generator that
trains for hours. Students take as long again and find no further person (docs/engine.md, "Faces").
"""

from app.audits.priors import trainable
from app.audits.schemas import EstimateRequest
from app.contract.choices import PriorChoice, Setting
from app.contract.engine import SMALL
from app.db.models import Dataset


def setting_for(public: Dataset) -> Setting:
    """Return the default setting for images of this size."""
    return "lom" if _large(public) else "lomma"


def prior_for(public: Dataset) -> PriorChoice:
    """Return the default prior for this size: `pca` also where no generator can be trained."""
    return "pca" if _large(public) or not trainable(public) else "trained"


def decided(request: EstimateRequest, public: Dataset) -> EstimateRequest:
    """Return the request with its setting and prior filled in."""
    chosen = {"setting": request.setting or setting_for(public), "prior": request.prior or prior_for(public)}
    return request.model_copy(update=chosen)


def _large(public: Dataset) -> bool:
    return max(public.height or 0, public.width or 0) > SMALL
