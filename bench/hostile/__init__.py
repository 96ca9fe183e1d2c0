"""Hostile and broken uploads for the tests. They are harmless: code would only write a marker."""

from bench.hostile.case import Case
from bench.hostile.foreign_formats import FOREIGN
from bench.hostile.image_sets import IMAGE_SETS
from bench.hostile.npz_sets import NPZ_SETS
from bench.hostile.onnx_classifiers import ONNX_FILES
from bench.hostile.pickles import PICKLES
from bench.hostile.safetensors_files import SAFETENSORS
from bench.hostile.shard_archives import SHARD_ARCHIVES
from bench.hostile.torch_files import TORCH_FILES
from bench.hostile.zip_archives import ZIP_ARCHIVES

CHECKPOINTS: tuple[Case, ...] = (*SAFETENSORS, *SHARD_ARCHIVES, *FOREIGN, *PICKLES, *TORCH_FILES)
DATASETS: tuple[Case, ...] = (*ZIP_ARCHIVES, *IMAGE_SETS, *NPZ_SETS)

__all__ = ["CHECKPOINTS", "DATASETS", "ONNX_FILES", "Case"]
