"""A metric is its counts and its row: everything else reads the row."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diarfix.benchmark.cells import Cell, block_counts, cell_bytes, cell_of
from diarfix.core.words import turns_from_rows, words_from_rows
from diarfix.errors import UsageError
from diarfix.metrics.counts import Counts, Metric
from diarfix.metrics.gates import Tolerance, changes, check_names, parse_condition
from diarfix.metrics.recording import RecordingScore, compare, pool
from diarfix.metrics.sides import Side
from diarfix.metrics.table import METRICS, families, frozen_names, gate_names, in_tables, on_pages
from diarfix.metrics.task import ScoreSettings, ScoreTask
from diarfix.report import score_table
from diarfix.report.html import compared
from diarfix.report.html.score import score_page

FAMILIES = sorted(families().values(), key=lambda kind: kind.family)


def drawn(kind, *, whole=1000):
    """Counts of one kind that are what counts may be, by drawing the parts below their wholes."""

    @st.composite
    def draw(draw):
        names = [field.name for field in dataclasses.fields(kind)]
        found = {name: draw(st.integers(0, whole)) for name in names}
        for _ in names:
            for part, of in kind.parts:
                found[part] = min(found[part], found[of])
        return kind(**found)

    return draw()


@pytest.mark.parametrize("kind", FAMILIES, ids=lambda kind: kind.family)
@settings(max_examples=25, deadline=None)
@given(st.data())
def test_counts_add_in_any_order_and_nothing_adds_nothing(kind, data):
    a, b, c = (data.draw(drawn(kind)) for _ in range(3))
    assert a + kind() == kind() + a == a
    assert a + b == b + a
    assert (a + b) + c == a + (b + c)
    for field in dataclasses.fields(kind):
        assert getattr(a + b, field.name) == getattr(a, field.name) + getattr(b, field.name)


@pytest.mark.parametrize("kind", FAMILIES, ids=lambda kind: kind.family)
@pytest.mark.parametrize("bad", [-1, float("nan"), float("inf")])
def test_what_is_no_count_is_refused_at_birth(kind, bad):
    for field in dataclasses.fields(kind):
        with pytest.raises(ValueError, match="is no count"):
            kind(**{field.name: bad})


@pytest.mark.parametrize("kind", FAMILIES, ids=lambda kind: kind.family)
def test_a_part_larger_than_its_whole_is_refused_at_birth(kind):
    for _, whole in kind.parts:
        values = dict.fromkeys((field.name for field in dataclasses.fields(kind)), 2)
        with pytest.raises(ValueError, match=f"more than {whole}"):
            kind(**values | {whole: 1})


@pytest.mark.parametrize("row", METRICS.values(), ids=lambda row: row.name)
def test_every_row_has_a_value_and_words_even_of_nothing(row):
    nothing = row.counts()
    assert row.of(None) is None
    assert row.of(nothing) in ({None, 0} if row.shown else [{"1": 0, "2": 0, "3": 0}])
    assert (row.shown == "rate") <= (row.of(nothing) is None)
    if row.title:
        assert row.shown
        assert all(isinstance(text, str) for text in (row.brief(nothing), row.counted(nothing)))
        assert row.sentence.endswith(".")


def test_each_metric_shown_has_a_place_of_its_own():
    rows = [row for row in METRICS.values() if row.title]
    for places in zip(*(row.place for row in rows), strict=True):
        assert sorted(places) == list(range(1, len(rows) + 1))


@dataclass(frozen=True, slots=True)
class VowelCounts(Counts):
    """Words whose label begins with a vowel."""

    family = "vowels"
    parts = (("vowels", "words"),)

    vowels: int = 0
    words: int = 0

    @classmethod
    def measure(cls, pair):
        words = pair.hyp.words
        if words is None:
            return "the hypothesis has no words"
        return cls(sum(str(label)[0] in "AEIOU" for label in words.labels), len(words))

    @property
    def share(self):
        return self.vowels / self.words if self.words else None


@pytest.fixture
def made_up(monkeypatch):
    row = Metric(
        "vowel_share",
        VowelCounts,
        "share",
        better="up",
        shown="rate",
        frozen=True,
        place=(99, 99),
        counted=lambda c: f"{c.vowels} labels of {c.words}",
        brief=lambda c: f"{c.vowels:,} labels",
        title="Vowels",
        sentence="Labels that begin with a vowel.",
    )
    monkeypatch.setitem(METRICS, row.name, row)
    return row.name


def spoken(labels="AAABBB"):
    words = words_from_rows((f"w{i}", i, i + 0.9, label) for i, label in enumerate(labels))
    ref = Side("r", None, turns_from_rows([(0.0, 3.0, "Ann"), (3.0, 6.0, "Ben")]))
    return ref, Side("r", words, None)


def test_a_row_is_in_the_json_pooled_gated_and_kept(made_up):
    one, two = (compare(ScoreTask("r", *spoken(labels))).score for labels in ("AAABBB", "BBBBBB"))
    both = pool([one, two])
    assert json.loads(json.dumps(both.document()))[made_up] == 0.25
    assert list(both.metrics())[-1] == made_up
    check_names([parse_condition(f"{made_up}>0.2")], gate_names())
    assert parse_condition(f"{made_up}>0.2").failure(both.metrics()[made_up])
    last = changes(one.metrics(), both.metrics(), Tolerance(), every=True)[-1]
    assert last.failure.startswith(made_up)
    assert made_up in frozen_names()
    silent = compare(ScoreTask("r", spoken()[0], Side("r", None, spoken()[0].turns))).score
    assert silent.reason(made_up) == "the hypothesis has no words"


def test_without_its_row_a_metric_is_unknown():
    with pytest.raises(UsageError, match="unknown metric 'vowel_share'"):
        check_names([parse_condition("vowel_share>0.2")], gate_names())


def test_a_row_is_in_the_table_and_the_markdown(made_up):
    score = compare(ScoreTask("r", *spoken())).score
    shown = score_table.overview(score)
    cells = [list(column.cells) for column in shown.columns]
    at = cells[0].index(made_up)
    assert [column[at] for column in cells] == [made_up, "50.00 %", "3 labels of 6"]
    text = score_table.score_markdown([score], score, ScoreSettings(), has_uem=False)
    assert f"| {made_up} | 50.00 % | 3 labels of 6 |" in text


def test_a_row_is_in_the_data_of_the_page(made_up):
    ref, hyp = spoken()
    task = ScoreTask(name="r", ref=ref, hyp=hyp, uem=None, options=ScoreSettings())
    page = score_page([compared(task)], settings={})
    data = json.loads(page.split('id="data">')[1].split("</script>")[0])
    assert list(data["metrics"])[-1] == made_up
    assert data["metrics"][made_up] == {
        "title": "Vowels",
        "sentence": "Labels that begin with a vowel.",
        "shown": "rate",
    }
    assert data["overall"]["after"][made_up] == 0.5
    assert data["overall"]["brief"][made_up] == "3 labels"


def test_a_row_is_kept_in_a_cell(made_up):
    found = compare(ScoreTask("r", *spoken()))
    detail = found.task.detail
    kept = cell_bytes(Cell(found.score, detail.wrong, block_counts(detail), {}))
    assert cell_of(kept).score.metrics()[made_up] == 0.5


def test_the_orders_hold_the_same_rows():
    assert {row.name for row in in_tables()} == {row.name for row in on_pages()}
    assert list(RecordingScore(name="").metrics()) == list(METRICS)
