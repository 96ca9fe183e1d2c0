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
    return _image(decision.release.target, f"{decision.outcome}: {_detail(decision)}", COLOURS[decision.outcome])


def without_decision(target: str) -> bytes:
    """Return the badge of a target without a decision that counts."""
    return _image(target, "no decision", LABEL_COLOUR)


def _image(target: str, message: str, colour: str) -> bytes:
    left, right = _width(LABEL), _width(message)
    title = f"{LABEL}, {plain(target, 60)}: {message}"
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
    _box(image, left, right, colour, message)
    return f"{ElementTree.tostring(image, encoding='unicode')}\n".encode()


def _detail(decision: Decision) -> str:
    if decision.verdict is None:
        return "no result"
    reasons = (
        [rule for rule in decision.rules if rule.outcome == decision.outcome] if decision.outcome != "pass" else []
    )
    first = reasons[0] if reasons else None
    if first is not None and first.id != "EXH001":
        return first.name.replace("-", " ")
    if first is not None and decision.risk is not None:
        return f"R at least {share(decision.risk.bound_low)}"
    if any(rule.outcome == "waived" for rule in decision.rules):
        return "waived"
    if decision.risk is not None and decision.verdict == "PASS":
        return f"R at most {share(decision.risk.bound_high)}"
    return decision.verdict.lower()


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
