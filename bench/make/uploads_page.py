"""Write docs/what-can-be-uploaded.md from the table of cases.

python -m bench.make.uploads_page
"""

from __future__ import annotations

from pathlib import Path

from bench.wild.case import ACCEPTED, Case, cases

PAGE = Path(__file__).parents[2] / "docs" / "what-can-be-uploaded.md"
_KINDS = {
    "checkpoint": "Checkpoints of PyTorch",
    "onnx": "ONNX",
    "images": "Data sets of images",
    "description": "Descriptions of checkpoints",
}
_HEAD = """\
# What can be uploaded

`python -m bench.make.uploads_page` writes this page from `bench/wild/cases.toml`. A test builds the
files and checks each answer: accepted networks compute what the original computes, and the lines
that a rejection prints turn the file into one that is accepted. [How uploads are
checked](intake.md) has the details and the reason codes.
"""
_TODO = {
    "runs": "run the lines in the response on the file",
    "model": "run the lines in the response where the model was trained",
}


def written() -> str:
    """Return the page."""
    parts = [_HEAD]
    for kind, title in _KINDS.items():
        rows = [case for case in cases() if case.kind == kind]
        accepted = [case for case in rows if case.answer == ACCEPTED]
        parts.append(
            f"## {title}\n\nAccepted:\n\n" + "\n".join(f"* {_sentence(case.what)}" for case in accepted) + "\n"
        )
        if rejected := [case for case in rows if case.answer != ACCEPTED]:
            table = [f"| {_sentence(case.what)} | `{case.answer}` | {_todo(case)} |" for case in rejected]
            parts.append("\n".join(["| not accepted | code | what to do |", "|---|---|---|", *table]) + "\n")
    return "\n".join(parts)


def _sentence(text: str) -> str:
    first = text.partition(" ")[0]
    whole = text if {".", "_"} & set(first) else f"{text[:1].upper()}{text[1:]}"
    return whole.replace("|", "\\|")


def _todo(case: Case) -> str:
    if case.recipe in _TODO:
        return _TODO[case.recipe]
    other = next(one for one in cases() if one.name == case.recipe)
    return f"bring it as: {other.what}"


if __name__ == "__main__":
    PAGE.write_text(written(), encoding="utf-8")
