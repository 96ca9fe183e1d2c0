"""Send generated requests to every operation of a running service, and look for wrong answers.

    python -m bench.hostile.generated_requests [--seconds 180] [--seed 1]

Starts a service, and has schemathesis send requests that follow `openapi.json`, and requests that
do not, with the operator's key and with the key of a project. Half of the time goes to each. Wrong
are server errors, answers that the document does not name, and bodies that differ from it. Ends
with 1 if there are any. The same seed sends the same requests in the same order.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.serving import Service, serving

DOCUMENT = Path(__file__).resolve().parents[2] / "openapi.json"
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
LEFT_OUT = "/events$|^/api/v1/uploads/"
"""Streams that do not end, and pieces of resumable uploads, which schemathesis cannot write."""
SCOPES = ("targets:write", "datasets:write", "audits:read", "audits:write", "policies:write", "keys:write", "log:read")


def keys(service: Service) -> dict[str, str]:
    """Return the operator's key, and one of a new project, by name."""
    project = service.client.post("/projects", {"name": "fuzzed"})["id"]
    made = service.client.post(f"/projects/{project}/keys", {"name": "fuzz", "scopes": list(SCOPES)})
    return {"operator": service.key, "project": made["key"]}


def sent(url: str, key: str, *, folder: str, seconds: int, seed: int) -> int:
    """Send requests with a key. Returns the exit code of schemathesis, which runs in a folder."""
    program = Path(sys.executable).with_name("schemathesis")
    what = [f"--checks={CHECKS}", "--phases=examples,coverage,fuzzing", f"--exclude-path-regex={LEFT_OUT}"]
    how = [f"--max-time={seconds}", f"--seed={seed}", "--request-timeout=60", "--continue-on-failure", "--warnings=off"]
    how += ["--generation-database=none"]  # nothing of an earlier run
    where = [str(DOCUMENT), f"--url={url}", f"--header=Authorization: Bearer {key}"]
    return subprocess.run([program, "run", *where, *what, *how, "--no-color"], cwd=folder, check=False).returncode


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=180)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    again = f'make fuzz-api ARGS="--seconds {args.seconds} --seed {args.seed}"'
    print(f"again: {again}", flush=True)
    with tempfile.TemporaryDirectory(prefix="exhume-requests-") as folder, serving(Path(folder)) as service:
        url = str(service.client.url)
        codes = {
            name: sent(url, key, folder=folder, seconds=args.seconds // 2, seed=args.seed)
            for name, key in keys(service).items()
        }
    if any(codes.values()):
        sys.exit(f"wrong answers with the key of: {', '.join(name for name, code in codes.items() if code)}\n{again}")


if __name__ == "__main__":
    main()
