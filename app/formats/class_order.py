"""Compare the order of classes that a file states with the description.

With names in the wrong order, an audit compares the images of one person with the class of another
and finds nothing. A file that contradicts the description is rejected unless the description is
confirmed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.formats.names import matched
from app.formats.refusal import Refused, shown
from app.formats.stated_classes import StatedOrder

LISTED, SHOWN = 20, 3
_LONGEST_ORDER = 2_500
_MOST_OFFERED = 5_000


@dataclass(frozen=True)
class ClassOrder:
    """Result of one comparison.

    `agrees` is None if the names cannot be compared. `differing` holds class indices with the name
    in the file and the name in the description. `common` counts the names that both have.
    """

    stated: StatedOrder
    agrees: bool | None
    differing: list[tuple[int, str | None, str | None]]
    common: int


def compared(stated: StatedOrder, classes: Sequence[str]) -> ClassOrder:
    """Compare one order of the file with the description."""
    found = matched(stated.names, classes).found
    place = {name: index for index, name in enumerate(classes)}
    several = max(len(stated.names), len(classes))
    padded = [*stated.names, *[None] * (several - len(stated.names))], [*classes, *[None] * (several - len(classes))]
    rows = list(zip(range(several), *padded, strict=True))
    moved = [row for row in rows if row[1] in found and place[found[row[1]]] != row[0]]
    if len(stated.names) != len(classes):
        agrees = None if stated.is_loose and not found else False
        return ClassOrder(stated, agrees, moved or [row for row in rows if None in row], len(found))
    if moved:
        return ClassOrder(stated, False, moved, len(found))
    if len(found) == len(classes):
        return ClassOrder(stated, True, [], len(found))
    return ClassOrder(stated, None, [row for row in rows if row[1] not in found], len(found))


def check_order(
    orders: Sequence[StatedOrder], classes: Sequence[str], *, confirmed: bool
) -> tuple[dict[str, Any] | None, list[str]]:
    """Return `class_order` of the examination (None if the file states no order), and notes.

    Raises: Refused (class-order).
    """
    if not orders:
        return None, []
    results = sorted((compared(stated, classes) for stated in orders), key=_urgency)
    first = results[0]
    if first.agrees is False and not confirmed:
        raise _contradiction(first, len(classes))
    stated = {"source": first.stated.source, "agrees": first.agrees, "confirmed": confirmed}
    return stated, _notes(first, len(classes))


def _urgency(order: ClassOrder) -> int:
    """Return the sort key: contradictions first, then agreements."""
    return {False: 0, True: 1, None: 2}[order.agrees]


def _contradiction(order: ClassOrder, count: int) -> Refused:
    source, names = shown(order.stated.source), [shown(name, 200) for name in order.stated.names]
    errors: list[dict[str, Any]] = []
    if len(names) <= _MOST_OFFERED:
        errors.append({"name": source, "detail": "lists the classes in this order", "order": names})
    for index, one, other in order.differing[:LISTED]:
        errors.append({"name": f"output {index}", "detail": _sides(one, other)})
    text = json.dumps(names, ensure_ascii=False)
    offered = f" The file's order is {text}" if len(text) <= _LONGEST_ORDER else ""
    return Refused(
        "class-order",
        f"{_what(order, count)} With names in another order, an audit judges the wrong classes. If the file is right,"
        " create the release with its order. If the description is right, confirm it: `confirm_class_order` in the"
        f" API, --confirm-class-order on the command line.{offered}",
        errors,
    )


def _what(order: ClassOrder, count: int) -> str:
    source, named = shown(order.stated.source), len(order.stated.names)
    examples = _examples(order)
    if named != count:
        return f"The file names {named} classes ({source}), the description {count}: {examples}."
    return f"The file lists its classes in another order ({source}): {examples}."


def _notes(order: ClassOrder, count: int) -> list[str]:
    source = shown(order.stated.source)
    if order.agrees:
        return [f"The file and the description list the classes in the same order ({source})."]
    if order.agrees is False:
        return [f"{_what(order, count)} The description was confirmed: its order is used."]
    example = _examples(order)
    if order.common:
        return [
            f"The file names {len(order.differing)} of {count} classes differently ({source}): {example}. The others"
            " are at the same positions."
        ]
    return [f"The file names its classes differently ({source}), so their order cannot be compared: {example}."]


def _examples(order: ClassOrder) -> str:
    return "; ".join(f"output {index} is {_sides(one, other)}" for index, one, other in order.differing[:SHOWN])


def _sides(file: str | None, description: str | None) -> str:
    """Return both names of one output."""
    in_file, described = (repr(shown(name, 60)) if name is not None else "not named" for name in (file, description))
    return f"{in_file} in the file, {described} in the description"
