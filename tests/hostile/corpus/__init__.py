"""Hostile and broken uploads, built here, harmless in effect: those that run code would only write a marker file."""

from tests.hostile.corpus.case import Case
from tests.hostile.corpus.foreign_formats import FOREIGN
from tests.hostile.corpus.image_sets import IMAGE_SETS
from tests.hostile.corpus.npz_sets import NPZ_SETS
from tests.hostile.corpus.onnx_classifiers import ONNX_FILES
from tests.hostile.corpus.pickles import PICKLES
from tests.hostile.corpus.safetensors_files import SAFETENSORS
from tests.hostile.corpus.shard_archives import SHARD_ARCHIVES
from tests.hostile.corpus.torch_files import TORCH_FILES
from tests.hostile.corpus.zip_archives import ZIP_ARCHIVES

CHECKPOINTS: tuple[Case, ...] = (*SAFETENSORS, *SHARD_ARCHIVES, *FOREIGN, *PICKLES, *TORCH_FILES)
DATASETS: tuple[Case, ...] = (*ZIP_ARCHIVES, *IMAGE_SETS, *NPZ_SETS)

__all__ = ["CHECKPOINTS", "DATASETS", "ONNX_FILES", "Case"]
