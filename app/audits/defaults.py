"""What an audit takes where nothing was asked for: what found most on images of that size, as measured.

Up to 32x32, LOMMA in a trained prior. Above, the logit loss alone in principal components of the public images: they
are fitted in a minute and show far more of a person than a generator of hours, and students, which take as long again,
find nobody more (docs/engine.md, "Faces").
"""

from app.audits.priors import trainable
from app.audits.schemas import EstimateRequest
from app.contract.choices import PriorChoice, Setting
from app.contract.engine import SMALL
from app.db.models import Dataset


def setting_for(public: Dataset) -> Setting:
    """The setting for images of this size."""
    return "lom" if _large(public) else "lomma"


def prior_for(public: Dataset) -> PriorChoice:
    """The prior for images of this size; components also where the size is none that a generator can have."""
    return "pca" if _large(public) or not trainable(public) else "trained"


def decided(request: EstimateRequest, public: Dataset) -> EstimateRequest:
    """The request with nothing left open."""
    chosen = {"setting": request.setting or setting_for(public), "prior": request.prior or prior_for(public)}
    return request.model_copy(update=chosen)


def _large(public: Dataset) -> bool:
    return max(public.height or 0, public.width or 0) > SMALL
