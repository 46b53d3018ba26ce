"""The benchmark's table fits the terminal: what does not is left out whole, never cut."""

import io

import pytest
from rich.console import Console

from diarfix.report.benchmark_text import benchmark_table


def drawn(tree, columns):
    console = Console(width=columns, file=io.StringIO())
    console.print(benchmark_table(tree, columns))
    return console.file.getvalue()


@pytest.mark.parametrize(
    ("columns", "heads"),
    [
        (80, ["wrong", "wser", "change", "wser gain [95 % CI]", "/ broken", "islands"]),
        (60, ["wrong", "wser", "change", "/ broken", "islands"]),
        (50, ["wrong", "wser", "change", "/ broken"]),
        (40, ["wrong", "wser", "change"]),
    ],
)
def test_a_narrow_terminal_gets_fewer_columns_and_whole_cells(tree, columns, heads):
    text = drawn(tree, columns)
    lines = text.splitlines()
    assert max(map(len, lines)) <= columns
    assert "\\n" not in text
    assert "…" not in text
    head = lines.index(next(line for line in lines if line.startswith("variant")))
    assert lines[head].split() == " ".join(["variant", *heads]).split()
    assert [line.split() for line in lines[:head]] == [["repaired"]] * ("/ broken" in heads)
    below = [line.split()[:2] for line in lines[head + 1 : head + 4]]
    assert below == [["calls"], ["off", "70"], ["rules", "53"]]


def test_a_wide_terminal_gets_every_column(tree):
    assert drawn(tree, 200).splitlines()[0].split()[:3] == ["dataset", "variant", "files"]
    assert len(benchmark_table(tree, 200).columns) == 12
