"""The body of a problem."""

from app.problem_types import problem_body
from app.problem_types.body import LISTED


def test_an_answer_lists_a_bounded_number_of_errors() -> None:
    errors = [{"target": number} for number in range(5 * LISTED)]
    assert problem_body("policy_in_use", "It is assigned to targets.", errors=errors)["errors"] == errors[:LISTED]
