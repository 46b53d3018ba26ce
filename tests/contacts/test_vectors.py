import base64
import json
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diarfix.contacts.vectors import Form, read_vector, spell_vector
from diarfix.errors import InputError


def parsed(value):
    """A value as a JSON parser gives it."""
    return json.loads(json.dumps(value))


def b64(*numbers):
    return base64.b64encode(struct.pack(f"<{len(numbers)}f", *numbers)).decode()


@given(st.lists(st.one_of(st.floats(), st.integers(), st.none()), max_size=8))
def test_a_vector_is_sound_exactly_if_it_is_finite_and_not_zero(numbers):
    stored = read_vector(parsed(numbers), "v")
    values = stored.values
    assert stored.dim == len(values) == len(numbers)
    assert (not stored.fault) == bool(np.isfinite(values).all() and values.any())


@pytest.mark.parametrize(
    ("text", "sound"),
    [
        ("[0.0, -0.0, 0]", False),
        ("[0.0, 1e-3]", True),
        ("[1e-400, 0.0]", False),  # underflows
        ("[1e400]", False),
        ("[1E400, 0.5]", False),
        ("[" + "9" * 400 + ".5, 0.5]", False),
        ("[" + "9" * 400 + ", 1]", False),
        ("[NaN, 0.5]", False),
        ("[0.5, -Infinity]", False),
        ("[null, 0.5]", False),  # how JavaScript writes NaN
        ("[0.5, -2.5e-7]", True),
        ("[1, 0]", True),
        ("[]", False),
        ("[[]]", False),
        ("[[0.25, 1.5]]", True),
    ],
)
def test_a_list_is_sound_by_its_values(text, sound):
    assert (not read_vector(json.loads(text), "v").fault) == sound


@pytest.mark.parametrize("scale", [1.0, 0.05, 30.0])
@pytest.mark.parametrize("written", ["<f4", ">f4", "<f8", "<f2", "i1"])
def test_bytes_of_another_type_or_order_are_never_sound(written, scale):
    """As long as 256 float32 are: 128 float64, 512 float16, 1024 int8, or the wrong order."""
    for seed in range(50):
        numbers = np.random.default_rng(seed).standard_normal(1024 // np.dtype(written).itemsize)
        numbers = numbers * scale if written != "i1" else numbers * 40
        data = base64.b64encode(numbers.astype(written).tobytes()).decode()
        stored = read_vector(data, "v")
        assert stored.dim == 256
        assert (not stored.fault) == (written == "<f4")
        if written != "<f4":
            assert "not finite" in stored.fault or "float32" in stored.fault


def test_each_spelling_reads_as_the_same_vector():
    for value, form in (
        ([0.5, -2.0], Form.LIST),
        ([[0.5, -2.0]], Form.NESTED),
        (b64(0.5, -2.0), Form.BASE64),
    ):
        stored = read_vector(parsed(value), "v")
        assert stored.form is form
        assert stored.values.tolist() == [0.5, -2.0]
    assert read_vector(None, "v") is None


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ([0.1, "0.2"], "v[1]: a string, expected a number"),
        ([0.1, True], "v[1]: a boolean"),
        ([[0.1, {}]], "v[0][1]: an object"),
        ([[0.1], [0.2]], "v: 2 vectors in one contact"),
        ([0.1, [0.2]], "v[1]: a list"),
        ("no base64!", "v: a string that is not base64"),
        ("QUJD", "v: base64 of 3 bytes"),
        ({"x": 1}, "v: expected a list of numbers"),
        (7, "v: expected a list of numbers"),
    ],
)
def test_what_is_no_vector_is_refused_with_its_place(value, place):
    with pytest.raises(InputError) as caught:
        read_vector(parsed(value), "v")
    assert str(caught.value).startswith(place)


@given(
    st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), max_size=6),
    st.sampled_from(Form),
)
def test_a_vector_spelled_and_read_again_is_the_same_float32(numbers, form):
    vector = np.array(numbers, dtype=np.float32)
    again = read_vector(parsed(spell_vector(vector, form)), "v")
    assert again.form is form
    assert np.array_equal(again.values.astype(np.float32), vector)
