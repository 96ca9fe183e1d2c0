"""States change only in the modules that ask the tables of allowed moves."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PARTS = ("app", "exhume", "worker", "migrations", "bench")
WRITERS = ("app/db/moves.py", "app/jobs/transitions.py", "app/jobs/leases.py")
INITIAL = {
    "Job": {"JobState.WAITING", "JobState.QUEUED"},
    "Audit": {"AuditState.QUEUED"},
    "Upload": {"UploadState.RECEIVING"},
    "Release": {"IntakeState.AWAITING_UPLOAD"},
    "Dataset": {"IntakeState.AWAITING_UPLOAD"},
    "Verifier": {"IntakeState.AWAITING_UPLOAD"},
    "ScheduleRun": {"RunState.DUE"},
    "WebhookDelivery": {"DeliveryState.PENDING"},
}
"""The models that have a state, and those that a new row may have."""
SETTERS = {"setattr", "__setattr__", "set_attribute", "set_committed_value"}


def offences(source: str) -> list[int]:
    """The lines that set a state."""
    tree = ast.parse(source)
    dicts = _dicts_with_a_state(tree)
    return sorted({node.lineno for node in ast.walk(tree) if isinstance(node, ast.expr) and _offends(node, dicts)})


def _offends(node: ast.expr, dicts: set[str]) -> bool:
    if isinstance(node, ast.Attribute):
        return node.attr == "state" and not isinstance(node.ctx, ast.Load)
    if not isinstance(node, ast.Call):
        return False
    name = _last_name(node.func)
    if name in SETTERS:
        return any(_is_state(argument) for argument in node.args)
    if name in INITIAL:
        return any(_is_later_state(keyword, INITIAL[name], dicts) for keyword in node.keywords)
    if name == "values":
        arguments = [*node.args, *(keyword.value for keyword in node.keywords if keyword.arg is None)]
        return "state" in {keyword.arg for keyword in node.keywords} or any(_holds(one, dicts) for one in arguments)
    return False


def _is_later_state(keyword: ast.keyword, initial: set[str], dicts: set[str]) -> bool:
    if keyword.arg is None:
        return _holds(keyword.value, dicts)
    return keyword.arg == "state" and not {ast.unparse(one) for one in _choices(keyword.value)} <= initial


def _choices(value: ast.expr) -> list[ast.expr]:
    """Each value of a conditional expression; the expression itself if it is none."""
    return [*_choices(value.body), *_choices(value.orelse)] if isinstance(value, ast.IfExp) else [value]


def _holds(value: ast.expr, dicts: set[str]) -> bool:
    """Whether an expression has a dict with a state, written there or named in the module."""
    return any(
        (isinstance(node, ast.Dict) and any(key is not None and _is_state(key) for key in node.keys))
        or (isinstance(node, ast.Call) and "state" in {keyword.arg for keyword in node.keywords})
        or (isinstance(node, ast.Name) and node.id in dicts)
        for node in ast.walk(value)
    )


def _dicts_with_a_state(tree: ast.AST) -> set[str]:
    """Names that a dict with a state is assigned to, or whose item "state" is."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.NamedExpr):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [target for target in targets if isinstance(target, ast.Name)]
            if node.value is not None and _holds(node.value, set()):
                found |= {name.id for name in names}
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store) and _is_state(node.slice):
            found |= {node.value.id} if isinstance(node.value, ast.Name) else set()
    return found


def _is_state(node: ast.expr) -> bool:
    """`"state"`, or a column such as `Job.state`."""
    return (isinstance(node, ast.Constant) and node.value == "state") or (
        isinstance(node, ast.Attribute) and node.attr == "state"
    )


def _last_name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def sources() -> Iterator[Path]:
    """The Python files of everything but the tests."""
    for part in PARTS:
        yield from (ROOT / part).rglob("*.py")


def test_states_change_only_where_the_tables_of_moves_are_asked() -> None:
    found = {
        f"{path.relative_to(ROOT)}:{line}"
        for path in sources()
        if str(path.relative_to(ROOT)) not in WRITERS
        for line in offences(path.read_text())
    }
    assert found == set()


def test_every_writer_is_needed() -> None:
    assert [writer for writer in WRITERS if not offences((ROOT / writer).read_text())] == []


@pytest.mark.parametrize(
    "source",
    [
        "job.state = new",
        "self.job.state: JobState = new",
        "job.state, job.problem = new, None",
        "[first.state, *rest] = states",
        "job.state += 'x'",
        "for job.state in states: pass",
        "with opened() as job.state: pass",
        "del job.state",
        "setattr(job, 'state', new)",
        "object.__setattr__(job, 'state', new)",
        "attributes.set_attribute(job, 'state', new)",
        "update(Job).where(Job.id == one).values(state=new)",
        "update(Job).values({'state': new})",
        "update(Job).values({Job.state: new})",
        "update(Job).values(**{'state': new})",
        "update(Job).values({'problem': None} | {'state': new})",
        "update(Job).values(dict(state=new))",
        "values = {'state': new}\nupdate(Upload).values(values)",
        "values: Any = {}\nvalues['state'] = new\nupdate(Upload).values(**values)",
        "values |= {'state': new}\nupdate(Release).values(**values)",
        "insert(Dataset).values([{'state': new}])",
        "Job(state=JobState.RUNNING)",
        "Job(state=JobState.QUEUED if ready else JobState.RUNNING)",
        "Upload(state='complete')",
        "models.Release(state=IntakeState.READY)",
        "Verifier(**{'state': IntakeState.READY})",
        "more = {'state': IntakeState.READY}\nDataset(name='d', **more)",
    ],
)
def test_each_way_to_set_a_state_is_found(source: str) -> None:
    assert offences(source) == [len(source.splitlines())]


@pytest.mark.parametrize(
    "source",
    [
        "if job.state == JobState.QUEUED: return_it(job.state)",
        "update(Job).where(Job.state == JobState.QUEUED).values(done=0)",
        "select(Job.state)",
        "Job(state=JobState.WAITING if later else JobState.QUEUED)",
        "Upload(state=UploadState.RECEIVING)",
        "payload = {'state': job.state}",
        "state = job.state",
        "setattr(block, name, layer)",
    ],
)
def test_reading_a_state_is_not_an_offence(source: str) -> None:
    assert offences(source) == []
