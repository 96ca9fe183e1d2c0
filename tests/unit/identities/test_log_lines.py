"""The query for the entries about one identity."""

from uuid import uuid4

from sqlalchemy.dialects import postgresql

from app.identities.finding import Found
from app.identities.log_lines import showing
from app.identities.numbering import Numbering

MOST_PARAMETERS = 65_535
"""Of a statement of PostgreSQL."""


def test_an_identity_with_very_many_images_is_one_statement() -> None:
    numbered = [Numbering("dst_1", tuple(range(40_000)), 0, None)]
    query = showing(Found(uuid4(), []), numbered, [], ["seed"])
    compiled = query.compile(dialect=postgresql.dialect(), compile_kwargs={"render_postcompile": True})
    assert len(compiled.params) < MOST_PARAMETERS
