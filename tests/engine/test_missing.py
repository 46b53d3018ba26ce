"""Without the package ray, or without a cluster, a command says what mends it."""

import sys


def test_without_ray_the_command_that_installs_it_is_named(cli, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    (tmp_path / "a.json").write_text('[{"word": "so", "start": 0, "end": 1, "speaker": "A"}]')
    ran = cli("smooth", "a.json", "-o", "b.json", "--engine", "ray")
    assert ran.code == 4
    assert ran.err.startswith("error: the package ray ")
    assert ran.err.endswith("hint: pip install 'diarfix[ray]'\n")
    assert not (tmp_path / "b.json").exists()


def test_standard_input_is_refused(cli):
    ran = cli("smooth", "-", "--engine", "ray", stdin=b"[]")
    assert ran.code == 2
    assert "standard input cannot be read by --engine ray" in ran.err
