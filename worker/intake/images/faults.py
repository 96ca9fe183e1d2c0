"""What is wrong with the images of a set, told so that all of it can be mended at once."""

from __future__ import annotations

from typing import Any

from app.formats.refusal import MAX_ERRORS, Refused, shown
from worker.intake.images.glance import Shape


def refuse_broken(broken: list[dict[str, Any]], *, more: bool = False) -> None:
    """`more`: not every image was decoded.

    Raises: Refused (broken-image).
    """
    if not broken:
        return
    first = f"{broken[0]['name']!r} {broken[0]['detail']}"
    least = "At least " if more or len(broken) >= MAX_ERRORS else ""
    if len(broken) == 1:
        one = "At least one" if more else "One"
        raise Refused("broken-image", f"{one} image can't be used: {first}. Mend or remove it.", broken)
    raise Refused(
        "broken-image", f"{least}{len(broken)} images can't be used; the first: {first}. Mend or remove them.", broken
    )


def refuse_mixed(sizes: dict[Shape, list[str]]) -> None:
    """`sizes`: the names of the images by (height, width).

    Raises: Refused (mixed-sizes).
    """
    if len(sizes) <= 1:
        return
    common = sorted(sizes.items(), key=lambda item: -len(item[1]))
    (height, width), _ = common[0]
    turned = any((width, height) in sizes for height, width in sizes if height != width)
    hint = (
        " An EXIF orientation is not applied: turn the pixels themselves where cameras only noted it." if turned else ""
    )
    told = "; ".join(f"{len(n)} of {w}x{h}, such as {shown(n[0])!r}" for (h, w), n in common[:5])
    raise Refused(
        "mixed-sizes",
        f"The images have {len(sizes)} different sizes: {told}. Cut and scale them all to the size the model takes,"
        f" for example {width}x{height}.{hint}",
        [{"name": shown(n[0]), "detail": f"has {w}x{h} pixels ({len(n)} images do)"} for (h, w), n in common],
    )
