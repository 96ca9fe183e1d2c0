"""Write the summary of a decision to one comment on the pull request, and update it later.

Needs Python's standard library alone. It never fails the job, because a pull request from a fork
has no token that may comment.
"""

import hashlib
import json
import os
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

PAGE, MOST_PAGES = 100, 30
TRUSTED = {"OWNER", "MEMBER", "COLLABORATOR"}


def main(reports: Path) -> None:
    """Create or update the comment."""
    event = os.environ.get("GITHUB_EVENT_PATH")
    number = json.loads(Path(event).read_text()).get("pull_request", {}).get("number") if event else None
    summary, decision = reports / "summary.md", reports / "decision.json"
    if number is None or not summary.is_file() or not decision.is_file():
        print("No comment: this is not a pull request, or there is no decision.")
        return
    target = json.loads(decision.read_text())["release"]["target"]
    marker = f"<!-- exhume-gate {hashlib.sha256(target.encode()).hexdigest()[:16]} -->"
    comments = f"/issues/{number}/comments"
    body = {"body": f"{marker}\n{summary.read_text()}"}
    try:
        found = earlier(comments, marker)
        if found is None:
            request("POST", comments, body)
        else:
            request("PATCH", f"/issues/comments/{found}", body)
    except urllib.error.HTTPError as error:
        print(f"::warning::Exhume could not comment on the pull request (HTTP {error.code}).")
    except OSError as error:
        print(f"::warning::Exhume could not comment on the pull request ({error}).")


def earlier(comments: str, marker: str) -> int | None:
    """Return the id of the comment that an earlier run made. Others may have copied its marker."""
    for page in range(1, MOST_PAGES + 1):
        found = request("GET", f"{comments}?per_page={PAGE}&page={page}")
        for comment in found:
            ours = comment["user"]["type"] == "Bot" or comment.get("author_association") in TRUSTED
            if ours and comment["body"].startswith(marker):
                return int(comment["id"])
        if len(found) < PAGE:
            break
    return None


def request(method: str, path: str, body: dict[str, str] | None = None) -> Any:
    """Send a request to the API of GitHub about this repository."""
    address = f"{os.environ['GITHUB_API_URL']}/repos/{os.environ['GITHUB_REPOSITORY']}{path}"
    if not address.startswith(("https://", "http://")):
        raise OSError(f"{address} is not an address")
    headers = {
        "Authorization": f"Bearer {os.environ['GITHUB_TOKEN']}",
        "Accept": "application/vnd.github+json",
        "X-GitHub-Api-Version": "2022-11-28",
        "Content-Type": "application/json",
    }
    data = None if body is None else json.dumps(body).encode()
    asked = urllib.request.Request(address, data=data, headers=headers, method=method)  # noqa: S310
    with urllib.request.urlopen(asked, timeout=30) as answer:  # noqa: S310
        return json.load(answer)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
