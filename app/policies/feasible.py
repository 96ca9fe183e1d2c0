"""Rejects a policy that the newest release of a target can never pass."""

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


async def cannot_pass(session: AsyncSession, policy: Policy, target: Target) -> str | None:
    """Return why no audit of the newest release can pass, or None."""
    release = await repository.newest_release(session, target.id)
    found = None if release is None else impossible(policy, len(release.classes))
    return None if found is None or release is None else f"{target.name} {release.version} cannot pass. {found.words}"
