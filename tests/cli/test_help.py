"""Pages of help: what stands on them, and how wide they are."""

import re
from typing import get_args

import pytest

from diarfix.cli import COMMANDS, load_command
from diarfix.cli.command import PANELS, by_panel
from diarfix.cli.options import TargetName
from diarfix.formats import TARGETS
from diarfix.metrics import DEFAULT_COVERAGE


def page(cli, monkeypatch, width, *arguments):
    monkeypatch.setenv("COLUMNS", str(width))
    ran = cli(*arguments)
    assert (ran.code, ran.err) == (0, "")
    return ran.text


def options_on(text):
    """The options that a page explains: those that begin a line of it."""
    starts = re.findall(r"^  (-\S.*?)(?:  |$)", text, re.MULTILINE)
    return {name for start in starts for name in re.findall(r"--[a-z-]+", start)}


def options_of(name, *, knobs):
    shown = by_panel(load_command(name).params)
    rows = [row for panel, rows in shown.items() if knobs or panel in PANELS for row in rows]
    return {option for names, _ in rows for option in re.findall(r"--[a-z][a-z-]+", names)}


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("name", COMMANDS)
def test_help_shows_what_people_use_and_help_all_the_knobs_too(cli, monkeypatch, name, width):
    short = page(cli, monkeypatch, width, name, "--help")
    assert options_on(short) == options_of(name, knobs=False)
    assert short.splitlines()[0].startswith(f"Usage: diarfix {name} [OPTIONS]")
    assert f"  $ diarfix {name} " in short
    assert max(map(len, short.splitlines())) < width
    assert len(short.splitlines()) <= 64  # two screens and a bit
    assert not re.search(r"<\w+>", short)
    if "--help-all" not in short:
        assert options_of(name, knobs=True) == options_of(name, knobs=False)
        return
    assert short.splitlines()[-1] == "Knobs: --help-all"
    long = page(cli, monkeypatch, width, name, "--help-all")
    assert options_on(long) == options_of(name, knobs=True) > options_on(short)
    assert max(map(len, long.splitlines())) < width


def test_groups_stand_in_one_order(cli, monkeypatch):
    for name in COMMANDS:
        text = page(cli, monkeypatch, 80, name, "-h")
        groups = re.findall(r"^(\w+):$", text, re.MULTILINE)
        assert groups == [panel for panel in PANELS if panel in groups]
        assert {"Input", "Output", "Look"} <= set(groups)
    assert "Model:" in page(cli, monkeypatch, 80, "recheck", "-h")


@pytest.mark.parametrize("width", [80, 120])
def test_the_first_page_names_every_command_with_its_whole_line(cli, monkeypatch, width):
    text = page(cli, monkeypatch, width, "--help")
    told = " ".join(text.split())
    assert all(f"{name} {about.line}" in told for name, about in COMMANDS.items())
    assert {"--version", "--help", "--show-completion"} <= options_on(text)
    assert len(text.splitlines()) < 45
    alone = cli()
    assert (alone.code, alone.text, alone.err) == (2, text, "")


@pytest.mark.parametrize("arguments", [["--bogus"], ["nonsense"], ["smooth", "--bogus"]])
def test_a_wrong_call_is_one_line_and_a_hint(cli, arguments):
    ran = cli(*arguments)
    assert (ran.code, ran.out) == (2, b"")
    error, hint = ran.err.splitlines()
    assert error.startswith("error: no such ")
    assert hint.startswith("hint: see: diarfix")


def test_no_option_of_a_command_has_two_meanings():
    for name in COMMANDS:
        spellings = [o for p in load_command(name).params for o in (*p.opts, *p.secondary_opts)]
        assert len(spellings) == len(set(spellings)), name


def test_what_help_says_before_anything_loads_is_what_the_tables_say():
    """These facts stand in rooms that load NumPy, which a page of help must not."""
    assert get_args(TargetName) == tuple(TARGETS)
    heeding = ", ".join(name for name, target in TARGETS.items() if "names" in target.heeds)
    helps = {p.name: p.help for p in load_command("convert").params}
    assert helps["names"].startswith(f"{heeding}: ")
    shown = {p.name: p.help for p in load_command("score").params}["min_coverage"]
    assert f"(default {DEFAULT_COVERAGE})" in shown
