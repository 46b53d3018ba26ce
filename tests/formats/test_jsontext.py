import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diarfix.errors import InputError
from diarfix.formats.jsontext import dumps, parse, style_of
from tests import strategies

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(
    st.lists(st.dictionaries(st.text(max_size=3), values, min_size=2), min_size=2),
    strategies.styles(),
)
def test_what_json_writes_is_written_again_byte_for_byte(tree, style):
    text = style.write(tree)
    parsed = parse(text, "f")
    assert parsed == tree
    assert dumps(parsed, style_of(text)).encode() == text.encode("utf-8", "surrogatepass")


@pytest.mark.parametrize(
    "text",
    [
        '{"a": [1, 2],\n "b": 3}\n',
        '{\n  "a": [1, 2, 3],\n  "b": {"c": 1}\n}',
        '[{"a":1},\n{"a":2}]\n',
        "[]", "{}", '"x"', "  [1,2]  \n",
    ],
)  # fmt: skip
def test_irregular_white_space_is_normalised_and_values_survive(text):
    once = dumps(parse(text, "f"), style_of(text))
    assert json.loads(once) == json.loads(text)
    assert dumps(parse(once, "f"), style_of(once)) == once


def test_half_a_surrogate_pair_stays_an_escape():
    text = '{"a": "é \\ud83d", "b": 1}'
    assert dumps(parse(text, "f"), style_of(text)) == text


def test_numbers_that_are_none_in_json_stay_as_python_writes_them():
    text = '{"a": NaN, "b": -Infinity}'
    assert dumps(parse(text, "f"), style_of(text)) == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": 1,}', "f: line 1, column 9: bad JSON: "),
        ('[\n{"a": tru}]', "f: line 2, column 7: bad JSON: "),
        ('{"a": 1, "b": 2, "a": 3}', "f: key 'a' stands twice in one JSON object"),
        ("[" * 100_000, "f: JSON nested too deep"),
        ("[" + "9" * 5000 + "]", "f: bad JSON: "),
        ('["\x00"]', "f: line 1, column 3: bad JSON: "),
        ("", "f: line 1, column 1: bad JSON: "),
    ],
)
def test_what_would_be_lost_or_cannot_be_read_is_refused(text, message):
    with pytest.raises(InputError) as found:
        parse(text, "f")
    assert found.value.message.startswith(message)


def test_a_text_too_large_for_the_memory_is_refused_before_it_is_parsed(monkeypatch):
    text = "[" + "0, " * 400_000 + "0]"
    monkeypatch.setenv("DIARFIX_MEMORY_GB", "0.01")
    with pytest.raises(InputError, match=r"f: 0\.0 GB of JSON take about 0 GB") as found:
        parse(text, "f")
    assert "DIARFIX_MEMORY_GB" in found.value.hint
    monkeypatch.setenv("DIARFIX_MEMORY_GB", "1")
    assert len(parse(text, "f")) == 400_001
