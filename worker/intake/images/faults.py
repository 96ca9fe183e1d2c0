"""Rejections of broken images and mixed sizes. Each lists all faults, to be fixed at once."""

from __future__ import annotations

from typing import Any

from app.formats.recipes import AS_PNG, ONE_SIZE
from app.formats.refusal import MAX_ERRORS, Refused, shown
from worker.intake.images.image_header import Shape


def reject_broken(broken: list[dict[str, Any]], *, more: bool = False) -> None:
    """Reject a set with broken images. `more`: not every image was decoded.

    Raises: Refused (broken-image).
    """
    if not broken:
        return
    first = f"{broken[0]['name']!r} {broken[0]['detail']}"
    least = "At least " if more or len(broken) >= MAX_ERRORS else ""
    if len(broken) == 1:
        one = "At least one" if more else "One"
        raise Refused("broken-image", f"{one} image cannot be used: {first}. Fix or remove it. {AS_PNG}", broken)
    raise Refused(
        "broken-image",
        f"{least}{len(broken)} images cannot be used. The first: {first}. Fix or remove them. {AS_PNG}",
        broken,
    )


def reject_mixed_sizes(sizes: dict[Shape, list[str]]) -> None:
    """Reject a set with images of different sizes. `sizes`: names by (height, width).

    Raises: Refused (mixed-sizes).
    """
    if len(sizes) <= 1:
        return
    common = sorted(sizes.items(), key=lambda item: -len(item[1]))
    (height, width), _ = common[0]
    turned = any((width, height) in sizes for height, width in sizes if height != width)
    hint = " EXIF orientations are not applied. Rotate the pixels of images that have one." if turned else ""
    listing = "; ".join(f"{len(n)} of {w}x{h}, such as {shown(n[0])!r}" for (h, w), n in common[:5])
    raise Refused(
        "mixed-sizes",
        f"The images have {len(sizes)} different sizes: {listing}. Crop and scale all of them to the input size of the"
        f" model, for example {width}x{height}.{hint} {ONE_SIZE.format(width=width, height=height)}",
        [{"name": shown(n[0]), "detail": f"has {w}x{h} pixels, like {len(n)} of the images"} for (h, w), n in common],
    )
