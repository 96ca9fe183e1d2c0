"""Names of classes and identities: one stored form, one rule for look-alikes."""

import pytest

from app.formats.names import look_alikes, matched, shared, spelled, tidy, unusable

COMPOSED, DECOMPOSED = "Jos\u00e9", "Jose\u0301"


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        (DECOMPOSED, COMPOSED),
        ("mary\n", "mary"),
        ("\u00a0 Ada Lovelace\t", "Ada Lovelace"),
        ("\ufeffada\u200b", "ada"),
        ("Ada  Lovelace", "Ada  Lovelace"),
        ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"),
    ],
)
def test_a_name_is_stored_composed_and_without_its_margins(name: str, stored: str) -> None:
    assert tidy(name) == stored


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (COMPOSED, DECOMPOSED),
        ("ada", "ada "),
        ("Ada", "ada"),
        ("\u00c9milie", "e\u0301milie"),
        ("ada", "a\u200bda"),
        ("ada", "a\u00adda"),
        ("ada", "ada\ufe0f"),
        ("Ada Lovelace", "Ada\u00a0 Lovelace"),
        ("ada", "\uff41da"),
        ("ada", "ada"),
    ],
)
def test_names_that_a_reader_cannot_tell_apart_look_alike(first: str, second: str) -> None:
    assert look_alikes(["grace", first, "mary", second]) == [(first, second)]


@pytest.mark.parametrize(
    ("first", "second"),
    [("a", "A"), ("Jose", COMPOSED), ("Weiss", "Wei\u00df"), ("Ada_Lovelace", "Ada Lovelace"), ("1", "01")],
)
def test_names_that_differ_to_the_eye_are_two(first: str, second: str) -> None:
    assert look_alikes([first, second]) == []


def test_each_further_look_alike_is_paired_with_the_first() -> None:
    assert look_alikes(["Ada", "ada", "grace", "ADA"]) == [("Ada", "ada"), ("Ada", "ADA")]


def test_unusable_names_hold_nothing_to_see_or_control_characters() -> None:
    wrong = ["", " \t", "\u200b\u2060", "\u3164", "a\x00b", "a\nb", "a\ud800b"]
    assert unusable([*wrong, "ada", "mary\n", "Ada Lovelace"]) == wrong


def test_a_name_is_spelled_by_code_point_where_it_cannot_be_read() -> None:
    assert spelled(COMPOSED) == "Jos<U+00E9>"
    assert spelled(DECOMPOSED) == "Jose<U+0301>"
    assert spelled("ada ") == "ada<U+0020>"
    assert spelled("Ada Lovelace") == "Ada Lovelace"


def test_names_are_matched_by_spelling_before_likeness() -> None:
    found = matched(["ada", DECOMPOSED, "mary ", "eve"], ["Ada", COMPOSED, "mary", "ada"])
    assert found.found == {"ada": "ada", DECOMPOSED: COMPOSED, "mary ": "mary"}
    assert found.differing == [(DECOMPOSED, COMPOSED), ("mary ", "mary")]
    assert found.unknown == ["eve"]


def test_a_name_that_looks_like_two_matches_neither() -> None:
    assert matched(["ADA"], ["Ada", "ada"]).unknown == ["ADA"]
    assert matched(["ADA"], ["Ada", "eve"]).found == {"ADA": "Ada"}


def test_two_names_never_match_the_same_one() -> None:
    found = matched(["ada", "Ada", "MARY", "Mary", "eve", "eve "], ["Ada", "mary", "eve\n"])
    assert found.found == {"Ada": "Ada"}
    assert found.unknown == ["ada", "MARY", "Mary", "eve", "eve "]
    assert matched(["eve", "eve "], ["eve"]).found == {"eve": "eve"}


def test_what_two_lists_share_is_found_by_likeness() -> None:
    assert shared(["eve", "ADA", "ada ", "bob"], ["Ada", "Bob"]) == ["ADA", "ada ", "bob"]
