"""What an upload made, its state, and the command that comes next. Printed beside the id."""

import shlex
from typing import Any

WITHOUT_NAMES = "without names"


def of_release(release: dict[str, Any], target: str) -> list[str]:
    """Return lines on a release that was uploaded and checked."""
    name = f"{target}:{release['version']}"
    twin = " It is a twin, which audits of its release use by themselves." if release.get("twin_of") else ""
    size = _size(release.get("convention") or {})
    made = f"{release['architecture']}, {len(release['classes'])} classes{size}"
    lines = [f"Release {name} is {release['state']}: {made}.{twin}"]
    if release["state"] != "ready" or twin:
        return lines
    start = f"exhume audit start --release {shlex.quote(name)} --public DATASET --private DATASET"
    return [*lines, f"Next: {start} --declared-by NAME --rights SENTENCE"]


def of_dataset(dataset: dict[str, Any]) -> list[str]:
    """Return lines on a data set that was uploaded and checked."""
    made = f"{dataset['images']:,} images {_of(dataset)}{_size(dataset)}" if dataset.get("images") else "no images yet"
    lines = [f"The {dataset['role']} data set {dataset['name']!r} is {dataset['state']}: {made}."]
    if dataset["state"] != "ready":
        return lines
    name, role = shlex.quote(dataset["name"]), dataset["role"]
    if role == "public":
        return [*lines, f"Next: exhume audit estimate --release TARGET:VERSION --public {name}"]
    return [*lines, f"Next: exhume audit estimate --release TARGET:VERSION --public DATASET --{role} {name}"]


def listed(dataset: dict[str, Any]) -> dict[str, Any]:
    """Return a data set as a row of a table, which says where a ready set has no names."""
    count = dataset.get("identity_count")
    return dataset | {"identities": WITHOUT_NAMES if dataset["state"] == "ready" and count is None else count}


def _of(dataset: dict[str, Any]) -> str:
    people = dataset.get("identity_count")
    if people is None:
        return WITHOUT_NAMES
    return f"of {people:,} {'identity' if people == 1 else 'identities'}"


def _size(shape: dict[str, Any]) -> str:
    height, width = shape.get("height"), shape.get("width")
    return f", {width}x{height} pixels" if height and width else ""
