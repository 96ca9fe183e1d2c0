"""The device that a worker computes on, and what it is doing."""

from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

DeviceKind = Literal["cpu", "cuda", "rocm", "mps"]
DeviceNeed = Literal["gpu", "cuda", "bf16", "cuda>=7.5", "cuda>=8.0", "cuda>=8.9", "cuda>=9.0", "cuda>=10.0"]
"""What a job may need beside memory: a GPU of any make, one of NVIDIA, one of NVIDIA with at
least a compute capability, or a device that multiplies in bf16."""


class Device(BaseModel):
    """The device of a worker and the software that computes on it."""

    model_config = ConfigDict(extra="ignore")  # of a later version, during a rolling upgrade

    kind: DeviceKind = Field(description="The processor, or a GPU of NVIDIA (cuda), AMD (rocm) or Apple (mps).")
    name: str = Field(description="Model of the GPU or the processor.")
    uuid: str | None = Field(None, description="UUID of the GPU or MIG slice, if the driver gives one.")
    memory_bytes: int | None = Field(None, description="Memory of the GPU, or of the machine or container.")
    compute_capability: str | None = Field(None, description="Compute capability of an NVIDIA GPU, such as 9.0.")
    bf16: bool = Field(False, description="Whether the device multiplies in bf16.")
    driver: str | None = Field(None, description="Version of the GPU's driver.")
    torch: str | None = Field(None, description="Version and build of PyTorch.")
    processor: str = Field("", description="Model of the machine's processor.")
    processors: int | None = Field(None, description="Number of its cores that the worker may use.")
    note: str | None = Field(None, description="Why a faster device of this machine is not used.")

    @property
    def meets(self) -> list[DeviceNeed]:
        """The needs that the device meets."""
        return [need for need in get_args(DeviceNeed) if self._meets(need)]

    def _meets(self, need: DeviceNeed) -> bool:
        kind, _, least = need.partition(">=")
        if least:
            return self.kind == kind and _version(self.compute_capability or "0") >= _version(least)
        return {"gpu": self.kind != "cpu", "cuda": self.kind == "cuda", "bf16": self.bf16}[kind]

    @property
    def words(self) -> str:
        """The device in one line."""
        memory = f", {self.memory_bytes / 1024**3:.0f} GiB" if self.memory_bytes else ""
        driver = f", driver {self.driver}" if self.driver else ""
        return f"{self.name or self.kind}{memory}{driver}, PyTorch {self.torch}"


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))


class DeviceUse(BaseModel):
    """What a GPU is doing. A figure that its driver does not give is null."""

    model_config = ConfigDict(extra="ignore")

    utilisation: float | None = Field(None, description="Share of the last moments in which it computed.")
    memory_used_bytes: int | None = Field(None, description="Memory in use, by any process.")
    memory_bytes: int | None = Field(None, description="Its memory.")
    temperature: float | None = Field(None, description="Temperature in degrees Celsius.")
