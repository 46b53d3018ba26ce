import hashlib
import os

import numpy as np
import pytest
from store_fakes import FakeEmbedder, voice_of, write_tone

import diarfix.contacts.samples as module
from diarfix.contacts.samples import Failed, SampleFolder, SampleOutcome, make_voice


@pytest.mark.parametrize(
    ("path", "outcome"),
    [
        ("ben.wav", SampleOutcome.USABLE),
        ("anna/1.wav", SampleOutcome.USABLE),
        ("./anna/../ben.wav", SampleOutcome.OUTSIDE),  # refused by its spelling
        ("none.wav", SampleOutcome.MISSING),
        ("ben.wav/x", SampleOutcome.MISSING),
        ("x" * 5000, SampleOutcome.MISSING),
        ("\ud800.wav", SampleOutcome.MISSING),
        ("short.wav", SampleOutcome.TOO_SHORT),
        ("silent.wav", SampleOutcome.SILENT),
        ("corrupt.wav", SampleOutcome.CORRUPT),
        ("empty.wav", SampleOutcome.CORRUPT),
        ("notes.txt", SampleOutcome.WRONG_FORMAT),
        ("flaky.wav", SampleOutcome.UNREADABLE),
        ("folder.wav", SampleOutcome.NOT_A_FILE),
        ("", SampleOutcome.NOT_A_FILE),
        (".", SampleOutcome.NOT_A_FILE),
        ("..", SampleOutcome.OUTSIDE),
        ("../x.wav", SampleOutcome.OUTSIDE),
        ("anna/../../x.wav", SampleOutcome.OUTSIDE),
        ("/etc/hostname", SampleOutcome.OUTSIDE),
        ("C:\\x.wav", SampleOutcome.OUTSIDE),
        ("..\\x.wav", SampleOutcome.OUTSIDE),
        ("a\0b", SampleOutcome.OUTSIDE),
        ("https://host/a.wav", SampleOutcome.NOT_FETCHED),
        ("s3://bucket/ben.wav", SampleOutcome.NOT_FETCHED),
        ("gs://b/../../x.wav", SampleOutcome.NOT_FETCHED),
        ("file:///etc/hostname", SampleOutcome.NOT_FETCHED),
        ("//host/a.wav", SampleOutcome.NOT_FETCHED),
        ("data:audio/wav;base64,UklGRg==", SampleOutcome.NOT_FETCHED),
        ("note: 1.wav", SampleOutcome.MISSING),
    ],
)
def test_every_kind_of_sample_has_its_own_outcome(samples, path, outcome):
    assert SampleFolder(samples).check(path).outcome is outcome


def test_an_absolute_path_is_refused_even_into_the_folder(samples):
    assert SampleFolder(samples).check(str(samples / "ben.wav")).outcome is SampleOutcome.OUTSIDE


def test_a_link_out_of_the_folder_is_refused_and_one_inside_is_followed(tmp_path):
    root = tmp_path / "in"
    write_tone(root / "a.wav", 300)
    write_tone(tmp_path / "in-secret" / "b.wav", 300)
    (root / "same.wav").symlink_to("a.wav")
    (root / "out.wav").symlink_to(tmp_path / "in-secret" / "b.wav")
    (root / "dir").symlink_to(tmp_path / "in-secret")
    (root / "loop.wav").symlink_to("loop.wav")
    folder = SampleFolder(root)
    assert folder.check("same.wav").outcome is SampleOutcome.USABLE
    assert folder.check("out.wav").outcome is SampleOutcome.OUTSIDE
    assert folder.check("dir/b.wav").outcome is SampleOutcome.OUTSIDE
    assert folder.check("loop.wav").outcome is SampleOutcome.MISSING
    (tmp_path / "alias").symlink_to(root)
    assert SampleFolder(tmp_path / "alias").check("a.wav").outcome is SampleOutcome.USABLE


def test_a_pipe_is_never_opened(tmp_path):
    os.mkfifo(tmp_path / "p.wav")
    assert SampleFolder(tmp_path).check("p.wav").outcome is SampleOutcome.NOT_A_FILE


def test_half_a_second_is_the_shortest(tmp_path):
    write_tone(tmp_path / "a.wav", 300, seconds=0.5)
    write_tone(tmp_path / "b.wav", 300, seconds=0.499)
    folder = SampleFolder(tmp_path)
    assert folder.check("a.wav").outcome is SampleOutcome.USABLE
    assert folder.check("b.wav").outcome is SampleOutcome.TOO_SHORT


def test_a_disk_that_fails_while_decoding_is_not_taken_for_damage(tmp_path, samples, monkeypatch):
    def failing_open(self, *args, **more):
        raise OSError(5, "Input/output error")

    (tmp_path / "a.wav").write_bytes((samples / "corrupt.wav").read_bytes())
    folder = SampleFolder(tmp_path)
    assert folder.check("a.wav").outcome is SampleOutcome.CORRUPT
    monkeypatch.setattr(module.Path, "open", failing_open)
    assert folder.check("a.wav").outcome is SampleOutcome.UNREADABLE


def test_holds_asks_for_a_file_whatever_is_in_it(samples):
    folder = SampleFolder(samples)
    assert folder.holds("corrupt.wav")
    assert folder.holds("flaky.wav")
    assert not folder.holds("none.wav")
    assert not folder.holds("folder.wav")
    assert not folder.holds("../x.wav")
    assert not SampleFolder(samples / "nowhere").holds("ben.wav")
    assert SampleFolder(samples / "nowhere").holds("https://host/ben.wav")


def test_a_digest_is_of_the_bytes_and_only_of_what_can_be_read(samples):
    folder = SampleFolder(samples)
    assert (
        folder.digest("ben.wav") == hashlib.sha256((samples / "ben.wav").read_bytes()).hexdigest()
    )
    for path in ("none.wav", "folder.wav", "../x.wav", "https://host/ben.wav"):
        assert folder.digest(path) is None


# --- the vector that samples make


def test_several_samples_become_the_mean_of_their_unit_vectors_renormalised(samples):
    voice = make_voice(FakeEmbedder(), SampleFolder(samples), ["anna/1.wav", "anna/2.wav"])
    mean = voice_of(300).astype(float) + voice_of(320)
    assert len(voice.samples) == 2
    assert voice.vector == pytest.approx(mean / np.linalg.norm(mean), abs=1e-7)
    assert float(np.linalg.norm(voice.vector)) == pytest.approx(1.0)


def test_samples_that_fail_are_left_out_and_all_failed_is_a_reason(samples):
    folder = SampleFolder(samples)
    model = FakeEmbedder(fails={320: ("out of memory", True), 500: ("no voice", False)})
    assert make_voice(model, folder, ["anna/1.wav", "anna/2.wav"]).samples == (
        folder.digest("anna/1.wav"),
    )
    failed = make_voice(model, folder, ["anna/2.wav", "ben.wav"])
    assert failed == Failed("anna/2.wav: out of memory; ben.wav: no voice", may_pass=True)
    assert not make_voice(model, folder, ["ben.wav"]).may_pass


def test_a_sample_that_vanished_since_the_plan_is_a_failure(samples):
    failed = make_voice(FakeEmbedder(), SampleFolder(samples), ["none.wav"])
    assert failed == Failed("none.wav: missing", may_pass=False)


def test_opposite_vectors_have_no_mean(tmp_path):
    class Opposite(FakeEmbedder):
        def embed(self, audio, start, end, **_):
            embedded = super().embed(audio, start, end)
            sign = -1 if len(self.heard) % 2 else 1
            first = np.tile(np.float32([1.0]), (1, 1)) * sign
            return type(embedded)(first, embedded.reason, np.array(embedded.transient))

    write_tone(tmp_path / "a.wav", 300)
    failed = make_voice(Opposite(), SampleFolder(tmp_path), ["a.wav", "a.wav"])
    assert failed == Failed("the samples' vectors cancel out", may_pass=False)
