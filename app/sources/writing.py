"""Writes the result of an audit to the model version in MLflow that was audited."""

from app.db.models import Audit, Release, Source, SourceChange
from app.kit.ids import public_id
from app.outbound.transport import PinnedClient
from app.settings import Settings
from app.sources import addresses
from app.sources.checking import mlflow


def tags(audit: Audit, release: Release, settings: Settings) -> dict[str, str]:
    """Return the tags. Their values are strings."""
    identifier = public_id("aud", audit.id)
    page = f"{settings.public_url.rstrip('/')}/audits/{identifier}" if settings.public_url else identifier
    return {
        "exhume.verdict": str(audit.verdict),
        "exhume.risk": "" if audit.risk is None else f"{audit.risk:.4f}",
        "exhume.audit_url": page,
        "exhume.digest": f"sha256:{release.sha256}",
    }


async def write(
    client: PinnedClient, source: Source, change: SourceChange, audit: Audit, release: Release, *, settings: Settings
) -> None:
    """Set the tags, and the alias on a PASS. Safe to repeat. Raises: ProblemError."""
    version = {"name": addresses.parse(source.address).place, "version": change.revision}
    if source.write_back:
        for key, value in tags(audit, release, settings).items():
            await mlflow(client, "POST", "model-versions/set-tag", version | {"key": key, "value": value}, settings)
    if source.pass_alias is not None and audit.verdict == "PASS":
        alias = version | {"alias": source.pass_alias}
        await mlflow(client, "POST", "registered-models/alias", alias, settings)
