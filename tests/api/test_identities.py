"""Everything about one identity is exported and erased; others and verdicts stay as they are."""

import asyncio
import io
import json
import stat
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import numpy as np
import pytest
from PIL import Image
from sqlalchemy import select, text, update

from app.datasets.set_digest import set_digest
from app.db.models import (
    Artifact,
    ArtifactUse,
    Audit,
    Dataset,
    Decision,
    IdentityOutcome,
    LegalHold,
    Notification,
    ObjectKey,
    Reconstruction,
    Release,
    Score,
    Waiver,
)
from app.db.session import sync_session
from app.formats.names import matched
from app.identities import finding
from app.identities.documents import ALLOW
from app.kit.ids import public_id
from app.settings import settings
from app.storage.store import store
from app.vault import objects
from app.vault.keys import make_key
from tests.api import seeds
from tests.api.command_line import CommandLine
from tests.api.conftest import ALL, Tenant, created, problem
from tests.api.gated import RELAXED
from tests.api.test_deleted_bytes import everything, found
from tests.results import RESULT
from tests.sealed import fetched
from worker.intake.set_contents import contents_of

ADA, BOB = "Aurelia Vexworth", "Bartholomew Quillfeather"
PEOPLE = [ADA, BOB, "Cordelia Ashgrove", "Dmitri Larkspur"]
LABELS = np.repeat(np.arange(4), 2)
SPLIT = np.where(np.arange(8) % 4 == 3, "held-out", "train")
WHY = {"reason": "request 7 of the person"}
PURPOSE = {"original": True, "purpose": "look at it"}


@dataclass
class World:
    """A private set with an audit of its people, and a decision that names one of them."""

    tenant: Tenant
    private: str
    audit: str
    release: str
    images: Any

    def names(self, name: str = ADA) -> dict[str, Any]:
        return {"names": [{"dataset_id": self.private, "name": name}]}

    @property
    def path(self) -> str:
        return f"/api/v1/projects/{self.tenant.project_id}/identities"

    async def ask(self, what: str, name: str = ADA, **more: Any) -> httpx.Response:
        return await self.tenant.client.post(f"{self.path}/{what}", json=self.names(name) | more)

    async def get(self, path: str, **params: Any) -> httpx.Response:
        return await self.tenant.client.get(f"/api/v1{path}", params=params)


@pytest.fixture
async def world(tenant: Tenant, tmp_path: Path) -> World:
    client, project = tenant.client, tenant.project_id
    policy = {"name": "named", "policy": RELAXED | {"new_findings": "fail", "name_identities": True}}
    made = await created(client, f"/projects/{project}/policies", policy)
    target = await created(client, f"/projects/{project}/targets", {"name": "t"})
    assigned = await client.put(f"/api/v1/targets/{target['id']}/policy", json={"policy_id": made["id"]})
    assert assigned.status_code == 200, assigned.text
    release = await created(client, f"/targets/{target['id']}/releases", seeds.RELEASE | {"classes": PEOPLE})
    sets = f"/projects/{project}/datasets"
    public = await created(client, sets, {"name": "public", "role": "public"})
    private = await created(client, sets, {"name": "private", "role": "private"})
    seeds.make_ready(release["id"], public["id"])
    seeds.make_ready(None, private["id"], identities=PEOPLE)
    images = store_set(private, tmp_path)
    body = {"release_id": release["id"], "public_dataset_id": public["id"], "private_dataset_id": private["id"]}
    audit = await created(client, f"/projects/{project}/audits", body | {"rights": seeds.RIGHTS})
    named = {"p_value": 0.01, "strength": 3.0, "restarts": None, "seeds": None}
    result = RESULT | {
        "named": [{"identity": 0, "name": ADA, **named}, {"identity": 1, "name": BOB, **named}],
        "worst_decile": [ADA],
        "notes": [f"Images are missing for 2 classes, such as {ADA}, {BOB}: the verdict is open."],
    }
    seeds.finish(audit["id"], seeds.add_reconstructions(audit["id"], [0, 1]), result)
    with sync_session() as session:
        outcomes = select(IdentityOutcome).where(IdentityOutcome.audit_id == seeds.uuid_of(audit["id"]))
        for outcome in session.scalars(outcomes):
            outcome.name = PEOPLE[outcome.identity]
        finished = session.get_one(Audit, seeds.uuid_of(audit["id"]))
        finished.finished_at = finished.created_at
    return World(tenant, private["id"], audit["id"], release["id"], images)


def store_set(private: dict[str, Any], tmp_path: Path) -> Any:
    """Store images as the intake does, and an evaluator as a stage does."""
    images = np.random.default_rng(3).integers(0, 256, (8, 32, 32), dtype=np.uint8)
    own, project = seeds.uuid_of(private["id"]), seeds.uuid_of(private["project_id"])
    file, name = tmp_path / "packed.npz", f"datasets/{own}/packed.npz"
    np.savez(file, images=images, labels=LABELS, split=SPLIT)
    with sync_session() as session:
        key = make_key(session, project, name)
        row = session.get_one(Dataset, own)
        contents = contents_of(images, LABELS, SPLIT == "held-out")
        row.object_key, row.digest = name, set_digest(contents, PEOPLE)
        row.notes = [f"Names were changed: '{ADA}'."]
    objects.write(file, name, key)
    file.unlink()
    return images


def add_evaluator(world: World, tmp_path: Path) -> str:
    """Store a file that a stage made of the private set, and return its key."""
    with sync_session() as session:
        audit = session.get_one(Audit, seeds.uuid_of(world.audit))
        name = f"artifacts/{audit.project_id}/evaluator/0"
        row = Artifact(project_id=audit.project_id, kind="evaluator", key="sha256:0", object_key=name)
        row.sha256, row.size_bytes, row.details = "0" * 64, 4, {}
        session.add(row)
        session.flush()
        session.add(ArtifactUse(artifact_id=row.id, audit_id=audit.id))
        key = make_key(session, audit.project_id, name)
    (tmp_path / "evaluator").write_bytes(b"weights that remember")
    objects.write(tmp_path / "evaluator", name, key)
    (tmp_path / "evaluator").unlink()
    return name


async def pictures(world: World, identity: int) -> list[bytes]:
    """Reveal all pictures of an identity."""
    rows = (await world.get(f"/audits/{world.audit}/reconstructions", identity=identity)).json()["items"]
    shown = [await world.get(f"/reconstructions/{row['id']}/image", **PURPOSE) for row in rows]
    return [np.asarray(Image.open(io.BytesIO(one.content))).tobytes() for one in shown if one.status_code == 200]


async def test_nothing_is_left_of_an_erased_identity_and_everything_of_the_others(
    world: World, settings_env: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    evaluator = add_evaluator(world, tmp_path)
    decision = (await world.get(f"/audits/{world.audit}/decision")).json()
    assert decision["names"] == [ADA, BOB]
    with sync_session() as session:
        old = session.get_one(Dataset, seeds.uuid_of(world.private))
        sealed = (Path(store().folder or "") / str(old.object_key)).read_bytes()
        keys = session.execute(select(ObjectKey.object, ObjectKey.wrapped)).all()
        of_ada = Reconstruction.identity == 0
        gone = [*session.scalars(select(Reconstruction.sealed_image).where(of_ada)).all()]
        gone += session.scalars(select(Reconstruction.sealed_film).where(of_ada, Reconstruction.restart == 0)).all()
    needles = {"name": ADA.encode(), "set": sealed[100:400]} | {f"key of {row[0]}": bytes(row[1]) for row in keys}
    needles |= {f"picture {number}": bytes(row or b"") for number, row in enumerate(gone)}
    folders = [settings().data_dir, tmp_path]
    before = found(needles, everything(settings_env["DATABASE_URL"], folders, ""))
    assert {what for what, _ in before} == set(needles), "the search finds what is there"
    needles |= {f"image {place}": world.images[place].tobytes()[:200] for place in (0, 1)}
    needles |= {f"plain picture {number}": one[:200] for number, one in enumerate(await pictures(world, 0))}
    others = await pictures(world, 1)
    assert len(others) == 2
    scores = (await world.get(f"/audits/{world.audit}/identities")).json()["items"]

    preview = (await world.ask("preview")).json()
    assert (preview["images"], preview["pictures"], preview["artifacts"]) == (2, 2, 1)
    assert (preview["possible"], preview["audits"]) == (True, [world.audit])
    assert any(
        one.endswith("1 release, which may remember the identity. Delete the release to destroy them.")
        for one in preview["keeps"]
    )
    answer = await world.ask("erase", **WHY, confirm=preview["confirmation"])
    assert answer.status_code == 200, answer.text

    receipt = answer.json()
    pseudonym = receipt["subject"]
    printed = "".join(capsys.readouterr())
    assert printed, "there is a log to search"
    assert found(needles, everything(settings_env["DATABASE_URL"], folders, printed)) == set()
    assert not store().exists(evaluator)

    with sync_session() as session:
        row = session.get_one(Dataset, seeds.uuid_of(world.private))
        stored = np.load(fetched(str(row.object_key), tmp_path / "again.npz"))
        moved = session.scalars(select(Score.nearest_reference).order_by(Score.nearest_reference)).all()
        assert not any("references" in details for details in session.scalars(select(Score.details)))
    assert (stored["images"] == world.images[2:]).all()
    assert (stored["labels"].tolist(), row.identities, row.images) == ([0, 0, 1, 1, 2, 2], PEOPLE[1:], 6)
    contents = contents_of(stored["images"], stored["labels"], stored["split"] == "held-out")
    assert row.digest == set_digest(contents, PEOPLE[1:]) == receipt["document"]["sets"][0]["digest_after"]
    assert moved == [0, None, None, None], "of images 0, 1, 1 and 2"
    assert await pictures(world, 1) == others
    assert await pictures(world, 0) == []

    shown = (await world.get(f"/audits/{world.audit}")).json()
    assert (shown["verdict"], shown["images_deleted"]) == ("FAIL", False)
    result = (await world.get(f"/audits/{world.audit}/result")).json()
    assert [one["name"] for one in result["named"]] == [pseudonym, BOB]
    assert result["notes"][0] == f"Images are missing for 2 classes, such as {pseudonym}, {BOB}: the verdict is open."
    assert "was erased on" in result["notes"][-1]
    assert {name: value for name, value in result.items() if name not in {"named", "notes", "worst_decile"}} == {
        name: value for name, value in RESULT.items() if name not in {"named", "notes", "worst_decile"}
    }
    after = (await world.get(f"/audits/{world.audit}/identities")).json()["items"]
    assert [one["name"] for one in after] == [pseudonym, BOB]
    assert [one["similarity"] for one in after] == [one["similarity"] for one in scores]
    assert (await world.get(f"/audits/{world.audit}/decision")).json() == decision | {
        "names": [pseudonym, BOB],
        "rules": [rule | {"reason": rule["reason"].replace(ADA, pseudonym)} for rule in decision["rules"]],
        "sentence": decision["sentence"].replace(ADA, pseudonym),
    }
    entries = (await world.get(f"/projects/{world.tenant.project_id}/audit-log")).json()["items"]
    [entry] = [one for one in entries if one["action"] == "identity.erased"]
    assert (entry["actor"], entry["subject"], entry["details"]["reason"]) == ("key:ours all", pseudonym, WHY["reason"])
    problem(await world.ask("erase", **WHY), 404, "no_such_identity")


async def test_other_spellings_of_the_name_go_too(world: World) -> None:
    """Sentences have one space for two, and waivers are written by hand."""
    assert (await world.get(f"/audits/{world.audit}/decision")).status_code == 200
    name, waived, reason = ADA.replace(" ", "  "), ADA.upper(), f"{ADA.upper()} agreed"
    with sync_session() as session:
        session.get_one(Dataset, seeds.uuid_of(world.private)).identities = [name, *PEOPLE[1:]]
        release = session.get_one(Release, seeds.uuid_of(world.release))
        release.classes = [name, *PEOPLE[1:]]
        news = Notification(project_id=release.project_id, kind="decision.made")
        news.payload = {"sentence": f"1 person is named for the first time ({ADA})."}
        waiver = Waiver(project_id=release.project_id, target_id=release.target_id, release_id=release.id)
        waiver.finding, waiver.reason, waiver.digest, waiver.until_next_release = waived, reason, "sha256:0", False
        waiver.expires_at, waiver.asked_by, waiver.asked_by_id = datetime.now(UTC), "dana", uuid4()
        session.add_all([news, waiver])
        session.execute(ALLOW, {"to": "yes"})
        decision = session.scalars(select(Decision)).one()
        shown = [{"finding": waived, "reason": reason}, {"finding": None, "reason": reason}]
        decision.document = {"rules": [{"waivers": shown}]}
    held = await world.ask("export", name, purpose="request 7")
    document = json.loads(zipfile.ZipFile(io.BytesIO(held.content)).read("identity.json"))
    assert (len(document["decisions"]), len(document["waivers"])) == (1, 1)
    pseudonym = (await world.ask("erase", name, **WHY)).json()["subject"]
    with sync_session() as session:
        [shown] = [one["waivers"] for one in session.scalars(select(Decision.document)).one()["rules"]]
        assert [one["finding"] for one in shown] == [pseudonym, None]
        assert {one["reason"] for one in shown} == {f"{pseudonym} agreed"}
        written = session.scalars(select(Waiver)).one()
        assert (written.finding, written.reason) == (pseudonym, f"{pseudonym} agreed")
        assert (
            session.get_one(Notification, news.id).payload["sentence"]
            == f"1 person is named for the first time ({pseudonym})."
        )


async def test_a_name_in_the_reasons_of_other_waivers_and_of_holds_goes_too(world: World) -> None:
    assert (await world.get(f"/audits/{world.audit}/decision")).status_code == 200
    reason = f"{ADA} has agreed, and Adamant too"
    with sync_session() as session:
        release = session.get_one(Release, seeds.uuid_of(world.release))
        waiver = Waiver(project_id=release.project_id, target_id=release.target_id, release_id=release.id)
        waiver.rule, waiver.reason, waiver.digest, waiver.until_next_release = "EXH001", reason, "sha256:0", False
        waiver.expires_at, waiver.asked_by, waiver.asked_by_id = datetime.now(UTC), "dana", uuid4()
        hold = LegalHold(project_id=release.project_id, subject=f"aud_{uuid4().hex}", reason=reason, placed_by="x")
        session.add_all([waiver, hold])
        session.flush()
        known = [f"wai_{waiver.id.hex}", f"hld_{hold.id.hex}"]
    assert (await world.ask("preview")).json()["rewrites"] == known
    pseudonym = (await world.ask("erase", **WHY)).json()["subject"]
    with sync_session() as session:
        for table in (Waiver, LegalHold):
            assert session.scalars(select(table.reason)).one() == f"{pseudonym} has agreed, and Adamant too"
        assert session.scalars(select(Waiver.finding)).one() is None


async def test_releases_with_the_same_classes_are_matched_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with sync_session() as session:
        target = session.get_one(Release, seeds.uuid_of(world.release)).target_id
    for version in ("2.0", "3.0"):
        body = seeds.RELEASE | {"classes": PEOPLE, "version": version}
        await created(world.tenant.client, f"/targets/{public_id('tgt', target)}/releases", body)
    compared: list[int] = []

    def counted(names: Any, known: Any) -> Any:
        compared.append(len(known))
        return matched(names, known)

    monkeypatch.setattr(finding, "matched", counted)
    preview = (await world.ask("preview")).json()
    assert (len(preview["classes"]), compared) == (3, [len(PEOPLE)])
    assert any("3 releases" in one and "Delete the releases" in one for one in preview["keeps"])


async def test_what_stands_in_the_way_of_an_erasure(world: World, stranger: Tenant) -> None:
    with sync_session() as session:
        session.execute(update(Audit).values(state="running"))
    assert (await world.ask("preview")).json()["running_audits"] == [world.audit]
    problem(await world.ask("erase", **WHY), 409, "in_use")
    with sync_session() as session:
        session.execute(update(Audit).values(state="succeeded"))
    for subject in (world.private, world.audit, world.release):
        held = {"subject": subject, "reason": "court order 7"}
        hold = await created(world.tenant.client, f"/projects/{world.tenant.project_id}/holds", held)
        assert "court order 7" in problem(await world.ask("erase", **WHY), 409, "held")["detail"]
        assert (await world.tenant.client.post(f"/api/v1/holds/{hold['id']}/release")).status_code == 200
    problem(await world.ask("erase", reason=f"{ADA} asked"), 422, "name_in_reason")
    problem(await world.ask("erase", **WHY, confirm="sha256:0"), 409, "deletion_changed")
    problem(await world.ask("erase", "Nobody", **WHY), 404, "no_such_identity")
    everybody: dict[str, Any] = {"names": [{"dataset_id": world.private, "name": name} for name in PEOPLE]}
    problem(await world.tenant.client.post(f"{world.path}/erase", json={**everybody, **WHY}), 409, "last_identity")
    looked = (await world.tenant.client.post(f"{world.path}/preview", json=everybody)).json()
    assert (looked["left_empty"], looked["possible"]) == ([world.private], False)
    theirs = f"/api/v1/projects/{stranger.project_id}/identities/erase"
    problem(await stranger.client.post(theirs, json=world.names() | WHY), 404, "no_such_dataset")
    preview = (await world.ask("preview")).json()
    assert (preview["left_empty"], preview["possible"]) == ([], True), "nothing was changed"


async def test_an_audit_that_is_asked_for_during_an_erasure_is_planned_after_it(world: World) -> None:
    with sync_session() as session:
        old = session.get_one(Audit, seeds.uuid_of(world.audit))
        body = {"release_id": world.release, "public_dataset_id": public_id("dst", old.public_dataset_id)}
    body |= {"private_dataset_id": world.private, "rights": seeds.RIGHTS}
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    with sync_session() as session:
        private = session.get_one(Dataset, seeds.uuid_of(world.private), with_for_update=True)
        release = session.get_one(Release, seeds.uuid_of(world.release), with_for_update=True)
        private.identities, release.classes = PEOPLE[1:], ["erased-1", *PEOPLE[1:]]
        session.flush()
        asking = asyncio.create_task(created(world.tenant.client, f"/projects/{world.tenant.project_id}/audits", body))
        async with asyncio.timeout(20):
            while not session.scalar(waiting):  # noqa: ASYNC110 - PostgreSQL does not say when somebody waits
                await asyncio.sleep(0.02)
    audit = await asking
    with sync_session() as session:
        assert session.get_one(Audit, seeds.uuid_of(audit["id"])).plan["identities"] == [1, 2, 3]


async def test_the_commands(
    world: World, transport: httpx.ASGITransport, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    exhume = CommandLine(transport, monkeypatch, await world.tenant.key(*ALL))
    archive, name = tmp_path / "ada.zip", f"{world.private}:{ADA}"
    archive.touch(0o644)
    await exhume("identity", "export", name, "--output", str(archive), "--purpose", "request 7")
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    assert "identity.json" in zipfile.ZipFile(archive).namelist()
    looked = await exhume.run("identity", "erase", name, "--preview")
    assert (looked.exit_code, "deletes 2 images" in looked.stderr) == (0, True)
    everybody = await exhume.run("identity", "erase", *(f"{world.private}:{one}" for one in PEOPLE), "--preview")
    assert (everybody.exit_code, f"nobody else is in data set {world.private}" in everybody.stderr) == (1, True)
    receipt = (await exhume("identity", "erase", name, "--reason", "request 7", "--yes")).strip()
    assert receipt in await exhume("receipt", "list", "--project", world.tenant.project_id)
