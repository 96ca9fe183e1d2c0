"""The steps of one cell: upload, audit, result."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from bench.truth import models
from bench.truth.grid import Cell
from exhume import ApiError, Client

RIGHTS = {"declared_by": "bench.truth", "statement": "The model was trained a moment ago for this benchmark."}
PATIENCE = 3600.0


class Desk:
    """The project of a run, with its data sets."""

    def __init__(self, client: Client, folder: Path, target: str = "characters") -> None:
        self.client, self.folder = client, folder
        self.project = client.post("/projects", {"name": "truth"})["id"]
        self.target = client.post(f"/projects/{self.project}/targets", {"name": target})["id"]
        self.sets: dict[str, str] = {}

    def set_of(self, name: str, role: str) -> str:
        """Return the id of a data set, uploaded once."""
        if name not in self.sets:
            made = self.client.post(f"/projects/{self.project}/datasets", {"name": name, "role": role})
            self.sets[name] = self.sent(f"/datasets/{made['id']}", self.folder / f"{name}.npz")["id"]
        return self.sets[name]

    def sent(self, path: str, file: Path) -> dict[str, Any]:
        """Upload a file to this row, wait until it is checked, and return the row."""
        self.client.send_file(path, file)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            row: dict[str, Any] = self.client.get(path)
            if row["state"] in {"ready", "refused"}:
                return row
            time.sleep(0.2)
        raise SystemExit(f"{path} was not checked in time")

    def audited(self, cell: Cell, plan: dict[str, Any]) -> dict[str, Any]:
        """Upload the cell's release, audit it, and return the outcome."""
        models.write_sets(self.folder, cell.classes)
        file = self.folder / "model.onnx"
        models.export(cell, file)
        try:
            announced = {"version": cell.name, **models.description(cell)}
            made = self.client.post(f"/targets/{self.target}/releases", announced)
        except ApiError as error:
            return {"refused": error.code, "reason": error.detail}
        release = self.sent(f"/releases/{made['id']}", file)
        if release["state"] == "refused":
            return {"refused": release["problem"]["code"], "reason": release["problem"]["detail"]}
        sets = {"public": self.set_of("public", "public"), "private": self.set_of(f"private-{cell.classes}", "private")}
        audit = self.finished(release["id"], sets, plan)
        if audit["state"] != "succeeded":
            return {"state": audit["state"], "reason": (audit["problem"] or {}).get("detail")}
        return answer(self.client.get(f"/audits/{audit['id']}/result"), release)

    def finished(self, release: str, sets: dict[str, str], plan: dict[str, Any]) -> dict[str, Any]:
        """Audit a release with these data sets, by role. Return the audit when it has ended."""
        body: dict[str, Any] = {f"{role}_dataset_id": found for role, found in sets.items()}
        body |= {"release_id": release, "rights": RIGHTS, **plan}
        audit: dict[str, Any] = self.client.post(f"/projects/{self.project}/audits", body)
        end = time.monotonic() + PATIENCE
        while audit["state"] not in {"succeeded", "failed", "cancelled"} and time.monotonic() < end:
            time.sleep(0.3)
            audit = self.client.get(f"/audits/{audit['id']}")
        return audit


def answer(result: dict[str, Any], release: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a result document that the table needs."""
    fit, stopped, risk = result.get("fit") or {}, result.get("stopped") or {}, result.get("risk") or {}
    return {
        "verdict": result["verdict"],
        "stopped": stopped.get("code"),
        "fit": fit.get("state"),
        "accuracy": (fit.get("accuracy") or {}).get("value"),
        "outputs": release["examination"]["outputs"],
        "risk": [risk.get(name) for name in ("value", "low", "high")],
        "reason": " ".join([*result["reasons"], *result["decides"]]),
    }
