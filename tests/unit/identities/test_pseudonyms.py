"""A name is replaced where documents keep names, and nowhere else."""

import pytest

from app.identities.pseudonyms import Pseudonym

ADA = Pseudonym(frozenset({"Ada", "ada"}), "erased-1")
SEVEN = Pseudonym(frozenset({"7"}), "erased-1")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("such as Ada, Bob: the verdict", "such as erased-1, Bob: the verdict"),
        ("2 are named for the first time (Bob, Ada).", "2 are named for the first time (Bob, erased-1)."),
        ("images of Ada are labelled Bob", "images of erased-1 are labelled Bob"),
        ("images of Bob are labelled Ada, images", "images of Bob are labelled erased-1, images"),
        ("left out: 'Bob', 'ada'.", "left out: 'Bob', 'erased-1'."),
        ("Adam, Ada Lovelace and Nevada stay", "Adam, Ada Lovelace and Nevada stay"),
    ],
)
def test_sentences_that_list_names(before: str, after: str) -> None:
    assert ADA.in_sentence(before) == after


def test_numbers_are_replaced_only_in_quotes() -> None:
    assert SEVEN.in_sentence("such as 7, 8: R is (7, 9)") == "such as 7, 8: R is (7, 9)"
    assert SEVEN.in_sentence("'7' is class '8'") == "'erased-1' is class '8'"


def test_names_that_no_sentence_can_be_read_with_are_escaped() -> None:
    odd = Pseudonym(frozenset({"a.*(b"}), "erased-1")
    assert odd.in_sentence("such as a.*(b, axx(b: the verdict") == "such as erased-1, axx(b: the verdict"


def test_documents_keep_names_at_known_places() -> None:
    document = {
        "verdict": "Ada",
        "version": "ada",
        "named": [{"identity": 0, "name": "Ada"}, {"identity": 1, "name": "Bob"}],
        "verifiers": [{"name": "Ada"}],
        "worst_decile": ["Ada", "Bob"],
        "twin": {"identities": ["Ada"], "replaced": [{"identity": "Ada", "stand_in": "Eve"}]},
        "rules": [{"reason": "1 is named for the first time (Ada)."}],
        "waivers": [{"finding": "Ada", "reason": "Ada agreed"}, {"finding": "Bob", "reason": "Ada agreed"}],
        "plan": {"identities": [1, 2]},
    }
    assert ADA.in_document(document) == {
        "verdict": "Ada",
        "version": "ada",
        "named": [{"identity": 0, "name": "erased-1"}, {"identity": 1, "name": "Bob"}],
        "verifiers": [{"name": "Ada"}],
        "worst_decile": ["erased-1", "Bob"],
        "twin": {"identities": ["erased-1"], "replaced": [{"identity": "erased-1", "stand_in": "Eve"}]},
        "rules": [{"reason": "1 is named for the first time (erased-1)."}],
        "waivers": [{"finding": "erased-1", "reason": "erased-1 agreed"}, {"finding": "Bob", "reason": "Ada agreed"}],
        "plan": {"identities": [1, 2]},
    }
