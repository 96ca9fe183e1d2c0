"""Rejects a policy that the newest release of a target can never pass."""

from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession

from app.contract.policy import Policy
from app.db.models import Target
from app.errors import UnprocessableError
from app.gate.feasibility import impossible
from app.policies import repository


async def check(session: AsyncSession, policy: Policy, target: Target) -> None:
    """Raise `UnprocessableError` with the number of identities that the policy needs."""
    if (why := await cannot_pass(session, policy, target)) is not None:
        raise UnprocessableError("policy_cannot_pass", why)


async def check_all(session: AsyncSession, policy: Policy, targets: ColumnElement[bool]) -> None:
    """Check a policy for the newest releases of all these targets.

    The one with the fewest classes decides: what it can pass, all others can.
    """
    smallest = await repository.fewest_classes(session, targets)
    if smallest is not None and (why := _why(policy, *smallest)) is not None:
        raise UnprocessableError("policy_cannot_pass", why)


async def cannot_pass(session: AsyncSession, policy: Policy, target: Target) -> str | None:
    """Return why no audit of the newest release can pass, or None."""
    release = await repository.newest_release(session, target.id)
    return None if release is None else _why(policy, target.name, release.version, len(release.classes))


def _why(policy: Policy, name: str, version: str, classes: int) -> str | None:
    found = impossible(policy, classes)
    return None if found is None else f"{name} {version} cannot pass. {found.words}"
