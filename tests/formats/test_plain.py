"""Plain text by turns."""

from tests.formats.converted import recording, talk, write


def test_one_line_per_turn_with_names_and_times_on_request():
    rows = talk("A2 B1")
    assert write("txt", rows) == "A: word0 word1\nB: word2\n"
    assert write("txt", rows, names=False, times=True) == "[0:00] word0 word1\n[0:00] word2\n"


def test_unspaced_scripts_gain_no_spaces():
    assert write("txt", [("你", 0, 1, "甲"), ("好。", 1, 2, "甲")]) == "甲: 你好。\n"


def test_words_without_any_time_still_make_text():
    assert write("txt", [("so", None, None, "A")], times=True) == "[-:--] A: so\n"


def test_recordings_are_parted_by_an_empty_line():
    two = [recording(talk("A1")), recording(talk("B1"), name="other")]
    assert write("txt", two) == "A: word0\n\nB: word0\n"
