"""Attacks: searches in the latent space of a prior, one per file."""

from worker.inversion.attacks.config import SETTINGS, AttackConfig, Setting
from worker.inversion.attacks.reconstruction import Reconstruction
from worker.inversion.attacks.run import run_attack

__all__ = ["SETTINGS", "AttackConfig", "Reconstruction", "Setting", "run_attack"]
