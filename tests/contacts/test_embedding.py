import numpy as np
import pytest
from store_fakes import FakeEmbedder, voice_of, write_tone

from diarfix.contacts.embedding import Failed, make_voice
from diarfix.contacts.samples import SampleFolder


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
