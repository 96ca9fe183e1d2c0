"""Compare `pip-audit` and `npm audit` with the findings in `.ci/accepted-findings.toml`.

    python .ci/advisories.py

A finding that is not in the list fails. An advisory service that cannot be reached does not: the
step then says that nothing was checked, because a build must not depend on a foreign service.
"""

import datetime
import json
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LIST = Path(__file__).with_name("accepted-findings.toml")
PYTHON = [
    *(sys.executable, "-m", "pip_audit", "--vulnerability-service", "pypi", "--format", "json", "--timeout", "20"),
    *("--progress-spinner", "off", "--disable-pip", "--no-deps", "--requirement", "constraints.txt"),
]
NPM = ["npm", "--prefix", "frontend", "audit", "--json"]
UNREACHABLE = "not checked: advisory service unreachable"


@dataclass(frozen=True, order=True)
class Finding:
    """A known vulnerability of a package."""

    package: str
    id: str


@dataclass(frozen=True)
class Checked:
    """Findings of an audit, and packages that it could not look up. None if it could not ask."""

    findings: set[Finding] | None
    skipped: tuple[str, ...] = ()


def of_pip(text: str) -> Checked:
    """Read the output of `pip-audit --format json`."""
    answer = _parsed(text)
    if answer is None or not isinstance(answer.get("dependencies"), list):
        return Checked(None)
    packages = answer["dependencies"]
    skipped = tuple(one["name"] for one in packages if "skip_reason" in one)
    if len(skipped) == len(packages):
        return Checked(None)
    return Checked({Finding(one["name"], found["id"]) for one in packages for found in one.get("vulns", [])}, skipped)


def of_npm(text: str) -> Checked:
    """Read `npm audit --json`. Advisories are named by the last part of their address."""
    answer = _parsed(text)
    if answer is None or not isinstance(answer.get("vulnerabilities"), dict):
        return Checked(None)
    causes = [cause for one in answer["vulnerabilities"].values() for cause in one["via"] if isinstance(cause, dict)]
    return Checked({Finding(cause["name"], str(cause["url"]).rpartition("/")[2]) for cause in causes})


def accepted(path: Path = LIST) -> set[Finding]:
    """Read the list; each entry has a reason and a date."""
    entries = tomllib.loads(path.read_text()).get("accepted", [])
    for entry in entries:
        if not entry.get("reason") or not isinstance(entry.get("date"), datetime.date):
            raise SystemExit(f"{path.name}: {entry.get('id')} needs a reason and a date")
    return {Finding(entry["package"], entry["id"]) for entry in entries}


def report(name: str, checked: Checked, known: set[Finding]) -> bool:
    """Print what an audit found; True unless something is new."""
    if checked.findings is None:
        print(f"{name}: {UNREACHABLE}")
        return True
    if checked.skipped:
        print(f"{name}: nothing known about {', '.join(checked.skipped)}")
    new = sorted(checked.findings - known)
    for finding in new:
        print(f"{name}: {finding.package}: {finding.id} is new; update, or accept it in {LIST.name} with a reason")
    if not new:
        print(f"{name}: {len(checked.findings)} findings, all accepted" if checked.findings else f"{name}: no findings")
    return not new


def _parsed(text: str) -> dict[str, Any] | None:
    try:
        answer = json.loads(text)
    except json.JSONDecodeError:
        return None
    return answer if isinstance(answer, dict) else None


def _output(command: list[str]) -> str:
    return subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False).stdout


def main() -> None:
    """Run both audits; exit with 1 if one found something new."""
    known = accepted()
    right = [report("pip-audit", of_pip(_output(PYTHON)), known), report("npm audit", of_npm(_output(NPM)), known)]
    sys.exit(0 if all(right) else 1)


if __name__ == "__main__":
    main()
