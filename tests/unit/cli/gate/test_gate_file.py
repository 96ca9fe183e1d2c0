"""A gate file: every mistake has its line, its column and its fix."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

import app.cli.gate_file
from app.cli.gate_file import read_gate_file
from app.cli.gate_file.digest_line import with_digest
from app.cli.gate_file.manifest import OUTPUTS
from app.cli.gate_file.mistakes import GateFileError
from app.cli.gate_file.reading import json_schema, schema_text
from app.reports.formats import FORMATS
from tests.unit.cli.gate.folder import MANIFEST, write_folder

DIGEST = "sha256:" + "a" * 64
WHOLE = """\
target: badge-reader
checkpoint:
  path: model.safetensors
  description:
    convention: {height: 8, width: 8, channels: 1, mean: [0.5]}
    classes: [yes, "on", 010]
data:
  public: faces
plan:
  effort: quick
policy:
  budgets: {white_box: 0.05}
rights:
  declared_by: Dana Kim
  statement: We trained this model.
"""


def mistakes(tmp_path: Path, text: str) -> list[str]:
    """Return what is said about a file, without its path."""
    file = tmp_path / "exhume.yaml"
    file.write_text(text)
    with pytest.raises(GateFileError) as caught:
        read_gate_file(file).check_files()
    return [line.removeprefix(str(file)) for line in caught.value.lines]


def test_a_whole_file_is_read_as_yaml_1_2(tmp_path: Path) -> None:
    (tmp_path / "exhume.yaml").write_text(WHOLE)
    file = read_gate_file(tmp_path / "exhume.yaml")
    assert file.description()["classes"] == ["yes", "on", "010"]
    assert file.description()["convention"]["mean"] == [0.5]
    assert file.manifest.data.public.name == "faces"
    policy = file.policy()
    assert policy is not None
    assert policy.budgets.white_box == 0.05


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("target:", "tarket:", ":1:1: unknown key 'tarket'. Did you mean 'target'?"),
        ("  path:", "  pathh:", ":3:3: unknown key 'pathh' in checkpoint. Did you mean 'path'?"),
        ("    classes", "    clases", ":6:5: unknown key 'clases' in checkpoint.description. Did you mean 'classes'?"),
        ("channels:", "chanels:", ":5:39: unknown key 'chanels' in checkpoint.description.convention. Did you mean"),
        ("effort: quick", "zzz: 1", ":10:3: unknown key 'zzz' in plan. The keys here are effort, attacks, "),
        (
            "effort: quick",
            "effort: quik",
            ":10:3: plan.effort cannot be 'quik'. It is one of quick, standard, deep. Did",
        ),
        ("effort: quick", "budget: 5", ":10:3: plan.budget is 5. It must be a share above 0 and below 1; write 0.05"),
        ("effort: quick", "identities: many", ":10:3: plan.identities must be a whole number, not 'many'."),
        (
            "effort: quick",
            "attacks: [gmi, gm]",
            ":10:18: plan.attacks.1 cannot be 'gm'. It is one of decoder, warm-start,",
        ),
        ("effort: quick", "seed:", ":10:3: plan.seed has no value. Write one after the colon."),
        ("white_box:", "whitebox:", ":12:13: unknown key 'whitebox' in policy.budgets. Did you mean 'white_box'?"),
        ("target: badge-reader", "target: 1.10", ":1:1: target must be text. Write it in quotes."),
        ("  public: faces", "  privat: faces", ":7:1: the key 'public' is missing in data. Add `public: …`."),
        ("public: faces", "public: {}", ":8:3: data.public: give `name`, `file`, or both."),
        ("public: faces", "public: {file: none.zip}", "none.zip does not exist."),
        (
            "path: model.safetensors",
            "digest: abc",
            ":3:3: checkpoint.digest must be `sha256:` and 64 hexadecimal digits",
        ),
        ("  path: model.safetensors\n", "", ":2:1: checkpoint: give either `path` or `address`."),
        ("rights:\n", "outputs: {sarf: x}\nrights:\n", ":13:11: unknown key 'sarf'. It is one of json, sarif, junit"),
        ("plan:\n  effort: quick", "plan: quick", ":9:1: plan must be keys with values, such as `effort: …`."),
        ("target:", "target: x\ntarget:", ":2:1: has the key 'target' twice. Delete one of them."),
        (
            "target: badge-reader",
            "target: [",
            ":3:7: is not YAML: while parsing a flow sequence that begins in line 1, expected",
        ),
        ("target: badge-reader", "target: &a [*a]", "has too many values, or values nested too deeply."),
        ("target: badge-reader", "target: " + "[" * 3_000, "is not YAML"),
        (WHOLE, "", " is empty. `exhume init` writes one."),
    ],
)
def test_a_mistake_has_its_place_and_its_fix(tmp_path: Path, old: str, new: str, said: str) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"")
    found = mistakes(tmp_path, WHOLE.replace(old, new, 1))
    assert [line for line in found if said in line] != [], found


def test_all_mistakes_are_listed_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = WHOLE.replace("effort", "efort").replace("target:", "tarket:").replace("declared_by", "declared")
    assert [line.split(":")[1] for line in mistakes(tmp_path, text)] == ["1", "1", "10", "13", "14"]


def test_a_file_that_does_not_exist_is_named_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(GateFileError, match=r"exhume\.yaml does not exist\. `exhume init` writes one\."):
        read_gate_file(tmp_path / "exhume.yaml")


def test_a_description_may_have_other_keys_unless_they_look_misspelt(tmp_path: Path) -> None:
    file = read_gate_file(write_folder(tmp_path))
    known = json.loads((tmp_path / "model.json").read_text())
    (tmp_path / "model.json").write_text(json.dumps(known | {"held_out_accuracy": 0.9}))
    assert set(file.description()) == {"classes", "convention"}
    (tmp_path / "model.json").write_text(json.dumps(known | {"architecure": "auto"}))
    with pytest.raises(GateFileError, match="Did you mean 'architecture'"):
        file.check_files()


def test_a_policy_is_read_from_a_file_with_its_own_places(tmp_path: Path) -> None:
    file = read_gate_file(write_folder(tmp_path, policy={"file": "policy.yaml"}))
    (tmp_path / "policy.yaml").write_text("evidence: verified\ninconclusiv: pass\n")
    with pytest.raises(GateFileError, match=r"policy\.yaml:2:1: unknown key 'inconclusiv'\. Did you mean"):
        file.check_files()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("checkpoint:\n  path: m  # weights\n  description: d\n", "  digest: NEW"),
        (
            "checkpoint:\n  digest: OLD  # of the weights\n  path: m\n  description: d\n",
            "  digest: NEW  # of the weights",
        ),
        ('checkpoint:\n  path: m\n  "digest" :   "OLD"\n  description: d\n', '  "digest" : NEW'),
        ("checkpoint:\r\n  path: m\r\n  digest:\r\n  description: d\r\n", "  digest: NEW\r"),
    ],
)
def test_the_digest_is_written_and_nothing_else_changes(tmp_path: Path, text: str, line: str) -> None:
    old, rest = "sha256:" + "b" * 64, yaml.safe_dump({name: MANIFEST[name] for name in ("target", "data", "rights")})
    path = tmp_path / "exhume.yaml"
    path.write_bytes((text + rest).replace("OLD", old).encode())
    file = read_gate_file(path)
    written = with_digest(file, DIGEST)
    expected = line.replace("NEW", DIGEST)
    assert expected in written.split("\n")
    before, after = file.text.split("\n"), written.split("\n")
    assert [one for one in after if one != expected] == [one for one in before if "digest" not in one]
    path.write_text(written)
    assert written.split("\n")[read_gate_file(path).digest_line - 1] == expected


def test_a_digest_that_has_no_line_of_its_own_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "exhume.yaml"
    path.write_text(f"checkpoint: {{path: m, description: d}}\n{yaml.safe_dump({'target': 't', **PARTS})}")
    with pytest.raises(GateFileError, match="Write the keys of `checkpoint` on lines of their own"):
        with_digest(read_gate_file(path), DIGEST)


PARTS: dict[str, Any] = {name: MANIFEST[name] for name in ("data", "rights")}


def test_the_json_schema_is_shipped_and_accepts_what_is_read(tmp_path: Path) -> None:
    committed = Path(app.cli.gate_file.__file__).parent / "exhume.schema.json"
    assert committed.read_text() == schema_text(), "run `python -m app.openapi` and commit the change"
    schema = jsonschema.Draft202012Validator(json_schema())
    for change in ({}, {"policy": "strict"}, {"policy": {"evidence": "verified"}}, {"policy": {"file": "p.yaml"}}):
        schema.validate(MANIFEST | change)
    inline = {"convention": {"height": 8, "width": 8, "channels": 1}, "classes": ["a", "b"]}
    schema.validate(MANIFEST | {"checkpoint": {"path": "m", "description": inline}, "data": {"public": "faces"}})
    for change in ({"plan": {"efort": "quick"}}, {"outputs": {"sarf": "x"}}, {"data": {}}):
        assert list(schema.iter_errors(MANIFEST | change)) != []


def test_every_format_of_a_report_can_be_an_output() -> None:
    assert set(OUTPUTS) == set(FORMATS)
