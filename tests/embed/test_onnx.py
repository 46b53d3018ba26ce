"""Laws of diarfix.embed.onnx and diarfix.embed.windows, on the real path with a small model."""

import hashlib
import threading

import numpy as np
import pytest

from diarfix.embed import Choice, load_embedder, open_audio
from diarfix.embed.windows import make_fbank, repeat_to
from diarfix.errors import MissingDependency, UsageError
from tests.embed.conftest import noise

for package in ("onnx", "onnxruntime", "kaldi_native_fbank", "soundfile", "soxr"):
    pytest.importorskip(package)


@pytest.fixture
def embedder(onnx_model):
    """The small model on one thread."""
    return load_embedder("onnx", model=str(onnx_model), device="cpu", threads=1)


@pytest.fixture
def voices(write_audio):
    """Two voices in turn, 2 s each: one pulses in its low band, the other in its high band."""
    rng = np.random.default_rng(5)
    pulse = 0.05 + np.sin(2 * np.pi * 10 * np.arange(32000) / 16000) ** 8
    parts = []
    for turn in range(6):
        white = rng.standard_normal((2, 32000))
        white[turn % 2] *= pulse
        low, high = np.fft.rfft(white)
        edge = 3000
        parts.append(0.1 * np.fft.irfft(np.concatenate((low[:edge], high[edge:]))))
    return write_audio("voices.flac", np.clip(np.concatenate(parts), -1, 1))


def test_windows_of_one_voice_are_close_and_of_two_are_not(embedder, voices):
    """Words of 0.4 s are told apart through the whole path."""
    start = np.arange(0, 12, 0.5)
    with open_audio(voices) as audio:
        out = embedder.embed(audio, start, start + 0.4)
    assert out.vectors.shape == (24, 256)
    assert out.ok.all()
    cosine = out.vectors @ out.vectors.T
    same = (start[:, None] // 2 % 2) == (start // 2 % 2)
    assert cosine[same].min() > cosine[~same].max()


@pytest.mark.parametrize("seconds", [0.025, 0.04, 0.104, 0.106, 1.5, 4.0])
def test_short_words_give_no_nan(embedder, voices, seconds):
    """The model gives NaN for one frame; what it is given is repeated first."""
    one_frame = make_fbank(extra="acoustic")(noise(0.025)[:, 0])[:1]
    assert np.isnan(embedder.forward(one_frame[None])).all()
    with open_audio(voices) as audio:
        assert embedder.embed(audio, [1.0], [1.0 + seconds]).ok.all()


def test_the_identity_tells_weights_front_end_and_device(embedder, onnx_model):
    """Name and digest tag a vector; the identity says all that makes two vectors equal."""
    digest = hashlib.sha256(onnx_model.read_bytes()).hexdigest()
    assert (embedder.name, embedder.digest, embedder.dim) == ("onnx", digest, 256)
    assert Choice(model=str(onnx_model)).identify() == (embedder.name, embedder.digest)
    assert embedder.identity == f"onnx {digest} fbank80-hamming-repeat-cmn-1 1.5s cpu"


def test_threads_do_not_change_vectors(embedder, onnx_model, voices):
    """Two threads on one embedder, or two threads inside it, give the same bits."""
    start = np.arange(0, 10, 0.7)
    with open_audio(voices) as audio:
        alone = embedder.embed(audio, start, start + 0.4).vectors
        results = []
        run = lambda: results.append(embedder.embed(audio, start, start + 0.4).vectors)
        threads = [threading.Thread(target=run) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        two = load_embedder("onnx", model=str(onnx_model), device="cpu", threads=2)
        results.append(two.embed(audio, start, start + 0.4).vectors)
    for result in results:
        np.testing.assert_array_equal(result, alone)


def test_fbank_is_mean_free_and_repeats_frames():
    """(n - 400) // 160 + 1 frames; short windows come round again, frame by frame."""
    fbank = make_fbank(extra="acoustic")
    long = fbank(noise(2.0)[:, 0])
    assert long.shape == (198, 80)
    np.testing.assert_allclose(long.mean(axis=0), 0, atol=1e-4)
    short = fbank(noise(0.3)[:, 0])
    assert short.shape == (150, 80)
    np.testing.assert_array_equal(short[:28], short[28:56])
    np.testing.assert_array_equal(repeat_to(short, 99), short)


def test_fbank_is_the_mel_filterbank_of_its_definition():
    """Against a plain NumPy transcription of Kaldi's compute-fbank-feats."""
    samples = noise(1.6)[:, 0]
    frames = np.lib.stride_tricks.sliding_window_view(samples * 32768.0, 400)[::160].copy()
    frames -= frames.mean(axis=1, keepdims=True)
    frames -= 0.97 * np.concatenate((frames[:, :1], frames[:, :-1]), axis=1)
    power = np.abs(np.fft.rfft(frames * np.hamming(400), 512)) ** 2
    mel = lambda f: 1127 * np.log1p(np.asarray(f) / 700)
    edges = np.linspace(mel(20), mel(8000), 82)
    at = mel(np.arange(256) * 16000 / 512)
    rise = (at - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    fall = (edges[2:, None] - at) / (edges[2:] - edges[1:-1])[:, None]
    bank = np.maximum(np.minimum(rise, fall), 0)
    expected = np.log(power[:, :256] @ bank.T)
    expected -= expected.mean(axis=0)
    np.testing.assert_allclose(make_fbank(extra="acoustic")(samples), expected, atol=5e-3)


def _save(tmp_path, inputs, output, node="Identity"):
    from onnx import TensorProto, helper, save

    infos = [helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in inputs]
    outs = [helper.make_tensor_value_info("y", TensorProto.FLOAT, output)]
    nodes = [helper.make_node(node, [n for n, _ in inputs], ["y"])]
    opset = [helper.make_opsetid("", 14)]
    model = helper.make_model(
        helper.make_graph(nodes, "g", infos, outs), opset_imports=opset, ir_version=8
    )
    save(model, tmp_path / "other.onnx")
    return str(tmp_path / "other.onnx")


@pytest.mark.parametrize(
    ("inputs", "says"),
    [
        ([("x", ["B", 16000])], "expected one input"),
        ([("x", ["B", 200, 80])], "expected one input"),
        ([("x", ["B", "T", 60])], "expected one input"),
        ([("x", ["B", "T", 80])], "expected finite vectors"),
    ],
)
def test_another_kind_of_model_is_refused(tmp_path, inputs, says):
    """What does not take [B, T, 80] and give [B, D] is no voice model."""
    path = _save(tmp_path, inputs, None)
    with pytest.raises(UsageError, match=says):
        load_embedder("onnx", model=path, device="cpu")


def test_a_file_that_is_no_model_is_refused(tmp_path):
    """One line, exit code 2."""
    path = tmp_path / "broken.onnx"
    path.write_bytes(b"not a model")
    with pytest.raises(UsageError, match="no ONNX model that can be loaded") as caught:
        load_embedder("onnx", model=str(path), device="cpu")
    assert "\n" not in caught.value.message


def test_weights_beside_the_file_are_refused(tmp_path, onnx_model, monkeypatch):
    """A digest of the file alone would not tell such models apart."""
    import onnx

    model = onnx.load(onnx_model)
    onnx.save_model(
        model, tmp_path / "m.onnx", save_as_external_data=True, location="w.bin", size_threshold=0
    )
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="external"):
        load_embedder("onnx", model="m.onnx", device="cpu")


def test_cuda_that_is_not_offered_is_missing(onnx_model):
    """Exit code 4, and what to install."""
    import onnxruntime

    if "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        pytest.skip("this onnxruntime offers CUDA")
    with pytest.raises(MissingDependency, match="offers no CUDA") as caught:
        load_embedder("onnx", model=str(onnx_model), device="cuda")
    assert "onnxruntime-gpu" in caught.value.hint
