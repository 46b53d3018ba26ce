"""The pages as text: self-contained, inert, complete. What they do is in test_browser.py."""

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from importlib.resources import files

import pytest
from page_samples import AFTER, BEFORE, REF, SPEAKERS, page_of, reference, side, task

from diarfix.core.words import turns_from_rows, words_from_rows
from diarfix.errors import InputError
from diarfix.metrics.labels import LEFT_OUT, MovedCounts
from diarfix.metrics.sides import Side
from diarfix.metrics.table import in_tables
from diarfix.report.html import benchmark_page, compared
from diarfix.report.html.page import KINDS, WHY_LEFT_OUT
from diarfix.report.html.score import audio_url, page_columns, within_budget
from diarfix.report.visible import one_line


class Parts(HTMLParser):
    """What a browser would see: elements, and the content of scripts and styles."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.blocks, self.code, self.style = [], {}, [], []
        self.policy, self.inside = "", ("", {})
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.inside = (tag, dict(attrs))
        self.tags.append(self.inside)
        if tag == "meta" and dict(attrs).get("http-equiv"):
            self.policy = dict(attrs)["content"]

    def handle_endtag(self, _tag):
        self.inside = ("", {})

    def handle_data(self, data):
        tag, attrs = self.inside
        if tag == "style":
            self.style.append(data)
        elif tag == "script" and attrs.get("type") == "application/json":
            self.blocks[attrs["id"]] = json.loads(data)
        elif tag == "script":
            self.code.append(data)


def digest(text):
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def sources(suffix):
    folder = files("diarfix.report.html")
    return {f.name: f.read_text("utf-8") for f in folder.iterdir() if f.name.endswith(suffix)}


@pytest.fixture
def pages(talk, tree):
    return {"score": page_of(talk), "benchmark": benchmark_page(tree)}


@pytest.mark.parametrize("name", ["score", "benchmark"])
def test_a_page_names_nothing_outside_itself(pages, name):
    parts = Parts(pages[name])
    for tag, attrs in parts.tags:
        assert tag not in {"link", "iframe", "img", "object", "base", "form"}
        assert "src" not in attrs
        assert attrs.get("href", "#").startswith("#")
    assert "url(" not in "".join(parts.style)
    assert "@import" not in "".join(parts.style)


@pytest.mark.parametrize("name", ["score", "benchmark"])
def test_the_policy_allows_the_pages_own_style_and_script_and_nothing_else(pages, name):
    parts = Parts(pages[name])
    assert parts.policy.startswith("default-src 'none';")
    assert f"script-src 'sha256-{digest(''.join(parts.code))}'" in parts.policy
    assert f"style-src 'sha256-{digest(''.join(parts.style))}'" in parts.policy
    assert "unsafe" not in parts.policy
    assert not any(a.startswith("on") or a == "style" for _, attrs in parts.tags for a in attrs)


def test_no_script_reads_data_as_markup_or_code():
    for name, text in sources(".js").items():
        for word in ("innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval(",
                     "new Function", "fetch(", "XMLHttpRequest", "WebSocket"):  # fmt: skip
            assert word not in text, name


def test_hostile_text_is_data_and_comes_back_as_people_are_shown_it(hostile):
    page = page_of(hostile, errors=["<b>"])
    parts = Parts(page)
    words = hostile.after.task.hyp.words
    assert parts.blocks["recording-0"]["words"]["text"] == [one_line(t.strip()) for t in words.text]
    assert parts.blocks["data"]["recordings"][0]["id"] == hostile.name
    assert [tag for tag, _ in parts.tags].count("script") == 3
    assert "img" not in dict(parts.tags)
    assert page.encode("utf-8")


CONTROLS = "a\u202eb\u2066c\x1b[2Jd\u200be\x85f\ufeffg\U000e0041h"


def test_nothing_that_moves_or_hides_text_stands_raw_in_a_page(tree):
    ref = reference("A" * 10 + "B" * 10, {"A": CONTROLS, "B": "Bob"}, name=CONTROLS)
    hyp = side("1" * 11 + "2" * 9, {"1": CONTROLS, "2": "x"}, texts=[CONTROLS] * 20)
    tree["settings"][CONTROLS] = [CONTROLS]
    tree["files"][0]["id"] = CONTROLS
    score = page_of(compared(task(ref, hyp, name=CONTROLS)), errors=[CONTROLS])
    for page in (score, benchmark_page(tree)):
        data = page[page.index("</style>") :]
        assert [c for c in data if not c.isprintable() and c != "\n"] == []
        assert r"a\\u202eb\\u2066c\\x1b[2Jd" in data


def test_joiners_that_scripts_need_stay_and_are_escaped_in_the_source():
    word = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"
    page = page_of(compared(task(reference("AB"), side("12", SPEAKERS, texts=[word, "b"]))))
    assert "\u200c" not in page
    assert Parts(page).blocks["recording-0"]["words"]["text"] == [word, "b"]


def test_every_reason_to_leave_a_word_out_has_its_words():
    assert len(WHY_LEFT_OUT) == len(LEFT_OUT)
    turns = turns_from_rows(
        [(0, 1, "Ann"), (1, 2, "?"), (3, 5, "Ann"), (4, 5, "Bob"), (5, 9, "Bob")]
    )
    rows = [(f"w{i}", i, i + 0.9, "x" if i < 5 else "y") for i in range(9)] + [
        ("t", None, None, "x")
    ]
    hyp = Side("talk", words_from_rows(rows), None)
    recording = compared(task(Side("talk", None, turns), hyp))
    why = page_columns(recording)["ref"]["left_out"]
    assert why == [0, 1, 4, 1, 2, 1, 0, 1, 3, 1, 0, 4, 1, 1]
    assert Parts(page_of(recording)).blocks["data"]["overall"]["left_out"] == [0, 1, 1, 1, 1]


def test_the_same_recordings_make_the_same_page(talk):
    assert page_of(talk) == page_of(talk)


def test_the_columns_say_what_scoring_said(talk):
    shown = page_columns(talk)
    after, before = shown["versions"]["after"], shown["versions"]["before"]
    assert shown["people"] == ["Ann", "Bob"]
    assert after["labels"] == ["SPEAKER_00", "SPEAKER_01"]
    assert after["person"] == [0, 1]
    assert shown["words"]["start"][:3] == [0, 1000, 2000]
    assert shown["words"]["end"][0] == 900
    errors = after["errors"]
    found = list(zip(errors["kind"], errors["first"], errors["stop"], strict=True))
    assert found == [
        ("seam", 10, 11),
        ("absorption", 20, 22),
        ("confusion", 34, 39),
        ("turn", 45, 50),
        ("island", 55, 56),
    ]
    assert before["errors"]["first"] == [4, 10, 20, 34, 45]
    who = after["who"]
    spelled = "".join(str(c + 1) * n for c, n in zip(who[::2], who[1::2], strict=True))
    assert spelled == AFTER
    assert talk.moved == MovedCounts(repaired=2, broken=1)


def test_a_word_without_time_or_label_stays_without():
    hyp = side(AFTER[:19] + " " + AFTER[20:], SPEAKERS, timed=False)
    ref = side(REF, {"A": "Ann", "B": "Bob"}, timed=False)
    shown = page_columns(compared(task(ref, hyp)))
    assert set(shown["words"]["start"]) == {None}
    assert -1 in shown["versions"]["after"]["who"][::2]
    assert shown["ref"]["turns"] is None


def test_words_are_joined_to_the_turns_that_are_scored():
    """Also where the recording came with turns of its own: the lane shows its words."""
    words = words_from_rows(
        [("a", 0, 1, "x"), ("b", 1.5, 2, "x"), ("c", 2.6, 3, "x"), ("d", 3, 4, None)]
    )
    hyp = Side("talk", words, turns_from_rows([(0, 9, "x")]))
    shown = page_columns(compared(task(reference(), hyp)))["versions"]["after"]["turns"]
    assert shown == {"start": [0, 2600], "end": [2000, 3000], "who": [0, 0]}


def test_a_label_that_stands_for_nobody_is_a_person_of_its_own():
    hyp = side("1" * 9 + "3" + AFTER[10:], SPEAKERS | {"3": "Ann"})
    shown = page_columns(compared(task(reference(), hyp), side(BEFORE, SPEAKERS)))
    assert shown["people"] == ["Ann", "Bob", "Ann"]
    assert shown["n_ref"] == 2
    assert shown["versions"]["after"]["person"][1] == 2


def test_turns_alone_make_a_page_without_words():
    name = {"A": "x", "B": "y"}
    recording = compared(task(reference(), reference(REF[::-1], name)), reference(REF, name))
    shown = page_columns(recording)
    assert shown["words"] is None
    assert shown["versions"]["after"]["errors"] is None
    assert recording.moved is None
    assert Parts(page_of(recording)).blocks["data"]["overall"]["repaired"] is None


def test_a_recording_that_the_hypothesis_lacks_is_shown_as_missed():
    recording = compared(task(reference(), None))
    assert page_columns(recording)["versions"]["after"]["turns"] is None
    assert recording.after.score.metrics()["der_missed"] == 1.0


@pytest.mark.parametrize(
    "before",
    [
        side(BEFORE[:-1], SPEAKERS),
        side(BEFORE, SPEAKERS, texts=["other"] * 60),
        side(" " * 60, SPEAKERS),
        reference(),
    ],
)
def test_before_must_hold_the_same_words_and_name_speakers(before):
    with pytest.raises(InputError, match="--before"):
        compared(task(reference(), side(AFTER, SPEAKERS)), before)


def test_beyond_the_budget_the_recordings_of_most_errors_keep_their_words(talk):
    good = compared(task(reference(name="good"), side(REF, {"A": "a", "B": "b"}), name="good"))
    assert within_budget([good, talk], 10) == {"talk"}
    assert within_budget([good, talk], 120) == {"talk", "good"}
    data = Parts(page_of(good, talk, max_words=100)).blocks
    assert set(data) == {"data", "recording-1"}
    assert [r["block"] for r in data["data"]["recordings"]] == [None, "recording-1"]
    assert data["data"]["recordings"][0]["after"]["n_scored"] == 60


def test_audio_is_named_relative_to_the_page_and_quoted(tmp_path):
    audio = tmp_path / "audio files" / "a#1?.wav"
    page = tmp_path / "out" / "page.html"
    assert audio_url(str(audio), str(page)) == "../audio%20files/a%231%3F.wav"


def test_everything_that_is_shown_is_explained(talk, pages):
    assert set(page_columns(talk)["versions"]["after"]["errors"]["kind"]) == set(KINDS)
    assert Parts(pages["benchmark"]).blocks["data"]["metrics"].keys() == {
        row.name for row in in_tables()
    }


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", [":root", ':root[data-theme="dark"]'])
def test_text_has_the_contrast_that_wcag_asks_for(theme):
    css = sources(".css")["page.css"]
    block = css.split(theme + " {")[1].split("}")[0]
    token = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block))
    for ground in ("paper", "card", "hover"):
        for text in ("ink", "soft", "faint", "wrong", "good", "flag"):
            a, b = sorted((luminance(token[text]), luminance(token[ground])))
            assert (b + 0.05) / (a + 0.05) >= 4.5, (text, ground)


# --- the command line ----------------------------------------------------------------------------


@pytest.fixture
def given(tmp_path):
    """ref.rttm, before.json and after.json in the folder the command runs in."""

    def words(labels):
        rows = [
            {"word": f"w{i}", "start": float(i), "end": i + 0.9, "speaker": SPEAKERS[label]}
            for i, label in enumerate(labels)
        ]
        return json.dumps(rows)

    names = {"A": "Ann", "B": "Bob"}
    lines = [
        f"SPEAKER talk 1 {i}.0 1.0 <NA> <NA> {names[c]} <NA> <NA>\n" for i, c in enumerate(REF)
    ]
    (tmp_path / "ref.rttm").write_text("".join(lines))
    (tmp_path / "before.json").write_text(words(BEFORE))
    (tmp_path / "after.json").write_text(words(AFTER))
    (tmp_path / "short.json").write_text(words(BEFORE[:30]))
    (tmp_path / "talk.wav").write_bytes(b"RIFF")
    return tmp_path


def test_score_writes_the_page_beside_its_figures(cli, given):
    ran = cli("score", "ref.rttm", "after.json", "--before", "before.json",
              "--audio", "talk.wav", "--html", "out.html")  # fmt: skip
    assert ran.code == 0
    assert "written: out.html" in ran.err
    data = Parts((given / "out.html").read_text("utf-8")).blocks["data"]
    assert data["overall"]["before"]["n_word_errors"] == 15
    assert data["overall"]["after"]["n_word_errors"] == 14
    assert (data["overall"]["repaired"], data["overall"]["broken"]) == (2, 1)
    assert data["audio"] == "talk.wav"
    assert data["settings"]["collar"] == 0.0


def test_json_stays_the_only_thing_on_stdout(cli, given):
    ran = cli("score", "ref.rttm", "after.json", "--json", "--html", "out.html")
    assert json.loads(ran.text)["overall"]["n_word_errors"] == 14
    assert (given / "out.html").exists()


def test_files_are_written_though_nobody_reads_the_figures(given):
    """``score … | head``: whatever is not read of stdout, the page and the table are whole."""
    read, write = os.pipe()
    os.close(read)
    arguments = ("ref.rttm", "after.json", "--html", "out.html", "--summary", "out.md")
    done = subprocess.run(
        [sys.executable, "-m", "diarfix", "score", *arguments],
        cwd=given, stdout=write, stderr=subprocess.PIPE, check=False,
    )  # fmt: skip
    os.close(write)
    assert done.returncode == 141
    assert Parts((given / "out.html").read_text("utf-8")).blocks["data"]["overall"]
    assert (given / "out.md").read_text("utf-8").startswith("# diarfix score")


@pytest.mark.parametrize(
    "arguments",
    [
        ("--before", "before.json"),
        ("--audio", "talk.wav"),
        ("--html", "-"),
        ("--html", "out.html", "--before", "short.json"),
        ("--html", "out.html", "--before", "missing.json"),
        ("--html", "out.html", "--audio", "missing.wav"),
    ],
)
def test_what_no_page_can_show_is_refused_and_nothing_is_written(cli, given, arguments):
    ran = cli("score", "ref.rttm", "after.json", *arguments)
    assert ran.code == 2
    assert ran.err.count("error:") == 1
    assert not (given / "out.html").exists()


def test_a_failed_gate_still_writes_the_page(cli, given):
    ran = cli("score", "ref.rttm", "after.json", "--html", "out.html", "--fail-if", "wser>0")
    assert ran.code == 1
    assert (given / "out.html").exists()


def test_benchmark_writes_its_report(cli, given):
    entry = {"id": "talk", "dataset": "d", "role": "tune", "words": "before.json",
             "ref_rttm": "ref.rttm"}  # fmt: skip
    (given / "corpus.json").write_text(json.dumps({"version": "1", "files": [entry]}))
    ran = cli("benchmark", "--corpus", "corpus.json", "--variants", "off,rules", "--out", "out")
    assert ran.code == 0, ran.err
    assert "report.html" in ran.err
    data = Parts((given / "out" / "report.html").read_text("utf-8")).blocks["data"]
    results = json.loads((given / "out" / "results.json").read_text("utf-8"))
    assert data["overall"] == results["overall"]
    assert data["files"][0]["variants"]["off"]["n_word_errors"] == 15
    assert any("fewer than five recordings" in note for note in data["notes"])
