"""The pages in a real browser: clicked, zoomed, sorted, played; skipped where none is installed."""

import json
import random
import re
import wave
from dataclasses import dataclass

import pytest
from chromium import PROGRAM, Browser
from page_samples import REF, compared_figures, figures, page_of, reference, side, task

from diarfix.core.words import turns_from_rows, words_from_rows
from diarfix.metrics.counts import Counts, Metric
from diarfix.metrics.sides import Side
from diarfix.metrics.sweep import words_to_turns
from diarfix.metrics.table import METRICS
from diarfix.report.html import benchmark_page, compared

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="no Chromium on the PATH")


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    one = Browser(tmp_path_factory.mktemp("profile"))
    yield one
    one.close()


@pytest.fixture
def shown(browser, tmp_path):
    """Open a page's text; whatever it complains of, or asks the network for, fails the test."""

    opened = []

    def check():
        browser.frame()
        assert browser.complaints() == []
        local = ("file:", "blob:", "data:")
        assert [u for u in browser.requests() if not u.startswith(local)] == []

    def show(text, **look):
        if opened:
            check()
        path = tmp_path / f"page-{len(opened)}.html"
        path.write_bytes(text.encode("utf-8"))
        browser.js("try { localStorage.clear() } catch {}")
        browser.open(path, **look)
        opened.append(path)
        return browser

    yield show
    if opened:
        check()


@pytest.fixture
def score(shown, talk):
    return shown(page_of(talk))


@pytest.fixture
def bench(shown, tree):
    return shown(benchmark_page(tree))


def text(browser, selector):
    return browser.js(f"document.querySelector({json.dumps(selector)}).textContent")


def texts(browser, selector):
    return browser.js(
        f"[...document.querySelectorAll({json.dumps(selector)})].map(e => e.textContent)"
    )


def fill(browser, name, value):
    """Write into a field, or choose in a list, as a person's hand would end up doing."""
    field = f"document.getElementById({json.dumps(name)})"
    browser.js(
        f"{field}.value = {json.dumps(value)};"
        f" for (const e of ['input', 'change']) {field}.dispatchEvent(new Event(e))"
    )


def view(browser):
    """What the timeline shows, ms."""
    return [int(t) for t in browser.js("timeline.dataset.view").split(",")]


def middle(browser):
    return browser.place("#timeline")


def test_a_page_answers_for_its_own_errors_alone(browser, tmp_path):
    """An error thrown while the next page is being opened is the last one's."""
    bad, good = tmp_path / "bad.html", tmp_path / "good.html"
    ready = "document.documentElement.dataset.ready = 'true'"
    bad.write_text(f"<script>{ready}; setInterval(() => {{ throw Error('late') }}, 5)</script>")
    good.write_text(f"<script>{ready}</script>")
    browser.open(bad)
    browser.wait("performance.now() > 50")
    assert any("late" in complaint for complaint in browser.complaints())
    browser.open(good)
    browser.frame()
    assert browser.complaints() == []


# --- the page of a score -------------------------------------------------------------------------


def test_the_first_sentence_says_how_many_words_are_wrong_and_what_changed(score):
    assert text(score, "#lead") == (
        "14 of 60 words carry the wrong speaker, where 15 did before. 2 repaired, 1 broken."
    )


def test_every_kind_of_error_is_explained_and_counted(score):
    assert texts(score, "#kinds h3") == [
        "Island1 → 1 word",
        "Seam2 → 1 word",
        "Absorption2 → 2 words",
        "Turn5 → 5 words",
        "Confusion5 → 5 words",
    ]
    assert all(len(t) > 30 for t in texts(score, "#kinds p"))
    assert all(len(t) > 30 for t in texts(score, ".tile p"))


def test_a_click_on_a_word_takes_the_timeline_to_it(score):
    score.click('.w[data-i="47"]')
    start, end = view(score)
    assert start < 47_000 < end
    assert end - start < 60_000
    assert score.js("document.querySelector('[aria-current]').textContent") == "w47"
    assert "w47" in text(score, "#live")
    assert "wrong: spoken by Bob" in text(score, "#live")


def test_a_click_on_the_timeline_takes_the_transcript_to_the_word(score):
    x, y = middle(score)
    score.click_at(x, y)
    start, end = view(score)
    word = int(score.js("document.querySelector('[aria-current]').dataset.i"))
    assert start <= word * 1000 <= end
    box = "document.querySelector('[aria-current]').getBoundingClientRect()"
    inside = "transcript.getBoundingClientRect()"
    assert score.js(f"{box}.top >= {inside}.top && {box}.bottom <= {inside}.bottom")


def test_the_timeline_zooms_by_button_key_and_wheel_and_pans_by_drag_and_key(score):
    whole = view(score)
    score.click("#zoom-in")
    closer = view(score)
    assert closer[1] - closer[0] < whole[1] - whole[0]
    score.click("#zoom-out")
    assert view(score) == whole
    x, y = middle(score)
    score.wheel(x, y, -300, ctrl=True)
    wheeled = view(score)
    assert wheeled[1] - wheeled[0] < whole[1] - whole[0]
    score.drag(x, y, -200)
    assert view(score)[0] > wheeled[0]
    score.js("timeline.focus()")
    score.key("0")
    assert view(score) == whole
    score.key("+")
    score.key("+")
    before = view(score)
    score.key("ArrowRight")
    assert view(score)[0] > before[0]
    score.key("Home")
    assert view(score)[0] == 0
    score.click("#zoom-fit")
    assert view(score) == whole


def test_a_wheel_over_the_timeline_scrolls_the_page_until_the_timeline_has_been_chosen(score):
    score.js("scrollTo(0, 0)")
    x, y = middle(score)
    whole = view(score)
    score.wheel(x, y, -200)
    assert view(score) == whole
    score.js("timeline.focus({preventScroll: true})")
    score.wheel(*middle(score), -200)
    assert view(score) != whole


def test_errors_are_labelled_listed_and_walked_through(score):
    assert texts(score, ".event .k") == [
        "Island", "Seam", "Seam", "Absorption", "Confusion", "Turn", "Island",
    ]  # fmt: skip
    assert texts(score, ".event .state") == [
        "repaired", "still wrong", "repaired", "still wrong", "still wrong", "still wrong",
        "broken",
    ]  # fmt: skip
    seen = []
    for _ in range(8):
        score.click("#next")
        seen.append(int(score.js("document.querySelector('[aria-current]').dataset.i")))
    assert seen == [4, 10, 11, 20, 34, 45, 55, 4]
    score.key("p")
    assert score.js("document.querySelector('[aria-current]').dataset.i") == "55"


def test_wrong_stretches_are_labelled_by_kind_under_their_lane(score):
    score.js("""
        window.drawn = [];
        const own = CanvasRenderingContext2D.prototype.fillText;
        CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
            if (this.canvas.id === 'timeline') drawn.push(text);
            return own.apply(this, arguments);
        };
        document.getElementById('zoom-fit').click();
    """)
    score.frame()
    drawn = score.js("drawn")
    lanes = [i for i, t in enumerate(drawn) if t in {"Reference", "Before", "After"}]
    assert [drawn[i] for i in lanes] == ["Reference", "Before", "After"]
    kinds = {"island", "seam", "absorption", "turn", "confusion"}
    assert [t for t in drawn[lanes[0] : lanes[1]] if t in kinds] == []
    before = [t for t in drawn[lanes[1] : lanes[2]] if t in kinds]
    after = [t for t in drawn[lanes[2] :] if t in kinds]
    assert before == ["island", "seam", "absorption", "confusion", "turn"]
    assert after == ["seam", "absorption", "confusion", "turn", "island"]


def test_a_word_that_is_not_scored_is_passed_over_inside_a_wrong_stretch(shown):
    rows = [(float(i), i + 1.0, "Ann") for i in range(20) if i != 12]
    rows += [(float(i), i + 1.0, "Bob") for i in range(20, 40)]
    ref = Side("talk", None, turns_from_rows(rows))
    hyp = side("1" * 10 + "2" * 5 + "1" * 5 + "2" * 20, {"1": "a", "2": "b"})
    browser = shown(page_of(compared(task(ref, hyp))))
    wrong = browser.js("[...document.querySelectorAll('.w.x')].map(e => Number(e.dataset.i))")
    assert wrong == [10, 11, 13, 14]
    assert browser.js("[...document.querySelectorAll('.w.out')].map(e => e.dataset.i)") == ["12"]
    assert text(browser, "#events-h") == "4 words in 1 stretch"


def test_the_list_of_errors_filters_by_state_and_kind(score):
    for value, words in (("repaired", 2), ("broken", 1), ("now", 14), ("turn", 5)):
        fill(score, "filter", value)
        assert text(score, "#events-h").startswith(f"{words} word")


def test_a_moved_word_is_struck_where_it_came_from_and_stands_where_it_went(score):
    assert texts(score, "#transcript del") == ["Bob: w4", "Ann: w11", "Ann: w55"]
    assert texts(score, "#transcript ins") == ["w4", "w11", "w55"]
    assert "island: spoken by Ann" in texts(score, "#transcript .chip")[-1]
    wrong = score.js("[...document.querySelectorAll('.w.x')].map(e => Number(e.dataset.i))")
    assert wrong == [10, 20, 21, *range(34, 39), *range(45, 50), 55]


def test_dull_turns_can_be_hidden(score):
    score.click("#only")
    hidden = "[...document.querySelectorAll('.turn')].filter(t => !t.offsetHeight).length"
    assert score.js(hidden) > 0
    assert score.js("document.querySelector('[data-i=\"45\"]').closest('.turn').offsetHeight") > 0


def test_the_transcript_is_walked_by_arrow_keys(score):
    score.click('.w[data-i="3"]')
    score.key("ArrowRight")
    score.key("ArrowRight")
    score.key("ArrowLeft")
    assert score.js("document.querySelector('[aria-current]').dataset.i") == "4"


def test_the_theme_follows_the_system_until_a_person_chooses(shown, talk):
    browser = shown(page_of(talk), dark=True)
    ground = "getComputedStyle(document.body).backgroundColor"
    pixel = "timeline.toDataURL()"
    dark, drawn = browser.js(ground), browser.js(pixel)
    browser.click("#theme")
    assert text(browser, "#theme") == "Theme: dark"
    browser.click("#theme")
    browser.frame()
    assert text(browser, "#theme") == "Theme: light"
    assert browser.js(ground) != dark
    assert browser.js(pixel) != drawn


def test_hostile_words_names_and_ids_are_shown_and_never_run(shown, hostile):
    browser = shown(page_of(hostile, errors=["<img src=x onerror=window.pwned=1>"]))
    for selector in (".event", '.w[data-i="0"]', '.w[data-i="10"]', "#how-h"):
        browser.click(selector)
    browser.js("explainAll = document.querySelectorAll('.tile').length")
    assert browser.js("typeof window.pwned") == "undefined"
    assert text(browser, '.w[data-i="0"]').startswith("</script><script>window.pwned=1")
    assert text(browser, "#legend span").startswith("</script><script>")
    assert browser.js("document.querySelectorAll('img, svg, iframe').length") == 0
    assert text(browser, "#notes") == "<img src=x onerror=window.pwned=1>"


def test_the_policy_stops_script_that_is_not_the_pages_own(score):
    score.js("""
        const s = document.createElement('script');
        s.textContent = 'window.pwned = 1';
        document.body.append(s);
        const d = document.createElement('div');
        d.setAttribute('onclick', 'window.pwned = 1');
        document.body.append(d);
        d.click();
        0
    """)
    assert score.js("typeof window.pwned") == "undefined"
    assert any("Content Security Policy" in c for c in score.complaints())
    score.events.clear()


def test_several_recordings_are_sorted_and_picked(shown, talk):
    clean = side(REF, {"A": "a", "B": "b"}, texts=["clean"] * 60)
    good = compared(task(reference(), clean, name="good"), clean)
    browser = shown(page_of(good, talk))
    names = "#recordings-table tbody td:first-child"
    assert texts(browser, names) == ["talk", "good"]
    assert "in 2 recordings" in text(browser, "#lead")
    assert text(browser, ".w") == "w0"
    browser.click("#recordings-table th button")
    assert texts(browser, names) == ["good", "talk"]
    assert browser.js("document.querySelector('#recordings-table th').ariaSort") == "ascending"
    browser.click("#recordings-table tbody tr")
    assert text(browser, ".w") == "clean"
    assert text(browser, "#events-h") == "Nothing to show"
    fill(browser, "pick", "1")
    assert text(browser, ".w") == "w0"


def test_a_recording_beyond_the_budget_says_that_its_words_are_not_here(shown, talk):
    clean = side(REF, {"A": "a", "B": "b"})
    good = compared(task(reference(), clean, name="good"), clean)
    browser = shown(page_of(good, talk, max_words=100))
    fill(browser, "pick", "0")
    assert "its words are not in this page" in text(browser, "#one-sub")
    assert browser.js("bench.offsetHeight") == 0


def test_turns_without_words_have_a_timeline_and_figures(shown):
    name = {"A": "x", "B": "y"}
    browser = shown(page_of(compared(task(reference(), reference(REF[5:], name)))))
    assert "diarization error" in text(browser, "#lead")
    assert view(browser) == [0, 60_000]
    assert browser.js("document.querySelector('.panes').offsetHeight") == 0


def test_words_without_times_are_read_and_never_break_the_timeline(shown):
    hyp = side(REF[:-1] + "A", {"A": "a", "B": "b"}, timed=False)
    browser = shown(page_of(compared(task(side(REF, {"A": "a", "B": "b"}, timed=False), hyp))))
    browser.click('.w[data-i="3"]')
    assert browser.js("document.querySelector('[aria-current]').dataset.i") == "3"


def test_a_click_on_a_word_plays_the_audio_from_there(shown, talk, tmp_path):
    with wave.open(str(tmp_path / "talk.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(b"\0\0" * 8000 * 60)
    browser = shown(page_of(talk, audio="talk.wav"))
    browser.js("audio.addEventListener('seeked', () => { audio.title ||= audio.currentTime; })")
    browser.click('.w[data-i="30"]')
    browser.wait("!audio.paused && audio.title && audio.currentTime >= 30")
    assert float(browser.js("audio.title")) == pytest.approx(30, abs=0.5)
    browser.wait("Number(document.querySelector('[aria-current]').dataset.i) >= 31")
    browser.js("audio.pause()")


def test_right_to_left_and_unspaced_scripts_keep_their_ways(shown):
    texts_ = ["你", "好", "。"] * 10 + ["שלום", "עולם"] * 15
    names = {"A": "a", "B": "b"}
    ref = reference("A" * 30 + "B" * 30)
    browser = shown(page_of(compared(task(ref, side("A" * 30 + "B" * 30, names, texts=texts_)))))
    paragraphs = texts(browser, ".turn p")
    assert paragraphs[0] == "你好。" * 10
    assert paragraphs[1].startswith("שלום עולם")
    assert browser.js("getComputedStyle(document.querySelectorAll('.turn p')[1]).direction") == (
        "rtl"
    )


def named(browser):
    """Interactive elements that a screen reader would meet without a name."""
    nodes = browser.call("Accessibility.getFullAXTree")["nodes"]
    roles = {"button", "combobox", "checkbox", "radio", "searchbox", "textbox", "image", "img",
             "group", "application", "region"}  # fmt: skip
    return [
        (n["role"]["value"], n.get("name"))
        for n in nodes
        if not n.get("ignored")
        and n.get("role", {}).get("value") in roles
        and not n.get("name", {}).get("value")
        and n["role"]["value"] != "group"
    ]


@dataclass(frozen=True, slots=True)
class NoiseCounts(Counts):
    family = "noise"

    folders: int = 0
    loud: int = 0

    @classmethod
    def measure(cls, _pair):
        return cls(3, 0)


def test_a_figure_is_written_as_its_row_says_whatever_it_is_called(shown, talk, monkeypatch):
    """No name and no whole number makes a script take a count for a rate, or a rate for a count."""
    for name, kind in (("folders", "count"), ("loud", "rate")):
        row = Metric(name, NoiseCounts, shown=kind, title=name, sentence="A made-up figure.")
        monkeypatch.setitem(METRICS, name, row)
    again = compared(talk.after.task)
    browser = shown(page_of(again))
    tiles = dict(zip(texts(browser, ".tile h3"), texts(browser, ".tile .value"), strict=True))
    assert (tiles["folders"], tiles["loud"]) == ("3", "0.00 %")
    assert (tiles["Islands"], tiles["Diarization error rate"][-1]) == ("1", "%")


def test_a_timeline_out_of_sight_draws_nothing_and_comes_back(score):
    score.js("timeline.parentElement.style.display = 'none'")
    score.js("document.getElementById('zoom-in').click()")
    score.frame()
    assert score.js("timeline.clientWidth") == 0
    assert score.complaints() == []
    score.js("timeline.parentElement.style.display = ''")
    score.frame()
    start, end = view(score)
    assert 0 < end - start < 60_000


def test_every_control_has_a_name_and_every_id_is_one(score):
    assert named(score) == []
    ids = score.js("[...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("width", [1280, 700, 390])
def test_no_page_is_wider_than_its_window(shown, talk, tree, width):
    for page in (page_of(talk), benchmark_page(tree)):
        browser = shown(page, width=width)
        assert browser.js("document.documentElement.scrollWidth") <= width
        assert browser.js(_CUT) == []


#: Texts of charts and legends that reach beyond their box.
_CUT = """[...document.querySelectorAll('.chart svg *, .legend > *')].filter(e => {
  const box = e.closest('.chart, .legend').getBoundingClientRect();
  const own = e.getBoundingClientRect();
  return own.width && (own.left < box.left - 1 || own.right > box.right + 1);
}).map(e => e.textContent || e.tagName)"""


def test_every_word_left_out_tells_why(shown):
    rows = [(f"w{i}", i, i + 0.9, "x") for i in range(6)]
    rows[3] = ("w3", None, None, "x")
    turns = [(0, 2, "Ann"), (3, 6, "Ann"), (5, 6, "Bob")]
    recording = task(
        Side("talk", None, turns_from_rows(turns)), Side("talk", words_from_rows(rows), None)
    )
    browser = shown(page_of(compared(recording)))
    assert (
        "3 words are left out: 1 without a time, 1 where nobody speaks in the reference,"
        in text(browser, "#sublead")
    )
    for word, why in (
        (2, "nobody speaks there"),
        (3, "it has no time"),
        (5, "several people speak"),
    ):
        x, y = browser.place(f'.w[data-i="{word}"]')
        browser.mouse("mouseMoved", x, y)
        assert f"not scored: {why}" in text(browser, "#tip")
        browser.click(f'.w[data-i="{word}"]')
        assert f"not scored: {why}" in text(browser, "#live")


def test_one_reason_to_leave_words_out_is_told_of_all(shown):
    rows = [("w0", 0, 0.9, "x"), ("w1", None, None, "x")]
    recording = task(
        Side("talk", None, turns_from_rows([(0, 1, "Ann")])),
        Side("talk", words_from_rows(rows), None),
    )
    browser = shown(page_of(compared(recording)))
    assert text(browser, "#sublead").endswith(" 1 word without a time is left out.")


def test_a_word_without_label_stands_in_the_turn_around_it(shown):
    labels = " 111 1112 22"
    recording = compared(task(reference("A" * 7 + "B" * 5), side(labels, {"1": "x", "2": "y"})))
    browser = shown(page_of(recording))
    assert texts(browser, ".turn b") == ["Ann", "Bob"]
    assert texts(browser, ".w.nobody") == ["w0", "w4", "w9"]
    assert "confusion, no label: spoken by Ann" in texts(browser, ".chip")
    silent = compared(task(reference("AAA"), side("   ", {}, name="talk")))
    assert texts(shown(page_of(silent)), ".turn b") == ["(no label)"]


@pytest.mark.parametrize("dark", [False, True])
def test_thirty_two_people_each_look_different(shown, dark):
    """By hue, and after eight by a pattern in it: in legend, timeline and transcript alike."""
    n = 32
    rows = [(float(i), i + 1.0, f"P{i:02d}") for i in range(n)]
    words = words_from_rows((f"w{i}", i, i + 0.9, f"S{i:02d}") for i in range(n))
    recording = task(
        Side("talk", None, turns_from_rows(rows)), Side("talk", words, words_to_turns(words))
    )
    browser = shown(page_of(compared(recording)), dark=dark)
    look = "(e => getComputedStyle(e).backgroundImage + getComputedStyle(e).backgroundColor)"
    for where in (".legend .dot", ".strip"):
        found = browser.js(f"[...document.querySelectorAll({json.dumps(where)})].map{look}")
        assert len(found) == len(set(found)) == n
    lanes = browser.js(
        """(() => {
          const pen = timeline.getContext('2d'), width = timeline.clientWidth;
          const {data} = pen.getImageData(0, 33, width, 12), found = [];
          for (let i = 0; i < 32; i++) {
            const x = Math.round(78 + (i + 0.15) / 32 * (width - 78)), seen = [];
            for (let at = x; at < data.length / 4; at += width)
              seen.push(...data.slice(4 * at, 4 * at + 48));
            found.push(String(seen));
          }
          return found;
        })()"""
    )
    assert len(set(lanes)) == n


# --- the page of a benchmark ---------------------------------------------------------------------


def test_the_first_sentence_names_the_best_variant_and_its_harm(bench):
    assert text(bench, "#lead") == (
        "rules leaves 63 words with the wrong speaker where there were 160: −60.6 %."
        " It repaired 100 and broke 3."
    )
    assert "no audio" in texts(bench, ".tile")[1]


def test_bars_carry_the_change_its_interval_and_a_tilde_where_it_may_be_chance(bench):
    labels = texts(bench, "#gain svg text.unsure, #gain svg text.better")
    assert labels[0].startswith("~ −24.3 % [")
    assert labels[1] == "no audio"
    assert any(label.startswith("−88.9 % [") for label in labels)
    bench.click("#scale button:nth-child(2)")
    assert texts(bench, "#gain svg text.unsure")[0].startswith("~ −1.70 points [")


def test_repaired_and_broken_words_stand_on_either_side(bench):
    assert texts(bench, "#moved svg text.better") == ["20", "83", "100"]
    assert texts(bench, "#moved svg text.worse") == ["3", "3", "3"]


def test_the_table_sorts_by_each_column_both_ways(bench):
    first = "#files tbody td:first-child"
    assert texts(bench, first) == ["three", "one", "two"]
    for k, ascending in ((1, ["one", "three", "two"]), (6, ["three", "two", "one"])):
        bench.click(f"#files th:nth-child({k}) button")
        one = texts(bench, first)
        bench.click(f"#files th:nth-child({k}) button")
        assert sorted(one) == sorted(ascending)
        assert texts(bench, first) != one
        assert bench.js(f"document.querySelector('#files th:nth-child({k})').ariaSort") in {
            "ascending",
            "descending",
        }


def test_the_table_is_searched(bench):
    fill(bench, "find", "MEET")
    assert texts(bench, "#files tbody td:first-child") == ["three"]
    assert text(bench, "#count") == "1 of 3 recordings"


def test_a_point_picks_its_row_and_a_harmed_recording_has_a_ring(bench):
    assert bench.js("document.querySelectorAll('#scatter .point').length") == 3
    assert bench.js("document.querySelectorAll('#scatter .halo').length") == 1
    bench.click("#scatter .point")
    assert text(bench, "#files tr.picked td") == "two"
    assert "wser" in text(bench, "#files tr.picked td:last-child")
    bench.js("document.querySelector('#scatter .point.picked').focus()")
    bench.key("ArrowRight")
    bench.key("Enter")
    assert text(bench, "#files tr.picked td") == "one"


def test_a_variant_that_did_not_run_is_shown_as_such(bench):
    bench.js("document.querySelector('#variant [aria-checked=true]').focus()")
    bench.key("ArrowRight")
    assert bench.js("document.querySelector('#variant [aria-checked=true]').textContent") == (
        "recheck"
    )
    assert bench.js("document.querySelectorAll('#scatter .point').length") == 0
    assert "no audio" in text(bench, "#files tbody tr")


def test_an_explanation_appears_on_hover_and_goes_on_escape(bench):
    x, y = bench.place("#files th:nth-child(4)")
    bench.mouse("mouseMoved", x, y)
    bench.frame()
    assert "wrong speaker" in text(bench, "#tip")
    assert not bench.js("tip.hidden")
    bench.key("Escape")
    assert bench.js("tip.hidden")


def test_every_control_of_the_benchmark_has_a_name(bench):
    assert named(bench) == []


def test_a_benchmark_of_off_alone_has_no_empty_charts(shown, tree):
    tree["variants"] = ["off"]
    browser = shown(benchmark_page(tree))
    assert "160 of 1,000 words" in text(browser, "#lead")
    assert browser.js("gain.offsetHeight") == 0


# --- size ----------------------------------------------------------------------------------------


def long_talk(n):
    rng = random.Random(0)
    truth, after = [], []
    while len(truth) < n:
        truth += [rng.choice("ABCD")] * rng.choice([1, 3, 12, 40])
    truth = truth[:n]
    after = [c if rng.random() > 0.03 else "A" for c in truth]
    rows = [(f"word{i}", i * 0.3, i * 0.3 + 0.25, c) for i, c in enumerate(after)]
    words = words_from_rows(rows)
    turns = turns_from_rows((i * 0.3, i * 0.3 + 0.3, c) for i, c in enumerate(truth))
    hyp = Side("long", words, words_to_turns(words))
    return compared(task(Side("long", None, turns), hyp, name="long"), hyp)


def test_fifty_thousand_words_open_jump_and_zoom(shown):
    browser = shown(page_of(long_talk(50_000)))
    assert browser.js("document.querySelectorAll('.w').length") == 50_000
    browser.js("document.querySelector('[data-i=\"49990\"]').click()")
    browser.frame()
    top = "document.querySelector('[aria-current]').getBoundingClientRect().top"
    box = "transcript.getBoundingClientRect()"
    browser.wait(f"{top} > {box}.top && {top} < {box}.bottom")
    assert view(browser)[1] > 49_990 * 300
    browser.js("timeline.focus()")
    browser.key("0")
    assert view(browser) == [0, 49_999 * 300 + 250 + 50]


def test_a_thousand_recordings_open_sort_and_search(shown, tree):
    few = tree["files"]
    tree["files"] = [{**few[i % 3], "id": f"{few[i % 3]['id']}-{i}"} for i in range(1000)]
    tree["datasets"]["calls"]["rules"] = compared_figures(53, 70)
    tree["overall"]["off"] = figures(160)
    browser = shown(benchmark_page(tree))
    assert browser.js("document.querySelectorAll('#files tbody tr').length") == 1000
    browser.click("#files th:nth-child(4) button")
    assert texts(browser, "#files tbody td:nth-child(4)")[0] == "9.00 %"
    fill(browser, "find", "three-")
    assert re.match(r"333 of 1,000", text(browser, "#count"))


def test_no_change_is_said_to_pass_all_of_it(shown, tree):
    delta = tree["overall"]["rules"]["delta"]
    delta |= {"mean": 0.15, "ci_low": 0.05, "ci_high": 0.25}  # of an error rate of 0.16
    browser = shown(benchmark_page(tree))
    (label,) = [t for t in texts(browser, "#gain svg text.better") if t.startswith("−60.6")]
    assert label == "−60.6 % [−100, −31]"
    browser.click("#scale button:nth-child(2)")
    assert "[−25.00, −5.00]" in texts(browser, "#gain svg text.better")[-1]


def test_the_card_of_off_reads_as_sentences(bench):
    assert texts(bench, ".tile")[-1] == (
        "off: without repair16.0 %160 of 1,000 words with the wrong speaker. As the diarizer left"
        " them."
    )
