"""Content negotiation between HTML and JSON (RFC 9110, section 12.5.1)."""


def prefers_html(accept: str) -> bool:
    """Return True if the header ranks `text/html` above `application/json`, as in browsers."""
    return _quality(accept, "text/html") > _quality(accept, "application/json")


def _quality(accept: str, wanted: str) -> float:
    """Return the weight of the most specific range for the media type, or 0."""
    ranges = (wanted, wanted.partition("/")[0] + "/*", "*/*")
    weights = dict(_weighed(part) for part in accept.split(","))
    return next((weights[one] for one in ranges if one in weights), 0.0)


def _weighed(part: str) -> tuple[str, float]:
    name, *parameters = (piece.strip().lower() for piece in part.split(";"))
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip() == "q":
            try:
                return name, float(value)
            except ValueError:
                return name, 0.0
    return name, 1.0
