"""SVG badge with the outcome and the bound of R that decided it."""

from xml.etree import ElementTree

from app.contract.decision import Decision
from app.contract.shares import share
from app.reports.place import Place
from app.reports.text import plain

LABEL = "model inversion"
COLOURS = {"pass": "#1a7f37", "warn": "#9a6700", "fail": "#cf222e"}
"""Contrast with white text is at least 4.5 to 1."""
LABEL_COLOUR, WIDTH_OF_CHARACTER, PADDING, HEIGHT = "#555", 6.6, 12, 20
FONT = "Verdana,Geneva,DejaVu Sans,sans-serif"


def render(decision: Decision, place: Place) -> bytes:
    """Return an image that needs no script, font or other file."""
    message = f"{decision.outcome}: {_detail(decision)}"
    left, right = _width(LABEL), _width(message)
    title = f"{LABEL}, {plain(decision.release.target, 60)}: {message}"
    image = ElementTree.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "width": str(left + right),
            "height": str(HEIGHT),
            "role": "img",
            "aria-label": title,
        },
    )
    ElementTree.SubElement(image, "title").text = title
    _box(image, 0, left, LABEL_COLOUR, LABEL)
    _box(image, left, right, COLOURS[decision.outcome], message)
    return f"{ElementTree.tostring(image, encoding='unicode')}\n".encode()


def _detail(decision: Decision) -> str:
    if decision.verdict is None:
        return "no result"
    waived = " (waived)" if any(rule.outcome == "waived" for rule in decision.rules) else ""
    if decision.verdict == "INCONCLUSIVE" or decision.risk is None:
        return f"inconclusive{waived}"
    if decision.verdict == "PASS":
        return f"R at most {share(decision.risk.bound_high)}{waived}"
    return f"R at least {share(decision.risk.bound_low)}{waived}"


def _width(text: str) -> int:
    return round(WIDTH_OF_CHARACTER * len(text)) + PADDING


def _box(image: ElementTree.Element, start: int, width: int, colour: str, text: str) -> None:
    ElementTree.SubElement(image, "rect", {"x": str(start), "width": str(width), "height": str(HEIGHT), "fill": colour})
    attributes = {
        "x": str(start + PADDING // 2),
        "y": "14",
        "fill": "#fff",
        "font-family": FONT,
        "font-size": "11",
        "textLength": str(width - PADDING),
    }
    ElementTree.SubElement(image, "text", attributes).text = text
