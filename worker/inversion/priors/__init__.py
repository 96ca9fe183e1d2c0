"""Priors: generators trained on public images."""

from worker.inversion.priors.prior import Prior, load_prior, save_prior
from worker.inversion.priors.recipe import PriorRecipe, built_in_prior, bundled_prior, default_prior_recipe, prior_key
from worker.inversion.priors.training import train_prior

__all__ = [
    "Prior",
    "PriorRecipe",
    "built_in_prior",
    "bundled_prior",
    "default_prior_recipe",
    "load_prior",
    "prior_key",
    "save_prior",
    "train_prior",
]
