"""`python -m worker.runtime.trial` computes on the device of `EXHUME_DEVICE`.

If it cannot be used, the last line of the output says why.
"""

import sys

import torch

from app.observability.devices import DeviceError
from worker.runtime import device
from worker.trial import UNUSABLE


def main() -> None:
    """Multiply two small matrices, which needs a kernel for this GPU."""
    try:
        one = torch.ones(8, 8, device=device.prepare()["device"])
        assert float((one @ one).sum()) == 8.0**3
    except DeviceError as error:
        sys.stdout.write(f"{error}\n")
        sys.exit(UNUSABLE)


if __name__ == "__main__":
    main()
