"""The curve of a search as its job keeps it: a bounded number of points."""

import math

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.contract.curve import CurvePoint
from app.db.models import Job
from app.jobs.leases import Claim

MOST_POINTS = 32
"""Points that are kept of each part. Beyond them, every second one goes."""
DIGITS = 5


class KeptCurve:
    """Collects points from the figures of a search.

    Which points are kept depends on their number alone, so the shards of an attack keep the same
    steps.
    """

    def __init__(self) -> None:
        self._parts: dict[int, list[CurvePoint]] = {}
        self._seen: dict[int, int] = {}
        self._stride: dict[int, int] = {}
        self.newest: CurvePoint | None = None

    def add(self, figures: dict[str, float]) -> None:
        """Add the point among these figures, if there is one and it is finite."""
        given = {name: figures[name] for name in CurvePoint._fields if name in figures}
        if "step" not in given or not all(map(math.isfinite, given.values())):
            return
        part, step, rows = (int(given.pop(name, 0)) for name in ("part", "step", "rows"))
        short = {name: float(f"{value:.{DIGITS}g}") for name, value in given.items()}
        point = self.newest = CurvePoint(part=part, step=step, rows=rows, **short)
        kept, stride = self._parts.setdefault(part, []), self._stride.setdefault(part, 1)
        if kept and self._seen[part] % stride:  # it stands for the end until the next point
            kept.pop()
        kept.append(point)
        self._seen[part] = self._seen.get(part, -1) + 1
        if len(kept) > MOST_POINTS:
            self._parts[part] = kept[::2]
            self._stride[part] = 2 * stride

    def points(self) -> list[CurvePoint]:
        """Return what is kept, by part and step."""
        return [point for _, points in sorted(self._parts.items()) for point in points]


def write_curve(session: Session, claim: Claim, curve: KeptCurve) -> None:
    """Write the curve to the row of a job that this attempt holds."""
    points = [list(point) for point in curve.points()]
    session.execute(update(Job).where(Job.id == claim.job_id, Job.attempt == claim.attempt).values(curve=points))
