"""JUnit XML: one test case for each rule. Read by most build systems."""

from datetime import UTC
from xml.etree import ElementTree

from app.contract.decision import Decision, RuleReading
from app.reports.findings import waiver_sentences
from app.reports.place import Place
from app.reports.text import NAME, plain

SKIPPED = ("inconclusive", "waived", "not_asked")


def render(decision: Decision, place: Place) -> bytes:
    """Return a suite. A rule that fails is a failure, and one that has no answer is skipped."""
    counts = {
        "tests": str(len(decision.rules)),
        "failures": str(sum(rule.outcome == "fail" for rule in decision.rules)),
        "errors": "0",
        "skipped": str(sum(rule.outcome in SKIPPED for rule in decision.rules)),
    }
    target = plain(decision.release.target, NAME)
    suites = ElementTree.Element("testsuites", {"name": "exhume", **counts})
    suite = ElementTree.SubElement(
        suites,
        "testsuite",
        {
            "name": f"exhume {target}:{plain(decision.release.version, NAME)}",
            **counts,
            "timestamp": decision.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
        },
    )
    _properties(suite, decision)
    for rule in decision.rules:
        _case(suite, rule, target, place)
    ElementTree.indent(suites)
    return (f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(suites, encoding="unicode")}\n').encode()


def _properties(suite: ElementTree.Element, decision: Decision) -> None:
    properties = ElementTree.SubElement(suite, "properties")
    values = {
        "outcome": decision.outcome,
        "sentence": decision.sentence,
        "next_step": decision.next_step,
        "verdict": decision.verdict,
        "checkpoint": decision.release.digest,
        "policy": f"{decision.policy.name} version {decision.policy.version}",
        "audit": decision.audit,
        "url": decision.url,
    }
    for name, value in values.items():
        if value is not None:
            ElementTree.SubElement(properties, "property", {"name": name, "value": plain(value)})


def _case(suite: ElementTree.Element, rule: RuleReading, target: str, place: Place) -> None:
    case = ElementTree.SubElement(
        suite,
        "testcase",
        {"classname": f"exhume.{target}", "name": f"{rule.id} {plain(rule.name, NAME)}", "file": plain(place.path)},
    )
    reason = plain(rule.reason)
    if rule.outcome == "fail":
        ElementTree.SubElement(case, "failure", {"type": rule.id, "message": reason}).text = reason
    elif rule.outcome in SKIPPED:
        said = waiver_sentences(rule) or reason
        ElementTree.SubElement(case, "skipped", {"message": f"{rule.outcome}: {said}"})
    lines = [f"{rule.outcome}: {reason}", *(f"{plain(one.label, NAME)}: {plain(one.text)}" for one in rule.figures)]
    ElementTree.SubElement(case, "system-out").text = "\n".join(lines)
