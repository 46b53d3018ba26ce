"""The table of methods: what a row must keep, and what becomes of a name that no row bears."""

import inspect

import pytest

from diarfix.benchmark.variants import expand_variants
from diarfix.config import DEFAULT_METHOD, METHODS, Settings, imported, knob_names
from diarfix.config.sources import resolve
from diarfix.core.smooth.method import smooth
from diarfix.core.words import words_from_rows
from diarfix.edits.rechecks import recheck
from diarfix.edits.repairs import repair
from diarfix.errors import UsageError
from diarfix.formats.document import read_document

WORDS = words_from_rows([(f"w{i}", i, i + 1.0, "b" if i == 3 else "A") for i in range(7)])
#: One knob of each method off its default, and what it then does with WORDS: nothing.
HELD = {"rules": {"max_island_duration": 0.5}, "viterbi": {"label_weight": 30.0}}


def test_the_default_is_a_row_and_everywhere_the_same():
    assert DEFAULT_METHOD in METHODS
    for function in (smooth, repair, recheck):
        assert inspect.signature(function).parameters["method"].default == DEFAULT_METHOD


@pytest.mark.parametrize("method", METHODS)
def test_a_row_names_a_function_that_takes_what_it_says_and_has_knobs(method):
    row = METHODS[method]
    taken = inspect.signature(imported(row.function)).parameters
    assert {"words", "knobs", "pinned", *row.takes} == set(taken)
    assert set(row.takes) <= set(inspect.signature(smooth).parameters)
    assert knob_names(method)


@pytest.mark.parametrize("method", METHODS)
def test_each_method_goes_by_its_own_knobs_and_by_no_other_s(method):
    assert set(smooth(WORDS, method=method).words.labels) == {"A"}
    for other, knobs in HELD.items():
        found = smooth(WORDS, method=method, settings=Settings().replace(knobs)).words.labels
        assert (found == WORDS.labels) == (other in METHODS[method].groups)


UNKNOWN = {
    "smooth": lambda name: smooth(WORDS, method=name),
    "smooth, off": lambda name: smooth(
        WORDS, method=name, settings=Settings(smoothing_enabled=False)
    ),
    "repair": lambda name: repair(
        read_document('[{"word": "a", "start": 0, "end": 1, "speaker": "A"}]', "a.json"),
        method=name,
    ),
    "options": lambda name: resolve({"method": name}, {}, {}, ""),
    "environment": lambda name: resolve({}, {"DIARFIX_METHOD": name}, {}, ""),
    "file": lambda name: resolve({}, {}, {"method": name}, "diarfix.toml"),
    "benchmark": lambda name: expand_variants([name], {}, resolve({}, {}, {}, "")),
}


@pytest.mark.parametrize("call", UNKNOWN.values(), ids=UNKNOWN)
@pytest.mark.parametrize(("name", "near"), [("virterbi", "viterbi"), ("rule", "rules")])
def test_an_unknown_method_is_an_error_everywhere_with_the_nearest_name(call, name, near):
    with pytest.raises(UsageError, match=f"unknown (method|variant) '{name}'") as caught:
        call(name)
    assert caught.value.hint == f"did you mean {near}?"
