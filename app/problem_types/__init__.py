"""Kinds of problems, with their causes and fixes. Served at `/problems/{code}`."""

from app.problem_types.body import address, problem_body
from app.problem_types.kind import ProblemType
from app.problem_types.table import TYPES

__all__ = ["TYPES", "ProblemType", "address", "problem_body"]
