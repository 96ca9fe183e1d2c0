"""Targets with audited releases, as the stages of an audit leave them, and their decisions."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.db.models import Audit, Dataset, Notification, Release
from app.db.session import sync_session
from app.db.states import AuditState, IntakeState
from app.kit.ids import public_id
from tests.api import seeds
from tests.api.conftest import Tenant, created
from tests.unit.gate.cases import result

CLASSES = [f"person {number}" for number in range(60)]
LEAKING: dict[str, Any] = {"low": 0.5, "value": 0.6, "high": 0.7, "verdict": "FAIL", "codes": ("lower_above_budget",)}
RELAXED: dict[str, Any] = {"schema": "exhume.policy/1", "fewest_identities": 1}
WAIVED: dict[str, Any] = {"rule": "EXH001", "reason": "The demonstration ends soon."}


@dataclass
class Line:
    """A target whose releases are audited without a worker."""

    tenant: Tenant
    target: str
    dataset: UUID
    releases: list[str] = field(default_factory=list)

    async def get(self, path: str) -> dict[str, Any]:
        """GET what must be there."""
        answer = await self.tenant.client.get(f"/api/v1{path}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def post(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """POST a request that must succeed."""
        answer = await self.tenant.client.post(f"/api/v1{path}", json=body)
        assert answer.status_code in {200, 201}, answer.text
        return dict(answer.json())

    async def policy(self, name: str = "strict", **document: Any) -> dict[str, Any]:
        """Create a policy and assign it."""
        body = {"name": name, "policy": RELAXED | document}
        made = await created(self.tenant.client, f"/projects/{self.tenant.project_id}/policies", body)
        await self.assign(made["id"])
        return made

    async def assign(self, policy: str | None) -> None:
        """Assign a policy to the target."""
        answer = await self.tenant.client.put(f"/api/v1/targets/{self.target}/policy", json={"policy_id": policy})
        assert answer.status_code == 200, answer.text

    async def release(self, *, sha256: str | None = None) -> str:
        """Create a release that is ready."""
        version = str(len(self.releases) + 1)
        body = seeds.RELEASE | {"version": version, "classes": CLASSES}
        made = await created(self.tenant.client, f"/targets/{self.target}/releases", body)
        with sync_session() as session:
            row = session.get_one(Release, seeds.uuid_of(made["id"]))
            row.state, row.sha256 = IntakeState.READY, sha256 or f"{len(self.releases) + 1:064x}"
        self.releases.append(made["id"])
        return str(made["id"])

    def audit(self, release: str, *, ended: datetime | None = None, **of_result: Any) -> str:
        """Add a finished audit of a release. Its result passes unless it says otherwise."""
        found = result(**of_result)
        risk = found.risk.model_dump() if found.risk else {"value": None, "low": None, "high": None}
        columns = {"risk": risk["value"], "risk_low": risk["low"], "risk_high": risk["high"]}
        columns |= {"evidence_level": found.evidence_level, "verdict": found.verdict}
        return self.row(release, result=found.document(), finished_at=ended, **columns)

    def row(self, release: str, **values: Any) -> str:
        """Add an audit with these values."""
        whole: dict[str, Any] = {"state": AuditState.SUCCEEDED, "plan": {}, "plan_digest": "sha256:0", "estimate": {}}
        whole |= {"declared_by": "Ada", "declaration": "Ours.", "requested_by": "tests", "finished_at": None}
        whole |= values
        with sync_session() as session:
            made = Audit(
                project_id=seeds.uuid_of(self.tenant.project_id),
                release_id=seeds.uuid_of(release),
                public_dataset_id=self.dataset,
                delete_images_at=datetime.now(UTC) + timedelta(days=30),
                **whole | {"finished_at": whole["finished_at"] or datetime.now(UTC)},
            )
            session.add(made)
            session.flush()
            return public_id("aud", made.id)

    async def decision(self, audit: str) -> dict[str, Any]:
        """Return the decision of an audit."""
        return await self.get(f"/audits/{audit}/decision")


async def line(tenant: Tenant, name: str = "badge-reader") -> Line:
    """Create a target, and a data set that audits refer to."""
    target = await created(tenant.client, f"/projects/{tenant.project_id}/targets", {"name": name})
    with sync_session() as session:
        dataset = Dataset(project_id=seeds.uuid_of(tenant.project_id), name=f"public of {name}", role="public")
        session.add(dataset)
        session.flush()
        return Line(tenant, target["id"], dataset.id)


def events() -> list[tuple[str, str]]:
    """Return kind and audit of all events, oldest first."""
    with sync_session() as session:
        rows = session.scalars(select(Notification).order_by(Notification.created_at, Notification.id))
        return [(row.kind, row.payload.get("audit") or row.payload.get("waiver", "")) for row in rows]


def outcomes(decision: dict[str, Any]) -> dict[str, str]:
    """Return the outcome of each rule."""
    return {rule["id"]: rule["outcome"] for rule in decision["rules"]}


def waiver_body(**changes: Any) -> dict[str, Any]:
    """Return a request for a waiver that expires in 30 days."""
    return WAIVED | {"expires_at": (datetime.now(UTC) + timedelta(days=30)).isoformat()} | changes
