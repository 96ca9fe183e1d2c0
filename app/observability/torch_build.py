"""What the installed PyTorch was built for, read from its files: importing it takes seconds."""

import re
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution

STATED = re.compile(r"""^(?P<name>cuda|hip|__version__)(?:: [^=]+)? = ['"](?P<value>[^'"]+)['"]""", re.MULTILINE)


@dataclass(frozen=True)
class TorchBuild:
    """Version of PyTorch, and the CUDA or ROCm that it was built for, if any."""

    version: str
    cuda: str | None = None
    hip: str | None = None

    @property
    def words(self) -> str:
        """Return the version with its build, such as "2.13.0 for CUDA 12.8"."""
        if self.cuda:
            return f"{self.version} for CUDA {self.cuda}"
        return f"{self.version} for ROCm {self.hip}" if self.hip else self.version


def torch_build() -> TorchBuild | None:
    """Return the build of the installed PyTorch. None if there is none."""
    try:
        found = distribution("torch")
    except PackageNotFoundError:
        return None
    try:
        stated = stated_in(found.read_text("../torch/version.py") or "")
    except OSError:
        stated = {}
    return TorchBuild(stated.get("__version__", found.version), stated.get("cuda"), stated.get("hip"))


def stated_in(text: str) -> dict[str, str]:
    """Return the strings that PyTorch's `version.py` assigns."""
    return {match["name"]: match["value"] for match in STATED.finditer(text)}
