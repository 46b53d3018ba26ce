from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diarfix.config import DEFAULT_METHOD, Settings, knob_specs
from diarfix.config.sources import read_settings_file, resolve
from diarfix.errors import ConfigError

SPECS = list(knob_specs().values())


def one(name, **layers):
    found = resolve(
        layers.get("cli", {}), layers.get("env", {}), layers.get("file", {}), "settings.toml"
    )
    return found.flat()[name], found.sources[name]


@pytest.mark.parametrize("spec", SPECS, ids=lambda s: s.name)
def test_every_knob_can_be_set_on_every_layer_and_the_nearest_wins(spec):
    value = (not spec.default) if spec.kind is bool else spec.default
    own = "DIARFIX_" + spec.name.upper()
    layers = {"file": {spec.name: value}}
    assert one(spec.name) == (spec.default, "default")
    assert one(spec.name, **layers) == (value, "settings.toml")
    if spec.env is not None:
        layers["env"] = {spec.env: str(value)}
        assert one(spec.name, **layers) == (value, spec.env)
    layers["env"] = {own: str(value)} | layers.get("env", {})
    assert one(spec.name, **layers) == (value, own)
    layers["cli"] = {spec.name: value}
    assert one(spec.name, **layers) == (value, "--" + spec.name.replace("_", "-"))


@pytest.mark.parametrize("spec", [s for s in SPECS if s.kind is not bool], ids=lambda s: s.name)
def test_values_out_of_range_are_refused_wherever_they_stand(spec):
    low = spec.low if spec.open_low else spec.low - 1
    for value in (low, "nan", "inf", "-inf", "x", True, None, [1], 10**400):
        if value is None:
            continue
        with pytest.raises(ConfigError, match=spec.name):
            one(spec.name, file={spec.name: value})
    with pytest.raises(ConfigError, match=spec.name):
        one(spec.name, env={"DIARFIX_" + spec.name.upper(): ""})


@pytest.mark.parametrize(("text", "value"), [("Yes", True), ("0", False), (" on ", True)])
def test_truth_is_spelled_in_many_ways_in_the_environment(text, value):
    assert one("smoothing_enabled", env={"DIARFIX_SMOOTHING_ENABLED": text})[0] is value


def test_the_method_follows_the_same_order():
    env = {"DIARFIX_METHOD": "rules"}
    assert one("method") == (DEFAULT_METHOD, "default")
    assert one("method", env=env, file={"method": "viterbi"}) == ("rules", "DIARFIX_METHOD")
    assert one("method", env=env, cli={"method": "viterbi"}) == ("viterbi", "--method")


@given(st.text(max_size=20).filter(lambda k: k not in knob_specs() and k != "method"))
def test_an_unknown_key_of_a_file_is_an_error(key):
    with pytest.raises(ConfigError, match="unknown setting"):
        one("method", file={key: 1})


def test_settings_are_replaced_by_name_and_come_back_flat():
    changed = Settings().replace({"max_island_words": 5, "smoothing_enabled": False})
    assert changed.flat() == Settings().flat() | {"max_island_words": 5, "smoothing_enabled": False}
    with pytest.raises(KeyError):
        Settings().replace({"nonsense": 1})


def write(folder, name, text):
    path = Path(folder) / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_only_the_first_file_that_exists_is_read(tmp_path):
    assert read_settings_file(None, tmp_path) == ({}, "")
    write(tmp_path, "pyproject.toml", "[tool.diarfix]\nmin-flank-words = 4\n[tool.other]\nx = 1\n")
    assert read_settings_file(None, tmp_path)[0] == {"min_flank_words": 4}
    write(tmp_path, "diarfix.toml", "max_island_words = 2\n")
    assert read_settings_file(None, tmp_path) == ({"max_island_words": 2}, "diarfix.toml")
    named = write(tmp_path, "mine.toml", "[tool.diarfix]\nmax_island_words = 1\n")
    assert read_settings_file(named, tmp_path) == ({"max_island_words": 1}, named)


def test_a_pyproject_of_others_says_nothing(tmp_path):
    for text in ("", "[project]\nname = 'x'\n", "tool = 5\n", "[tool.other]\nx = 1\n"):
        write(tmp_path, "pyproject.toml", text)
        assert read_settings_file(None, tmp_path)[0] == {}


def test_the_settings_of_a_benchmark_are_replayed(tmp_path):
    named = write(tmp_path, "r.json", '{"settings": {"knobs": {"max_island_words": 2}}}')
    assert read_settings_file(named, tmp_path)[0] == {"max_island_words": 2}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.toml", "x ="), ("a.toml", "[rules]\nx = 1"), ("a.json", "{"), ("a.json", "[1]"),
        ("a.json", "[" * 100_000), ("a.toml", "\x00"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_refused_in_one_line(tmp_path, name, text):
    with pytest.raises(ConfigError) as found:
        read_settings_file(write(tmp_path, name, text), tmp_path)
    assert name in found.value.message
    assert "\n" not in found.value.message


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="no such file"):
        read_settings_file(str(tmp_path / "none.toml"), tmp_path)


def test_a_misspelt_name_in_the_environment_is_told():
    """With the nearest; what is like none of ours, or is read elsewhere, is ignored."""
    env = dict.fromkeys(
        ["DIARFIX_MAX_ISLAND_WORD", "DIARFIX_METHODE", "diarfix_change_cost"], "1"
    ) | dict.fromkeys(["DIARFIX_CACHE", "DIARFIX_MEMORY_GB", "DIARFIX_DATA", "DIARFIX_X"], "1")
    said = " in the environment sets nothing; did you mean DIARFIX_"
    assert resolve({}, env, {}, "").notes == (
        f"DIARFIX_MAX_ISLAND_WORD{said}MAX_ISLAND_WORDS?",
        f"DIARFIX_METHODE{said}METHOD?",
        f"diarfix_change_cost{said}CHANGE_COST?",
    )
    assert resolve({}, {"DIARFIX_CHANGE_COST": "1"}, {}, "").notes == ()
