"""An accelerator of its own memory, made in Python: tensors on "pretend:0" do not mix with others.

PyTorch's key for devices of third parties (PrivateUse1) is registered with a kernel that computes
every operation on the CPU and wraps the results. Registration lasts as long as the process, so the
tests run this module in one of its own:

    python -m tests.unit.inversion.pretend
"""

from __future__ import annotations

import json
import sys
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils._pytree import tree_leaves, tree_map
from torch.utils.backend_registration import _setup_privateuseone_for_python_backend

NAME = "pretend"
COPIES = {"copy_", "_copy_from", "_to_copy"}
RESHAPES = {"view", "_unsafe_view", "_reshape_alias"}
ANY_DEVICE = ("CompositeExplicitAutograd", "CompositeExplicitAutogradNonFunctional")


RAW: dict[int, Tensor] = {}
"""The values of each tensor, on the CPU, by its storage, which the copies of autograd share."""


class Held(torch.Tensor):
    """A tensor of the device. A class of its own, so that a parameter can be made of one."""

    __torch_function__ = torch._C._disabled_torch_function_impl


def held(raw: Tensor) -> Tensor:
    """Return a new tensor of the device with these values."""
    made: Tensor = torch._C._acc.create_empty_tensor(raw.shape, raw.dtype)
    made.__class__ = Held
    RAW[made.untyped_storage()._cdata] = raw
    return made


def shaped(wrapper: Tensor, raw: Tensor) -> Tensor:
    """Return the wrapper in the shape of its values, which one such as squeeze_ has changed."""
    if wrapper.shape != raw.shape:
        wrapper.data = held(raw)
    return wrapper


def compute(operation: Any, *args: Any, **kwargs: Any) -> Any:
    """Compute an operation of which at least one tensor is on the device."""
    name = operation.overloadpacket.__name__
    given = [one for one in tree_leaves((args, kwargs)) if isinstance(one, Tensor)]
    if name not in COPIES and any(one.device.type != NAME and one.ndim > 0 for one in given):
        raise RuntimeError(f"{operation} has tensors of two devices")
    leaves = name == "_to_copy" and getattr(kwargs.get("device"), "type", NAME) != NAME
    own: dict[int, Tensor] = {}

    def inward(value: Any) -> Any:
        if isinstance(value, Tensor) and value.device.type == NAME:
            raw = RAW[value.untyped_storage()._cdata]
            own[id(raw)] = value
            return raw
        return torch.device("cpu") if isinstance(value, torch.device) and value.type == NAME else value

    def outward(value: Any) -> Any:
        if leaves or not isinstance(value, Tensor):
            return value
        return shaped(own[id(value)], value) if id(value) in own else held(value)

    args, kwargs = tree_map(inward, args), tree_map(inward, kwargs)
    with torch.no_grad():
        if name == "_copy_from":
            made = args[1].copy_(args[0])
        elif name in RESHAPES:  # the wrapper is contiguous, its values need not be
            made = args[0].reshape(args[1])
        else:
            made = operation(*args, **kwargs)
    return given[0] if name == "copy_" else tree_map(outward, made)


LIBRARIES: list[torch.library.Library] = []
"""They unregister their kernels when they are collected."""


def register() -> None:
    """Compute every operation of PyTorch that is not made of others in this way.

    Kernels for any device, such as those of views, would only change the shape of the wrapper.
    """
    _setup_privateuseone_for_python_backend(NAME)
    rest, own = torch.library.Library("_", "IMPL"), torch.library.Library("aten", "IMPL", "PrivateUse1")
    rest.fallback(compute, "PrivateUse1")
    for full in torch._C._dispatch_get_all_op_names():
        space, _, name = full.partition("::")
        if space == "aten" and any(torch._C._dispatch_has_kernel_for_dispatch_key(full, key) for key in ANY_DEVICE):
            packet, _, overload = name.partition(".")
            operation = getattr(getattr(torch.ops.aten, packet), overload or "default")
            own.impl(operation, partial(compute, operation))
    LIBRARIES.extend([rest, own])


def pipeline(device: str, public: np.ndarray) -> dict[str, Any]:
    """Examine a target, train students and a prior, attack, and make the controls, on a device."""
    from tests.unit.inversion.conftest import CLASSES, TINY_PRIOR, TINY_STUDENTS
    from worker.evaluation.controls import nearest_public_control, prior_control
    from worker.inversion.attacks import Gmi, Kedmi, run_attack
    from worker.inversion.priors import train_prior
    from worker.inversion.students import public_features, train_students
    from worker.inversion.targets import InputConvention, Target, build_network, examine_target

    network = build_network("exhume/small-cnn", {"width": 8, "feature_dim": 24, "dropout": 0.0}, CLASSES, 1, seed=3)
    target = Target(network, InputConvention(32, 32, 1, mean=(0.5,), std=(0.5,)), CLASSES).eval().to(device)
    outputs = examine_target(target).outputs
    features = public_features(target, public)
    students = train_students(target, public, TINY_STUDENTS, seed=1)
    prior = train_prior(public, TINY_PRIOR | {"steps": 1}, seed=1, device=device)
    short = {"steps": 2, "restarts": 2, "check_every": 2, "micro_batch": 4, "views": 2}
    found = [
        run_attack(target, students, prior, features, [0, 3], attack, seed=2)
        for attack in (Gmi(**short, pool=8), Kedmi(**short))
    ]
    controls = [
        prior_control(prior, [0, 3], draws=2, seed=2),
        prior_control(prior, [0, 3], draws=2, seed=2, consensus=True),
        nearest_public_control(target, public, [0, 3], views=2),
    ]
    return {
        "outputs": outputs,
        "devices": sorted({str(t.device) for one in (target, prior, *students) for t in one.state_dict().values()}),
        "images": [np.stack([one.image for one in each]).tolist() for each in found],
        "controls": [each.tolist() for each in controls],
    }


def decoding(device: str, public: np.ndarray) -> dict[str, Any]:
    """Train a reference model, fit a linear prior, refit it, and attack from the decoder."""
    from worker.evaluation import reference
    from worker.inversion import domain_refit
    from worker.inversion.attacks import ClosedForm, WarmStartViews, run_attack
    from worker.inversion.priors import train_prior
    from worker.inversion.students import public_features
    from worker.inversion.tangent import tangent_alignment

    classes, reference.EPOCHS, domain_refit.SEARCH_STEPS = domain_refit.FEWEST_CLASSES, (1,), 1
    known = reference.train_reference(public, np.arange(len(public)) % classes, classes=classes, device=device)
    target, features = known.model, public_features(known.model, public)
    linear = train_prior(public, {"kind": "pca", "steps": 2, "latent_dim": 6}, seed=0, device=device)
    search = WarmStartViews(steps=1, restarts=1, micro_batch=4, views=2)
    refitted = domain_refit.refit_domain(target, linear, public, features, search, seed=1, rounds=1)
    found = [
        run_attack(target, [], refitted.prior, features, [0, 3], attack, seed=2, decoded=refitted.latents)
        for attack in (search, ClosedForm(micro_batch=4, views=2))
    ]
    return {
        "devices": sorted({str(t.device) for one in (target, linear) for t in one.state_dict().values()}),
        "images": [np.stack([one.image for one in each]).tolist() for each in found],
        "figures": [
            *known.answers(public).logits[0].tolist(),
            *refitted.moved,
            refitted.explained,
            *tangent_alignment(target, refitted.prior, features, search, found[0]),
        ],
    }


def main() -> None:
    """Print what both parts make on the CPU and on the device."""
    torch.set_num_threads(1)
    register()
    public = (np.random.default_rng(5).random((24, 32, 32)) * 255).astype(np.uint8)
    parts = {"pipeline": pipeline, "decoding": decoding}
    made = {name: {device: run(device, public) for device in ("cpu", NAME)} for name, run in parts.items()}
    json.dump(made, sys.stdout)


if __name__ == "__main__":
    main()
