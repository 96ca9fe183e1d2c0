"""Attacks: searches for images of an identity, one per file, by name in `attacks`."""

from worker.inversion.attacks.attack import SETTINGS, Attack, Setting, Task, attacks
from worker.inversion.attacks.closed_form import ClosedForm
from worker.inversion.attacks.decoder import Decoder
from worker.inversion.attacks.gmi import Gmi
from worker.inversion.attacks.kedmi import Kedmi
from worker.inversion.attacks.miface import MiFace
from worker.inversion.attacks.plg_mi import PlgMi
from worker.inversion.attacks.ppa import Ppa
from worker.inversion.attacks.reconstruction import Reconstruction
from worker.inversion.attacks.run import run_attack
from worker.inversion.attacks.vmi import Vmi
from worker.inversion.attacks.warm_start import WarmStart
from worker.inversion.attacks.warm_start_views import WarmStartViews

__all__ = [
    "SETTINGS",
    "Attack",
    "ClosedForm",
    "Decoder",
    "Gmi",
    "Kedmi",
    "MiFace",
    "PlgMi",
    "Ppa",
    "Reconstruction",
    "Setting",
    "Task",
    "Vmi",
    "WarmStart",
    "WarmStartViews",
    "attacks",
    "run_attack",
]
