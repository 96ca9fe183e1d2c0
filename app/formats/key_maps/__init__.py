"""Other names for the weights of known architectures: libraries, replaced heads, parametrisations.

Each function takes the tensors of a file, real ones or their descriptions, and returns the tensors
under the names of the architecture, or None if the file is not of that kind.
"""

from app.formats.key_maps.heads import Headed, with_usual_head
from app.formats.key_maps.hints import hint
from app.formats.key_maps.layouts import LAYOUTS, Layout, renamed
from app.formats.key_maps.made import MadeTensor
from app.formats.key_maps.parametrised import without_parametrisations

__all__ = [
    "LAYOUTS",
    "Headed",
    "Layout",
    "MadeTensor",
    "hint",
    "renamed",
    "with_usual_head",
    "without_parametrisations",
]
