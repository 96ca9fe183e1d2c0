"""The table of commands has the help of the commands, and printing it imports none of them."""

import json
import subprocess
import sys

import pytest

from app.cli.table import TABLE
from tests.unit.cli import tree

UNNEEDED = ("app.settings", "app.cli.terminal", "app.cli.audit", "httpx", "pydantic", "rich", "sqlalchemy")
HELP = """
import json, sys
from app.cli import main
sys.argv = ["exhume", *sys.argv[1:]]
try:
    main()
finally:
    print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""


@pytest.mark.parametrize("name", TABLE)
def test_the_table_has_the_first_sentence_of_each_command(name: str) -> None:
    assert tree.root().commands[name].get_short_help_str(200) == TABLE[name].help.partition(". ")[0].rstrip(".") + "."


def test_the_help_of_the_root_imports_no_command() -> None:
    done = subprocess.run([sys.executable, "-P", "-c", HELP, "--help"], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert [name for name in TABLE if f"\n  {name} " not in done.stdout] == []
    assert set(UNNEEDED) & set(json.loads(done.stderr)) == set()
