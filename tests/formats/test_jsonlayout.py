import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diarfix.formats.jsonlayout import set_members

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)
objects = st.dictionaries(st.text(max_size=4), json_values, min_size=1, max_size=5)
styles = st.sampled_from(
    [
        {},
        {"indent": 2},
        {"indent": "\t"},
        {"separators": (",", ":")},
        {"ensure_ascii": False},
        {"indent": 4, "separators": (",", " : ")},
    ]
)


@given(objects, objects, styles)
def test_set_members_equals_setting_the_keys_of_the_dict(old, new, style):
    text = set_members(json.dumps(old, **style), new, after={})
    assert list(json.loads(text).items()) == list({**old, **new}.items())


@given(objects, st.lists(st.integers(), max_size=3), styles)
def test_a_text_of_json_dumps_becomes_what_dumps_would_write(old, numbers, style):
    # Values of one-line lists and of expanded ones alike: the style is that of the text.
    old = {**old, "vector": [1.5, 2.5]}
    new = {"vector": numbers, "tag": {"name": "m", "dim": 3}, "version": 3}
    text = set_members(json.dumps(old, **style), new, after={})
    assert text == json.dumps({**old, **new}, **style)


def test_all_other_characters_stay():
    text = '{ "id":1.10,\t"x" : "\\u00e9\\/", "v": [1, 2] ,"big": 1e5 }'
    assert set_members(text, {"v": None}, after={}) == text.replace("[1, 2]", "null")


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_missing_member_goes_behind_its_anchor_with_the_file_s_line_ends(newline):
    text = '{\n  "id": 1,\n  "v": null,\n  "z": 2\n}'.replace("\n", newline)
    want = '{\n  "id": 1,\n  "v": null,\n  "m": {\n    "n": 1\n  },\n  "z": 2\n}'
    assert set_members(text, {"m": {"n": 1}}, after={"m": "v"}) == want.replace("\n", newline)


def test_a_vector_on_one_line_stays_on_one_line_in_an_indented_object():
    text = '{\n  "id": 1,\n  "v": [0.5,1.5]\n}'
    assert set_members(text, {"v": [2.5, 3.5]}, after={}) == text.replace("0.5,1.5", "2.5,3.5")
