import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from store_fakes import contact, unit, write_store

from diarfix.contacts.store import open_store
from diarfix.errors import InputError

LAYOUTS = ("list", "contacts", "people", "persons", "jsonl")


def read(path, text):
    path.write_bytes(text.encode("utf-8") if isinstance(text, str) else text)
    return list(open_store(path).contacts())


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("style", [{}, {"indent": 2}, {"ensure_ascii": False}])
def test_pieces_laid_end_to_end_are_the_file(tmp_path, layout, style):
    style = {} if layout == "jsonl" and "indent" in style else style
    rows = [contact("zoë", vector=unit(1)), contact(2, vector=[[1.0]]), contact("c")]
    path = write_store(tmp_path / "s", rows, layout, **style)
    for text in (path.read_text(), "\ufeff" + path.read_text(), path.read_text() + "\n \n"):
        for newline in ("\n", "\r\n"):
            path.write_bytes(text.replace("\n", newline).encode())
            store = open_store(path)
            pieces = list(store.pieces())
            assert "".join(p.lead + p.text for p in pieces).encode() == path.read_bytes()
            assert [json.loads(p.text) for p in pieces[:-1]] == rows
            assert [c.id for c in store.contacts()] == ["zoë", 2, "c"]


@given(st.sampled_from(LAYOUTS), st.integers(0, 2))
def test_any_number_of_contacts_is_read_from_any_layout(tmp_path_factory, layout, n):
    path = tmp_path_factory.getbasetemp() / "any"
    write_store(path, [contact(i) for i in range(n)], layout)
    if layout == "jsonl" and not n:
        with pytest.raises(InputError, match="empty file"):
            open_store(path)
    else:
        assert [c.id for c in open_store(path).contacts()] == list(range(n))


def test_missing_fields_have_defaults(tmp_path):
    (only,) = read(tmp_path / "s", '{"id": 1}\n')
    assert (only.version, only.vector, only.samples, only.name, only.tag) == (
        1,
        None,
        (),
        None,
        None,
    )
    (only,) = read(tmp_path / "s", '[{"id": 1, "speech_samples": null, "name": 5}]')
    assert (only.samples, only.name) == ((), None)


def test_a_contact_with_a_list_named_people_is_one_line_of_json_lines(tmp_path):
    rows = read(tmp_path / "s", '{"id": 1, "people": []}\n{"id": 2}\n')
    assert [c.id for c in rows] == [1, 2]


GOOD = '{"id": "a"}'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty file"),
        (" \n ", "empty file"),
        (b"\xff\xfe{\x00", "UTF-16"),
        (f"[{GOOD}, " + '{"id": "b', "line 1, column"),
        (f"[{GOOD}", "expected ']'"),
        (f"[{GOOD},]", "Expecting value"),
        (f"[{GOOD}] x", "expected the end"),
        ('{"contacts": [' + GOOD, "expected ']'"),
        ('{"contacts": [' + GOOD + "], ", "expected a key"),
        ('{"contacts": [], "people": []}', "second list of contacts"),
        ('{"contacts": [], "contacts": []}', "stands twice"),
        ('{"rows": []}\n', "no list of contacts"),
        ('{\n"rows": []}\n', "no list of contacts"),
        ("7", "expected a list of contacts"),
        (f"{GOOD}\n" + '{"id": "b", "name', "line 2: column"),
        (f"{GOOD}\n7\n", "line 2: expected a contact"),
        (f"{GOOD}\n{GOOD} {GOOD}\n", "line 2: more than one value"),
        (GOOD.encode() + b'\n{"id": "\xff"}\n', "line 2: byte 0xff is not UTF-8"),
        (f"{GOOD}\n\n{GOOD}\n", "line 3: id 'a' stands already at line 1"),
        (f"[{GOOD}, {GOOD}]", "[1]: id 'a' stands already at [0]"),
        (
            '{"people": [' + f"{GOOD}, {GOOD}" + "]}",
            "people[1]: id 'a' stands already at people[0]",
        ),
        ("[null]", "[0]: null"),
        ("[[]]", "[0]: expected a contact"),
        ("[{}]", "[0]: the contact's 'id' is missing"),
        ('[{"id": null}]', "[0]: the contact's 'id' is missing"),
        ('[{"id": true}]', "[0]: the contact's 'id' is neither"),
        ('[{"id": 1.5}]', "[0]: the contact's 'id' is neither"),
        ('[{"id": 1, "id": 2}]', "stands twice"),
        ('[{"id": 1, "speech_samples_version": "3"}]', '[0].speech_samples_version: "3"'),
        ('[{"id": 1, "speech_samples_version": 2.5}]', "[0].speech_samples_version: 2.5"),
        ('[{"id": 1, "speech_samples_version": 0}]', "[0].speech_samples_version: 0"),
        ('[{"id": 1, "speech_samples_version": true}]', "[0].speech_samples_version: true"),
        ('[{"id": 1, "speech_samples": "a.wav"}]', "[0].speech_samples: expected a list"),
        ('[{"id": 1, "speech_samples": [{}]}]', "[0].speech_samples[0]: expected a path"),
        ('[{"id": 1, "speaker_embedding": ["0.1"]}]', "[0].speaker_embedding[0]: a string"),
        ('[{"id": 1, "n": ' + "1" * 5000 + "}]", "bad JSON"),
        ("[" + "[" * 100_000, "nested too deep"),
    ],
)
def test_a_bad_store_is_refused_in_one_line_with_its_place(tmp_path, text, message):
    path = tmp_path / "s"
    with pytest.raises(InputError) as caught:
        read(path, text)
    assert str(caught.value).startswith(f"{path}: ")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_store_that_is_not_there_is_an_input_error(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        open_store(tmp_path / "none")
