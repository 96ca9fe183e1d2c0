"""Places of images, before spans of places were taken out."""

from app.identities.numbering import earlier, overlap, spans


def test_places_before_an_erasure_follow_from_what_it_took_out() -> None:
    gone = [0, 1, 4, 7, 8]
    left = [place for place in range(12) if place not in gone]
    assert spans(gone) == [[0, 2], [4, 5], [7, 9]]
    assert earlier(range(len(left)), spans(gone)) == left


def test_spans_and_places_overlap_where_a_place_is_in_a_span() -> None:
    assert spans([]) == []
    assert overlap([[0, 2], [4, 5]], [3, 4])
    assert not overlap([[0, 2], [4, 5]], [2, 3, 5])
