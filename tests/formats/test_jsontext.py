import pytest

from diarfix.errors import InputError
from diarfix.formats.jsontext import parse


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


@pytest.mark.parametrize("bare", ["{}", "[]"])
def test_a_heap_of_empty_things_is_refused_before_it_is_parsed(bare):
    text = '{"words": [{"word": "hi", "speaker": "A"}], "x": [%s]}'
    with pytest.raises(InputError, match=r"1,200,00\d objects and lists in 4 MB"):
        parse(text % ",".join([bare] * 1_200_000), "f")
    assert len(parse(text % ",".join([bare] * 1000), "f")["x"]) == 1000
