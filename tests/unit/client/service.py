"""A service in memory: releases, data sets, uploads, and audits that end as a test says.

It answers a mock transport of httpx. `tests.unit.client.listening` serves it on a port.
"""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from app.contract.plan import Plan, PlanSummary
from tests.worker.rows import PLAN

ROOT = "/api/v1"
NOW = "2026-11-29T07:00:00Z"
DIGEST = "sha256:" + "0" * 64


def ident(prefix: str, number: int) -> str:
    """Return a public id."""
    return f"{prefix}_{number:032x}"


def decision(outcome: str = "pass", *rules: str, **more: Any) -> dict[str, Any]:
    """Return a decision in which these rules, such as `EXH001=fail`, have an outcome."""
    readings = [rule.split("=") for rule in rules or ("EXH001=pass",)]
    return {
        "schema": "exhume.decision/1",
        "outcome": outcome,
        "sentence": f"The decision is {outcome}.",
        "next_step": None if outcome == "pass" else "Retrain the model with fewer epochs.",
        "at": NOW,
        "until": None,
        "audit": ident("aud", 1),
        "url": None,
        "verdict": "PASS",
        "evidence_level": "verified",
        "risk": {"value": 0.02, "low": 0.0, "high": 0.04, "bound_low": 0.0, "bound_high": 0.03},
        "identities": 30,
        "noun": "people",
        "release": {"id": ident("rel", 1), "target": "badge-reader", "version": "1", "digest": DIGEST},
        "policy": {"id": None, "name": "default", "version": 1, "digest": DIGEST},
        "rules": [
            {"id": rule, "name": rule.lower(), "title": rule, "outcome": found, "reason": f"{rule} says {found}."}
            for rule, found in readings
        ],
        "exposed": 0,
        "names": None,
        "engine": "1",
        **more,
    }


@dataclass
class Service:
    """The state of the service. `ends` is the state of every audit when it is asked for."""

    ends: str = "succeeded"
    verdict: str = "PASS"
    decided: dict[str, Any] = field(default_factory=decision)
    refusing: dict[str, int] = field(default_factory=dict)
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    sent: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        for name in ("projects", "targets", "releases", "datasets", "uploads", "audits", "policies"):
            self.rows.setdefault(name, [])

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer a request of a mock transport. An asynchronous body is not supported."""
        status, headers, body = self.answer(
            request.method, str(request.url), dict(request.headers), request.read() if request.method != "GET" else b""
        )
        return httpx.Response(status, headers=headers, content=body)

    def answer(self, method: str, url: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers and body."""
        address = urlsplit(url)
        path = address.path.removeprefix(ROOT)
        self.asked.append(f"{method} {path}")
        for end, status in self.refusing.items():
            if f"{method} {path}".endswith(end):
                return status, {}, json.dumps({"code": "refused", "detail": f"No {end}."}).encode()
        if method == "HEAD" or (method == "POST" and path.endswith("/uploads")) or method == "PATCH":
            return self._tus(method, path, {name.lower(): value for name, value in headers.items()}, body)
        if path == "/readyz":
            return 200, {}, b"{}"
        if path.endswith("/events"):
            return 200, {"Content-Type": "text/event-stream"}, self._events()
        document = self._document(method, path, json.loads(body or b"{}"), parse_qs(address.query))
        if document is None:
            code = "no_such_checkpoint" if path.endswith("/reuse") else "not_found"
            return 404, {}, json.dumps({"code": code, "detail": f"There is no {path}."}).encode()
        status = 409 if document is CONFLICT else 201 if method == "POST" else 200
        return status, {}, json.dumps(document).encode()

    def _events(self) -> bytes:
        job = {"stage": "attack", "shard": 0, "shards": 1, "state": "running", "attempt": 1}
        event = {"seq": 1, "kind": "job", "at": NOW, "payload": job}
        return f"data: {json.dumps(event)}\n\n".encode()

    def _document(self, method: str, path: str, body: dict[str, Any], query: dict[str, list[str]]) -> Any:
        words = path.strip("/").split("/")
        match method, words:
            case "POST", ["checkpoints", "preflight"]:
                return {"verdict": "fits", "problem": None, "proposals": []}
            case "POST", ["projects"]:
                return self._add("projects", "prj", {"name": body["name"], "created_at": NOW})
            case "POST", ["projects", project, "audits"]:
                return self._add("audits", "aud", self._audit(project, body))
            case "POST", ["projects", project, "targets"]:
                return self._add("targets", "tgt", {"project_id": project, "description": "", **body})
            case "POST", ["projects", project, "datasets"]:
                nothing = dict.fromkeys(("problem", "sha256", "notes", "images", "identity_count"))
                return self._add("datasets", "dst", {**nothing, "project_id": project, **body, **AWAITING})
            case "POST", ["projects", project, "policies"]:
                newest = {"version": 1, "policy": body["policy"]}
                return self._add("policies", "pol", {"project_id": project, "name": body["name"], "newest": newest})
            case "POST", ["policies", policy, "versions"]:
                found = self._found("policies", policy)
                if found is not None:
                    found["newest"] = {"version": found["newest"]["version"] + 1, "policy": body["policy"]}
                return found and found["newest"]
            case "PUT" | "GET", ["targets", target, "policy"]:
                found = self._found("targets", target)
                if found is not None:
                    found |= body
                return {"policy_id": found and found.get("policy_id"), "inherited": False}
            case "POST", ["targets", target, "releases"] if self._taken(target, body["version"]):
                return CONFLICT
            case "POST", ["targets", target, "releases"]:
                return self._add("releases", "rel", self._release(target, body))
            case "POST", ["releases", release, "imports"]:
                found = self._found("releases", release)
                if found is not None:
                    found["state"] = "ready"
                nothing = dict.fromkeys(("filename", "sha256", "problem"))
                more = {"state": "complete", "length": 1, "received": 1, "address": body["address"]}
                return self._add("uploads", "upl", {**nothing, **more})
            case "POST", ["releases", release, "reuse"]:
                held = [one for one in self.rows["releases"] if one["state"] == "ready"]
                same = [one for one in held if one["sha256"] == body["sha256"]]
                found = self._found("releases", release)
                if found is not None and same:
                    found["state"] = "ready"
                return found if same else None
            case "GET", ["audits", audit, "decision"]:
                return self.decided if self._found("audits", audit) else None
            case "GET", ["audits", _, "jobs"]:
                return {"items": [], "next_cursor": None}
            case "GET", [kind, identifier] if kind in self.rows:
                return self._found(kind, identifier)
            case "GET", [*_, kind] if kind in self.rows:
                rows = [_listed(one) for one in reversed(self.rows[kind]) if _within(one, words)]
                wanted = query.get("state")
                return {"items": [one for one in rows if not wanted or one["state"] in wanted], "next_cursor": None}
        return None

    def _add(self, kind: str, prefix: str, row: dict[str, Any]) -> dict[str, Any]:
        made = {"id": ident(prefix, len(self.rows[kind]) + 1), **row}
        self.rows[kind].append(made)
        return made

    def _found(self, kind: str, identifier: str) -> dict[str, Any] | None:
        return next((one for one in self.rows[kind] if one["id"] == identifier), None)

    def _taken(self, target: str, version: str) -> bool:
        return any((one["target_id"], one["version"]) == (target, version) for one in self.rows["releases"])

    def _release(self, target: str, body: dict[str, Any]) -> dict[str, Any]:
        of = self._found("targets", target)
        assert of is not None
        optional = {"architecture": "auto", "classes_are": "person", "examination": {"notes": []}}
        optional |= {"original": None, "original_until": None}
        nothing: dict[str, Any] = dict.fromkeys(("problem", "sha256", "twin_of"))
        confirmed = {
            "class_count": len(body["classes"]),
            "class_order_confirmed": body.get("confirm_class_order", False),
        }
        owner = {"project_id": of["project_id"], "target_id": target, "target_name": of["name"]}
        return {**optional, **nothing, **owner, **confirmed, **body, **AWAITING}

    def _audit(self, project: str, body: dict[str, Any]) -> dict[str, Any]:
        release = self._found("releases", body["release_id"])
        assert release is not None
        done = self.ends == "succeeded"
        figures = dict.fromkeys(("risk", "risk_low", "risk_high"), 0.02 if done else None)
        failed = {"code": "stage_failed", "detail": "Stage attack failed.", "errors": []}
        estimate = {"seconds": 60.0, "measured": False, "identities": 4, "concludes": [], "attacks": []}
        return {
            "project_id": project,
            "release": {name: release[name] for name in ("id", "version", "target_id", "target_name")},
            "plan": self._plan(body),
            **{f"{role}_dataset": self._found("datasets", body.get(f"{role}_dataset_id", "")) for role in ROLES},
            "state": self.ends,
            "problem": failed if self.ends == "failed" else None,
            "estimate": estimate | {"setting": "lom", "prior": "pca"},
            "verdict": self.verdict if done else None,
            "sentence": None,
            "evidence_level": "verified" if done else None,
            **figures,
            "created_at": NOW,
            "finished_at": NOW if done else None,
            "request": body,
        }

    def _plan(self, body: dict[str, Any]) -> dict[str, Any]:
        plan = Plan.load(PLAN).document() | {name: body[name] for name in ("effort", "seed", "budget") if name in body}
        plan["identity_sample"]["count"] = body.get("identities") or plan["identity_sample"]["count"]
        return plan

    def _tus(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        if method == "POST":
            length = int(headers["upload-length"])
            made = self._add("uploads", "upl", {"length": length, "subject": path.removesuffix("/uploads")})
            self.sent[made["id"]] = b""
            return 201, {"Location": f"{ROOT}/uploads/{made['id']}"}, b""
        identifier = path.rpartition("/")[2]
        self.sent[identifier] += body
        upload = self._found("uploads", identifier)
        assert upload is not None
        if len(self.sent[identifier]) == upload["length"]:
            upload["state"] = "complete"
            kind, _, subject = upload["subject"].strip("/").partition("/")
            found = self._found(kind, subject)
            assert found is not None
            found |= {"state": "ready", "sha256": hashlib.sha256(self.sent[identifier]).hexdigest()}
        return 204, {"Upload-Offset": str(len(self.sent[identifier]))}, b""


AWAITING = {"state": "awaiting_upload"}
ROLES = ("public", "private", "gallery")
CONFLICT = {"code": "version_taken", "detail": "There is one already."}


def _listed(row: dict[str, Any]) -> dict[str, Any]:
    """Return what a list shows of a row."""
    if "plan" in row:
        return row | {"plan": PlanSummary.of(Plan.load(row["plan"])).model_dump(mode="json")}
    return {name: value for name, value in row.items() if name not in {"classes", "replaced", "examination"}}


def _within(row: dict[str, Any], words: list[str]) -> bool:
    """Tell whether a row belongs to the list that the path names."""
    if len(words) == 1 or words[-1] == "uploads":
        return words[-1] != "uploads" or row.get("state") == "receiving"
    return words[1] in {row.get("project_id"), row.get("target_id")}
