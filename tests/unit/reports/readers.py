"""Readers of reports: what a host would take from each format."""

import html
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from defusedxml import ElementTree

BACKSLASH = re.compile(r"\\([^\w\s])")


@dataclass
class Read:
    """What a report says. A part that the format does not carry is None."""

    outcome: str | None = None
    rules: dict[str, str] | None = None
    findings: dict[str, str] | None = None
    figures: dict[str, list[float]] | None = None
    texts: dict[str, str] | None = None
    digest: str | None = None
    messages: list[str] = field(default_factory=list)


def read_json(data: bytes) -> Read:
    return _of_document(json.loads(data))


def read_sarif(data: bytes) -> Read:
    (run,) = json.loads(data)["runs"]
    rules, about = run["tool"]["driver"]["rules"], run["properties"]["exhume"]
    outcomes = {rule["id"]: rule["properties"]["outcome"] for rule in rules}
    return Read(
        outcome=about["outcome"],
        rules=outcomes,
        findings={result["ruleId"]: outcomes[result["ruleId"]] for result in run["results"]},
        figures={rule["id"]: _values(rule["properties"]["figures"]) for rule in rules},
        digest=about["release"]["digest"],
        messages=[result["message"]["text"] for result in run["results"]],
    )


def read_junit(data: bytes) -> Read:
    suite = ElementTree.fromstring(data).find("testsuite")
    properties = {one.get("name"): one.get("value") for one in suite.find("properties")}
    cases = {case.get("name").split()[0]: case for case in suite.findall("testcase")}
    said = {name: case.findtext("system-out").splitlines() for name, case in cases.items()}
    failed = {name for name, case in cases.items() if case.find("failure") is not None}
    rules = {name: lines[0].partition(":")[0] for name, lines in said.items()}
    assert failed == {name for name, outcome in rules.items() if outcome == "fail"}
    assert int(suite.get("failures")) == len(failed)
    return Read(
        outcome=properties["outcome"],
        rules=rules,
        texts={name: lines[1].partition(": ")[2] for name, lines in said.items()},
        digest=properties["checkpoint"],
    )


def read_code_quality(data: bytes) -> Read:
    entries = json.loads(data)
    return Read(
        findings={entry["check_name"]: entry["description"].split()[1].removesuffix(":") for entry in entries},
        messages=[entry["description"] for entry in entries],
    )


def read_markdown(data: bytes) -> Read:
    text = data.decode()
    rows = [
        [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in text.splitlines() if line[:1] == "|"
    ]
    rows = [row for row in rows if row[0].startswith("EXH")]
    rules = {row[0].split()[0]: row[1].replace(" ", "_") for row in rows if " " in row[0]}
    texts = {row[0]: html.unescape(BACKSLASH.sub(r"\1", row[2])) for row in rows if " " not in row[0]}
    digest = re.search(r"Checkpoint `(sha256:[0-9a-f]{64})`", text)
    outcome = re.match(r"## Exhume: ([A-Z]+) for ", text)
    return Read(
        outcome=outcome[1].lower() if outcome else None,
        rules=rules,
        texts=texts or None,
        digest=digest[1] if digest else None,
    )


def read_badge(data: bytes) -> Read:
    image = ElementTree.fromstring(data)
    shown = image.findall("{http://www.w3.org/2000/svg}text")[1].text
    assert image.get("aria-label").endswith(shown)
    return Read(outcome=shown.partition(":")[0])


def read_test_result(data: bytes) -> Read:
    statement = json.loads(data)
    read = read_test_result_predicate(json.dumps(statement["predicate"]).encode())
    read.digest = _subject(statement)
    return read


def read_test_result_predicate(data: bytes) -> Read:
    predicate = json.loads(data)
    return Read(outcome={"PASSED": "pass", "WARNED": "warn", "FAILED": "fail"}[predicate["result"]])


def read_attestation(data: bytes) -> Read:
    statement = json.loads(data)
    read = _of_document(statement["predicate"])
    assert read.digest == _subject(statement)
    return read


def read_cyclonedx(data: bytes) -> Read:
    model = json.loads(data)["metadata"]["component"]
    properties = {one["name"]: one["value"] for one in model["properties"]}
    figures: dict[str, list[float]] = {}
    for metric in model["modelCard"]["quantitativeAnalysis"]["performanceMetrics"]:
        if "slice" in metric:
            span = metric["confidenceInterval"]
            values = [metric["value"], span["lowerBound"], span["upperBound"]]
            figures.setdefault(metric["slice"], []).extend(map(float, values))
    prefix = "exhume:rule:"
    return Read(
        outcome=properties["exhume:outcome"],
        rules={name.removeprefix(prefix): value for name, value in properties.items() if name.startswith(prefix)},
        figures=figures,
        digest=f"sha256:{model['hashes'][0]['content']}",
    )


READERS: dict[str, Callable[[bytes], Read]] = {
    "json": read_json,
    "sarif": read_sarif,
    "junit": read_junit,
    "code-quality": read_code_quality,
    "markdown": read_markdown,
    "badge": read_badge,
    "test-result": read_test_result,
    "test-result-predicate": read_test_result_predicate,
    "attestation": read_attestation,
    "cyclonedx": read_cyclonedx,
}


def _of_document(document: dict[str, Any]) -> Read:
    return Read(
        outcome=document["outcome"],
        rules={rule["id"]: rule["outcome"] for rule in document["rules"]},
        figures={rule["id"]: _values(rule["figures"]) for rule in document["rules"]},
        digest=document["release"]["digest"],
    )


def _values(figures: list[dict[str, Any]]) -> list[float]:
    return [figure[name] for figure in figures for name in ("value", "low", "high")]


def _subject(statement: dict[str, Any]) -> str:
    (subject,) = statement["subject"]
    return f"sha256:{subject['digest']['sha256']}"
