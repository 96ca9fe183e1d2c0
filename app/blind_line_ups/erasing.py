"""Takes an identity out of blind line-ups, and moves the places of the photographs that are left.

An item goes with its answers if it shows the identity, as its picture or among its candidates.
"""

from bisect import bisect_left
from collections.abc import Collection, Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.db.models import Audit, BlindLineUp, BlindLineUpItem, Dataset


def forget_identities(session: Session, audit: Audit, indices: Collection[int]) -> int:
    """Delete the items of an audit's line-ups that show these classes. Returns their number."""
    line_ups = select(BlindLineUp).where(BlindLineUp.audit_id == audit.id).with_for_update()
    total = 0
    for line_up in session.scalars(line_ups):
        items = session.scalars(select(BlindLineUpItem).where(BlindLineUpItem.line_up_id == line_up.id))
        gone = [item.id for item in items if _shows(item, indices)]
        session.execute(delete(BlindLineUpItem).where(BlindLineUpItem.id.in_(gone)))
        line_up.erased_items += len(gone)
        total += len(gone)
    session.flush()
    return total


def move_photographs(session: Session, dataset: Dataset, gone: Sequence[int]) -> None:
    """Let items refer to the places that photographs have now. `gone` ascends."""
    audits = select(Audit.id).where(Audit.private_dataset_id == dataset.id)
    line_ups = select(BlindLineUp.id).where(BlindLineUp.audit_id.in_(audits))
    for item in session.scalars(select(BlindLineUpItem).where(BlindLineUpItem.line_up_id.in_(line_ups))):
        if item.photograph is not None:
            item.photograph -= bisect_left(gone, item.photograph)
        item.candidates = [
            one | {"photograph": one["photograph"] - bisect_left(gone, one["photograph"])} for one in item.candidates
        ]
    session.flush()


def _shows(item: BlindLineUpItem, indices: Collection[int]) -> bool:
    return item.identity in indices or any(one["identity"] in indices for one in item.candidates)
