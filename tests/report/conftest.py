import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from page_samples import AFTER, BEFORE, SPEAKERS, compared_figures, figures, reference, side, task

from diarfix.report.html import compared


@pytest.fixture(scope="session")
def talk():
    """The recording above, before and after."""
    return compared(task(reference(), side(AFTER, SPEAKERS)), side(BEFORE, SPEAKERS))


@pytest.fixture(scope="session")
def hostile():
    """A recording whose words, speakers and name would be markup if anything read them so."""
    bad = "</script><script>window.pwned=1</script><img src=x onerror='window.pwned=1'>"
    texts = [bad, "<!--", "]]>", "&lt;b&gt;", "\u2028\u2029", "\ud800", "${1}", "`", "\\", '"']
    texts += ["<svg onload=window.pwned=1>"] * 10
    names = {"1": bad + "1", "2": bad + "2"}
    ref = reference("A" * 10 + "B" * 10, {"A": bad, "B": "B<b>"}, name=bad)
    hyp = side("11121111112222222222", names, texts=texts, name=bad)
    before = side("11121111111222222222", names, texts=texts, name=bad)
    return compared(task(ref, hyp, name=bad), before)


@pytest.fixture
def tree():
    """The content of results.json: two datasets, two variants, one without audio."""

    def entry(name, dataset, base, rules):
        return {
            "id": name, "dataset": dataset, "role": "tune",
            "variants": {
                "off": figures(base),
                "rules": figures(rules, repaired=5, broken=1, regression=rules > base,
                                 regression_reasons=["wser"] if rules > base else []),
                "recheck": {"skipped": "no audio"},
            },
        }  # fmt: skip

    skipped = {"skipped": "no audio"}
    return {
        "settings": {"diarfix": "0", "corpus": "corpus.json", "seed": 0, "knobs": {"pause": 0.4}},
        "variants": ["off", "rules", "recheck"],
        "files": [
            entry("one", "calls", 40, 20),
            entry("two", "calls", 30, 33),
            entry("three", "meetings", 90, 10),
        ],
        "datasets": {
            "calls": {
                "n_files": 2, "off": figures(70), "recheck": skipped,
                "rules": compared_figures(53, 70, significant=False),
            },
            "meetings": {
                "n_files": 1, "off": figures(90), "recheck": skipped,
                "rules": compared_figures(10, 90),
            },
        },
        "overall": {
            "n_files": 3, "off": figures(160), "recheck": skipped,
            "rules": compared_figures(63, 160),
        },
    }  # fmt: skip
