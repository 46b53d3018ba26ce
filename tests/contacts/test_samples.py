import os

import pytest
from store_fakes import write_tone

import diarfix.contacts.samples as module
from diarfix.contacts.samples import Outcome, SampleFolder


@pytest.mark.parametrize(
    ("path", "outcome"),
    [
        ("ben.wav", Outcome.USABLE),
        ("anna/1.wav", Outcome.USABLE),
        ("./anna/../ben.wav", Outcome.OUTSIDE),  # refused by its spelling
        ("none.wav", Outcome.MISSING),
        ("ben.wav/x", Outcome.MISSING),
        ("x" * 5000, Outcome.MISSING),
        ("\ud800.wav", Outcome.MISSING),
        ("short.wav", Outcome.TOO_SHORT),
        ("silent.wav", Outcome.SILENT),
        ("corrupt.wav", Outcome.CORRUPT),
        ("empty.wav", Outcome.CORRUPT),
        ("notes.txt", Outcome.WRONG_FORMAT),
        ("flaky.wav", Outcome.UNREADABLE),
        ("folder.wav", Outcome.NOT_A_FILE),
        ("", Outcome.NOT_A_FILE),
        (".", Outcome.NOT_A_FILE),
        ("..", Outcome.OUTSIDE),
        ("../x.wav", Outcome.OUTSIDE),
        ("anna/../../x.wav", Outcome.OUTSIDE),
        ("/etc/hostname", Outcome.OUTSIDE),
        ("C:\\x.wav", Outcome.OUTSIDE),
        ("..\\x.wav", Outcome.OUTSIDE),
        ("a\0b", Outcome.OUTSIDE),
    ],
)
def test_every_kind_of_sample_has_its_own_outcome(samples, path, outcome):
    assert SampleFolder(samples).check(path).outcome is outcome


def test_an_absolute_path_is_refused_even_into_the_folder(samples):
    assert SampleFolder(samples).check(str(samples / "ben.wav")).outcome is Outcome.OUTSIDE


def test_a_link_out_of_the_folder_is_refused_and_one_inside_is_followed(tmp_path):
    root = tmp_path / "in"
    write_tone(root / "a.wav", 300)
    write_tone(tmp_path / "in-secret" / "b.wav", 300)
    (root / "same.wav").symlink_to("a.wav")
    (root / "out.wav").symlink_to(tmp_path / "in-secret" / "b.wav")
    (root / "dir").symlink_to(tmp_path / "in-secret")
    (root / "loop.wav").symlink_to("loop.wav")
    folder = SampleFolder(root)
    assert folder.check("same.wav").outcome is Outcome.USABLE
    assert folder.check("out.wav").outcome is Outcome.OUTSIDE
    assert folder.check("dir/b.wav").outcome is Outcome.OUTSIDE
    assert folder.check("loop.wav").outcome is Outcome.MISSING
    (tmp_path / "alias").symlink_to(root)
    assert SampleFolder(tmp_path / "alias").check("a.wav").outcome is Outcome.USABLE


def test_a_pipe_is_never_opened(tmp_path):
    os.mkfifo(tmp_path / "p.wav")
    assert SampleFolder(tmp_path).check("p.wav").outcome is Outcome.NOT_A_FILE


def test_half_a_second_is_the_shortest(tmp_path):
    write_tone(tmp_path / "a.wav", 300, seconds=0.5)
    write_tone(tmp_path / "b.wav", 300, seconds=0.499)
    folder = SampleFolder(tmp_path)
    assert folder.check("a.wav").outcome is Outcome.USABLE
    assert folder.check("b.wav").outcome is Outcome.TOO_SHORT


def test_a_disk_that_fails_while_decoding_is_not_taken_for_damage(tmp_path, samples, monkeypatch):
    def failing_open(self, *args, **more):
        raise OSError(5, "Input/output error")

    (tmp_path / "a.wav").write_bytes((samples / "corrupt.wav").read_bytes())
    folder = SampleFolder(tmp_path)
    assert folder.check("a.wav").outcome is Outcome.CORRUPT
    monkeypatch.setattr(module.Path, "open", failing_open)
    assert folder.check("a.wav").outcome is Outcome.UNREADABLE


def test_holds_asks_for_a_file_whatever_is_in_it(samples):
    folder = SampleFolder(samples)
    assert folder.holds("corrupt.wav")
    assert folder.holds("flaky.wav")
    assert not folder.holds("none.wav")
    assert not folder.holds("folder.wav")
    assert not folder.holds("../x.wav")
    assert not SampleFolder(samples / "nowhere").holds("ben.wav")
