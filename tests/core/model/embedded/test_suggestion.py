"""The value that an error names is taken when there is one alone."""

from skillkernel.model.embedded.suggestion import mended


def test_the_one_value_that_is_named_takes_the_place_of_its_near_miss() -> None:
    complaint = "no event is called 'lunhc'; did you mean 'Lunch with Sam'?"
    assert mended({"event": "lunhc", "place": "home"}, complaint) == {"event": "Lunch with Sam", "place": "home"}


def test_a_value_without_quotes_is_read_too() -> None:
    assert mended({"unit": "kilometr"}, "unknown unit; did you mean kilometer?") == {"unit": "kilometer"}


def test_several_values_or_none_mend_nothing() -> None:
    assert mended({"event": "lun"}, "no event; did you mean 'Lunch' or 'Luna'?") is None
    assert mended({"event": "lun"}, "no event; did you mean lunch or luna?") is None
    assert mended({"event": "lun"}, "no event is called that") is None
    assert mended({"count": 3}, "did you mean 'four'?") is None
