"""EXH007: the audit names no identity that no earlier release named."""

from app.contract.decision import RuleOutcome, RuleReading
from app.gate.facts import Case
from app.gate.reading import number_figure, reading

SHOWN, LONGEST = 5, 60


def new_names(case: Case) -> list[str]:
    """Return the identities that are named for the first time, strongest first."""
    known = {plain(name) for earlier in case.earlier for name in earlier.named}
    return [one.name for one in case.result.named if plain(one.name) not in known]


def plain(name: str) -> str:
    """Return a name as it is compared: without differences of case and spacing."""
    return " ".join(name.split()).casefold()


def short(name: str) -> str:
    """Return a name on one line, cut so that no reason is cut within a name."""
    line = " ".join(name.split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


def read(case: Case) -> RuleReading:
    """Count new names that no waiver covers. The others are waived one by one."""
    severity = case.policy.new_findings
    if severity is None:
        return reading("EXH007", "not_asked", "The policy does not ask about new findings.")
    new = new_names(case)
    waived = {plain(waiver.finding) for waiver in case.waivers if waiver.finding is not None}
    left = [name for name in new if plain(name) not in waived]
    noun = case.result.noun
    figure = number_figure(f"{noun.many} newly named", len(left), 0, "at most")
    if left:
        names_shown = [short(name) for name in left[:SHOWN]] + ["…"] * (len(left) > SHOWN)
        shown = f" ({', '.join(names_shown)})"
        names = shown if case.policy.name_identities else ""
        counted = f"{noun.one} is" if len(left) == 1 else f"{noun.many} are"
        words = f"{len(left):,} {counted} named for the first time{names}."
        more = f" {len(new) - len(left):,} more are covered by waivers." if len(left) < len(new) else ""
        return reading("EXH007", severity, words + more, figure)
    outcome: RuleOutcome = "waived" if new else "pass"
    words = f"All {len(new):,} newly named are covered by waivers." if new else "Nobody is named for the first time."
    return reading("EXH007", outcome, words, figure)
