"""The metrics: one row each, which everything that shows, gates or keeps a metric reads."""

from __future__ import annotations

from typing import Final

from diarfix.metrics.counts import Counts, Direction, Metric
from diarfix.metrics.cpwer import TCP_COLLAR, CpwerCounts, TcpwerCounts
from diarfix.metrics.der import CoverageCounts, DerCounts, JerCounts
from diarfix.metrics.labels import LabelCounts, MovedCounts
from diarfix.metrics.task import SpeakerCounts
from diarfix.metrics.transcripts import WderCounts


def _percent(rate: float | None) -> str:
    return "-" if rate is None else f"{100 * rate:.2f} %"


def _digits(rate: float | None) -> str:
    """A rate as a page writes it, with three digits that tell."""
    if rate is None:
        return "–"
    return f"{100 * rate:.{1 if rate >= 0.1 else 2}f} %"


def _plural(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def _wser(c: LabelCounts) -> str:
    lost = f" ({c.n_unlabelled} unlabelled)" if c.n_unlabelled else ""
    return f"wrong speaker: {c.n_word_errors} of {c.n_scored} words{lost}"


def _absorbed(c: LabelCounts) -> str:
    n = c.short_turns
    return f"all words wrong, of {n} true turn{'' if n == 1 else 's'} of 1-3 words"


def _der(c: DerCounts) -> str:
    if c.rate is None:
        return ""
    missed, false, confused = (
        f"{100 * (rate or 0.0):.2f}"
        for rate in (c.missed_rate, c.false_alarm_rate, c.confusion_rate)
    )
    return f"missed {missed} + false alarm {false} + confusion {confused} %"


def _der_brief(c: DerCounts) -> str:
    missed, false, confused = map(_digits, (c.missed_rate, c.false_alarm_rate, c.confusion_rate))
    return f"missed {missed}, false alarm {false}, confusion {confused}"


_NO_SPEECH = "no reference speech in the scored regions"

_ROWS = (
    Metric("n_words", LabelCounts, better=None),
    Metric("n_scored", LabelCounts, better=None, frozen=True),
    Metric("n_excluded", LabelCounts, better=None),
    Metric("n_unlabelled", LabelCounts),
    Metric("n_word_errors", LabelCounts, frozen=True),
    Metric(
        "wser",
        LabelCounts,
        shown="rate",
        headline=True,
        frozen=True,
        place=(1, 1),
        counted=_wser,
        brief=lambda c: f"{c.n_word_errors:,} of {c.n_scored:,} words",
        title="Word speaker error rate",
        sentence="Share of the words that carry the wrong speaker. Words that nobody, or more than"
        " one person, speaks in the reference are not counted, nor those without a time to look"
        " there.",
    ),
    Metric(
        "t_wser",
        LabelCounts,
        shown="rate",
        frozen=True,
        nothing="the words have no durations",
        place=(2, 7),
        counted=lambda c: f"the same by duration: {c.t_errors:.1f} of {c.t_scored:.1f} s",
        title="Wrong speaker, by duration",
        sentence="Seconds of words with the wrong speaker, of all seconds of words: long words"
        " weigh more.",
    ),
    Metric(
        "islands",
        LabelCounts,
        frozen=True,
        place=(3, 2),
        counted=lambda c: (
            f"inside one true speaker; of 1/2/3 words: {c.islands_1}/{c.islands_2}/{c.islands_3}"
        ),
        brief=lambda c: ", ".join(
            f"{n:,} of {_plural(int(length), 'word')}" for length, n in c.island_hist.items() if n
        ),
        title="Islands",
        sentence="One to three words in the middle of one person's sentence that carry somebody"
        " else's name. Readers notice these first.",
    ),
    Metric("island_hist", LabelCounts, shown=None),
    Metric(
        "boundary_errors",
        LabelCounts,
        place=(4, 8),
        counted=lambda _: "wrong words within two of a true change",
        title="Errors at a change of speaker",
        sentence="Wrong words within two words of a place where the speaker really changes.",
    ),
    Metric(
        "interior_errors",
        LabelCounts,
        place=(5, 9),
        counted=lambda _: "wrong words elsewhere",
        title="Errors elsewhere",
        sentence="Wrong words farther from any real change of speaker.",
    ),
    Metric("boundary_precision", LabelCounts, better="up", shown="rate"),
    Metric("boundary_recall", LabelCounts, better="up", shown="rate"),
    Metric(
        "boundary_f1",
        LabelCounts,
        better="up",
        shown="rate",
        frozen=True,
        nothing="no label changes",
        place=(6, 4),
        counted=lambda c: (
            f"changes at the right word: P {_percent(c.boundary_precision)},"
            f" R {_percent(c.boundary_recall)}"
        ),
        brief=lambda c: (
            f"precision {_digits(c.boundary_precision)}, recall {_digits(c.boundary_recall)}"
        ),
        title="Changes at the right word",
        sentence="How many of the changes of speaker stand at exactly the right word: precision and"
        " recall in one figure. Higher is better.",
    ),
    Metric("short_turns", LabelCounts, better=None),
    Metric(
        "absorbed_turns",
        LabelCounts,
        place=(7, 3),
        counted=_absorbed,
        brief=lambda c: f"of {_plural(c.short_turns, 'short turn')}",
        title="Lost short turns",
        sentence="Turns of one to three words, a “yeah” or “right”, none of which got its own"
        " speaker.",
    ),
    Metric("ref_speakers", SpeakerCounts, "ref", better=None),
    Metric("hyp_speakers", SpeakerCounts, "hyp", better=None),
    Metric(
        "coverage",
        CoverageCounts,
        "rate",
        better="up",
        shown="rate",
        nothing="no single-speaker reference speech in the scored regions",
        place=(13, 11),
        counted=lambda c: f"covered: {c.covered:.1f} of {c.total:.1f} s of one-speaker speech",
        title="Coverage",
        sentence="Share of the reference's speech that the transcript has words for. Low coverage"
        " means that the figures speak of a part only.",
    ),
    Metric(
        "der",
        DerCounts,
        "rate",
        shown="rate",
        headline=True,
        frozen=True,
        nothing=_NO_SPEECH,
        place=(9, 5),
        counted=_der,
        brief=_der_brief,
        title="Diarization error rate",
        sentence="Seconds that were missed, made up, or given to the wrong person, of all seconds"
        " of speech in the reference. The field's usual measure; it barely sees single words.",
    ),
    Metric("der_missed", DerCounts, "missed_rate", shown="rate"),
    Metric("der_false_alarm", DerCounts, "false_alarm_rate", shown="rate"),
    Metric("der_confusion", DerCounts, "confusion_rate", shown="rate"),
    Metric("der_scored_seconds", DerCounts, "scored", better=None),
    Metric(
        "jer",
        JerCounts,
        "rate",
        shown="rate",
        nothing=_NO_SPEECH,
        place=(10, 10),
        counted=lambda c: f"Jaccard error, mean of {c.speakers} reference speakers",
        title="Jaccard error rate",
        sentence="Like the diarization error rate, but each person weighs the same, however little"
        " they say.",
    ),
    Metric(
        "cpwer",
        CpwerCounts,
        "rate",
        shown="rate",
        headline=True,
        place=(11, 12),
        counted=lambda c: f"{c.errors} errors of {c.length} words",
        title="cpWER",
        sentence="Word error rate per speaker under the best assignment of names: wrong words and"
        " wrong speakers together.",
    ),
    Metric(
        "tcpwer",
        TcpwerCounts,
        "rate",
        shown="rate",
        headline=True,
        place=(12, 13),
        counted=lambda c: f"{c.errors} errors, words at most {TCP_COLLAR:g} s apart",
        title="tcpWER",
        sentence="Like cpWER, but words count as equal only if they lie within five seconds.",
    ),
    Metric(
        "wder",
        WderCounts,
        "rate",
        shown="rate",
        headline=True,
        nothing="no words align",
        place=(8, 6),
        counted=lambda c: f"wrong speaker: {c.wrong} of {c.aligned} aligned words",
        brief=lambda c: f"{c.wrong:,} of {c.aligned:,} words",
        title="Word diarization error rate",
        sentence="Wrong speakers among the words that both transcripts share.",
    ),
)

#: The metrics of a recording by name, in the order of ``--json``.
METRICS: Final = {row.name: row for row in _ROWS}

#: Of two systems compared on a recording.
COMPARISONS: Final = {
    row.name: row
    for row in (
        Metric("repaired", MovedCounts, better="up", frozen=True),
        Metric("broken", MovedCounts, frozen=True),
    )
}


def families() -> dict[str, type[Counts]]:
    """What is counted of a recording: the counts that the metrics are taken from, by family."""
    return {row.counts.family: row.counts for row in METRICS.values()}


def in_tables() -> list[Metric]:
    """The metrics that people are shown, in the order of a table."""
    return sorted((row for row in METRICS.values() if row.title), key=lambda row: row.place[0])


def on_pages() -> list[Metric]:
    """The same in the order of a page."""
    return sorted((row for row in METRICS.values() if row.title), key=lambda row: row.place[1])


def gate_names() -> list[str]:
    """The metrics that are one number, which a gate can hold against another."""
    return [row.name for row in METRICS.values() if row.shown is not None]


def frozen_names() -> list[str]:
    """The figures that a benchmark's baseline keeps."""
    return [row.name for row in (*METRICS.values(), *COMPARISONS.values()) if row.frozen]


def direction(name: str) -> Direction | None:
    """Where a figure should go, by its name or by a longer one that ends with a dot and that.

    >>> direction("wser"), direction("one: rules.repaired"), direction("n_words")
    ('down', 'up', None)
    """
    row = row_of(name)
    return "down" if row is None else row.better


def row_of(name: str) -> Metric | None:
    """The row of a figure, by its name as above."""
    short = name.rpartition(".")[2]
    return METRICS.get(short) or COMPARISONS.get(short)
