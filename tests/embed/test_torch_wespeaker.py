"""Laws of diarfix.embed.torch_wespeaker, with the wespeaker package or what stands in for it."""

import importlib.util
import os
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

from diarfix.embed import Choice, load_embedder, open_audio
from diarfix.embed.windows import make_fbank
from diarfix.errors import MissingDependency, UsageError
from tests.embed.conftest import noise

pytestmark = pytest.mark.torch
torch = pytest.importorskip("torch")
yaml = pytest.importorskip("yaml")
for package in ("kaldi_native_fbank", "soundfile", "soxr"):
    pytest.importorskip(package)
REAL = importlib.util.find_spec("wespeaker") is not None
if not REAL:
    sys.path.insert(0, str(Path(__file__).parent / "standin"))

ARGS = {"feat_dim": 80, "embed_dim": 256, "pooling_func": "TSTP", "two_emb_layer": False}


def build(seed=0):
    """A ResNet34 with seeded weights and seeded running statistics."""
    from diarfix.embed.torch_wespeaker import model_module

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = model_module("resnet").ResNet34(**ARGS)
        for layer in network.modules():
            if isinstance(layer, torch.nn.BatchNorm2d):
                layer.running_mean.normal_(0, 0.05)
                layer.running_var.uniform_(0.8, 1.2)
    return network.eval()


def save(folder, state, *, kind="ResNet34", args=ARGS, **more):
    """Write a checkpoint folder as WeSpeaker does."""
    folder.mkdir(exist_ok=True)
    torch.save(state, folder / "avg_model.pt")
    (folder / "config.yaml").write_text(yaml.safe_dump({"model": kind, "model_args": args, **more}))
    return str(folder)


@pytest.fixture(scope="module")
def network():
    """One network for all tests."""
    return build()


@pytest.fixture
def checkpoint(tmp_path, network):
    """It, as a folder."""
    return save(tmp_path / "model", network.state_dict(), dataset_args={"frontend": "fbank"})


WINDOWS = np.array([0.0, 0.5, 1.0, 2.0]), np.array([0.3, 0.54, 2.9, 5.0])


def test_the_checkpoint_and_its_onnx_export_give_the_same_voices(
    checkpoint, network, tmp_path, write_audio
):
    """Same weights, two backends, windows of 0.04 to 3 s: cosine at least 0.9999."""
    pytest.importorskip("onnxruntime")

    class Last(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.network = network

        def forward(self, feats):
            return self.network(feats)[-1]

    path = tmp_path / "model.onnx"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Last().eval(),
            torch.ones(1, 200, 80),
            path,
            opset_version=14,
            input_names=["feats"],
            output_names=["embs"],
            dynamic_axes={"feats": {0: "B", 1: "T"}, "embs": {0: "B"}},
            dynamo=False,
        )
    ours = load_embedder("wespeaker", model=checkpoint, device="cpu")
    other = load_embedder("onnx", model=str(path), device="cpu")
    with open_audio(write_audio("a.wav", noise(5.0))) as audio:
        a, b = ours.embed(audio, *WINDOWS), other.embed(audio, *WINDOWS)
    assert a.ok.all()
    assert b.ok.all()
    assert (a.vectors * b.vectors).sum(axis=1).min() >= 0.9999
    assert (ours.dim, ours.name, other.name) == (256, "wespeaker", "onnx")
    assert ours.digest != other.digest


def test_the_voice_is_the_last_output_on_the_features(checkpoint, network, write_audio):
    """Nothing stands between front end and network on a window that needs no repetition."""
    samples = noise(3.0)
    with torch.inference_mode():
        expected = network(torch.from_numpy(make_fbank(extra="torch")(samples[:, 0]))[None])[-1]
    expected = expected.numpy()[0]
    embedder = load_embedder("wespeaker", model=checkpoint, device="cpu")
    with open_audio(write_audio("a.wav", samples, subtype="FLOAT")) as audio:
        vector = embedder.embed(audio, [0.0], [3.0]).vectors[0]
    assert vector @ expected / np.linalg.norm(expected) >= 0.99999


def test_loading_leaves_the_process_as_it_was(checkpoint, monkeypatch):
    """Threads, random numbers, environment and modules: nothing of wespeaker's stays."""
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    torch.manual_seed(3)
    before = torch.get_rng_state().clone()
    threads, env = torch.get_num_threads(), dict(os.environ)
    load_embedder("wespeaker", model=checkpoint, device="cpu")
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.get_num_threads() == threads
    assert dict(os.environ) == env
    assert not [name for name in sys.modules if name.split(".")[0] == "wespeaker"]


def test_weights_may_be_wrapped_prefixed_and_carry_a_training_head(
    checkpoint, tmp_path, network, write_audio
):
    """The ways in which such checkpoints are saved give the same vectors."""
    state = {f"resnet.{key}": value for key, value in network.state_dict().items()}
    state["projection.weight"] = torch.zeros(2, 256)
    other = save(tmp_path / "wrapped", {"state_dict": state})
    with open_audio(write_audio("a.wav", noise(5.0))) as audio:
        rows = [
            load_embedder("wespeaker", model=model, device="cpu").embed(audio, *WINDOWS).vectors
            for model in (checkpoint, other)
        ]
    np.testing.assert_array_equal(*rows)


def test_the_digest_covers_weights_and_architecture(checkpoint, tmp_path, network):
    """Other weights or other arguments are another model; the place of the file is not."""
    state = network.state_dict()
    same = save(tmp_path / "same", state)
    other = save(tmp_path / "other", build(seed=1).state_dict())
    named = save(tmp_path / "named", state, kind="ResNet34", args={**ARGS, "pooling_func": "TSDP"})
    digests = [
        load_embedder("wespeaker", model=model, device="cpu").digest
        for model in (checkpoint, f"{same}/avg_model.pt", other)
    ]
    assert digests[0] == digests[1] != digests[2]
    assert Choice("wespeaker", checkpoint).identify() == ("wespeaker", digests[0])
    with pytest.raises(UsageError, match="does not fit"):
        load_embedder("wespeaker", model=named, device="cpu")


class Trap:
    """Runs code when it is unpickled."""

    def __reduce__(self):
        return os.system, ("exit 1",)


@pytest.mark.parametrize("state", [{"x": Trap()}, [1, 2], {}, "text"])
def test_nothing_but_fitting_tensors_is_loaded(tmp_path, state):
    """A checkpoint that would run code, or holds something else, is exit 2."""
    with pytest.raises(UsageError, match=r"no plain state dict|does not fit"):
        load_embedder("wespeaker", model=save(tmp_path / "bad", state), device="cpu")


def test_a_missing_tensor_is_refused(tmp_path, network):
    """Loading is strict: a network half random is no model."""
    state = dict(network.state_dict())
    del state["seg_1.bias"]
    with pytest.raises(UsageError, match=r"seg_1\.bias"):
        load_embedder("wespeaker", model=save(tmp_path / "part", state), device="cpu")


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ("model: [", "no YAML"),
        ("- 1", "expected the keys"),
        ("model: ResNet34", "expected the keys"),
        ("model: Unheard\nmodel_args: {}", "unknown model 'Unheard'"),
        ("model: ResNet35\nmodel_args: {}", "has no model 'ResNet35'"),
        ("model: ResNet34\nmodel_args: {sizes: 3}", "do not fit ResNet34"),
        ("model: ResNet34\nmodel_args: {feat_dim: 64}", "fbank with 80 bins"),
        ("model: ResNet34\nmodel_args: {}\ndataset_args: {frontend: s3prl}", "wants s3prl"),
    ],
)
def test_a_config_that_describes_no_such_model_is_refused(checkpoint, config, says):
    """One line with the file, exit 2."""
    Path(f"{checkpoint}/config.yaml").write_text(config)
    with pytest.raises(UsageError, match=says) as caught:
        load_embedder("wespeaker", model=checkpoint, device="cpu")
    assert checkpoint in caught.value.message


def test_a_folder_without_checkpoint_is_missing(tmp_path):
    """Exit code 4, and what belongs there."""
    with pytest.raises(MissingDependency, match=r"avg_model\.pt: no such file") as caught:
        load_embedder("wespeaker", model=str(tmp_path))
    assert "config.yaml" in caught.value.hint


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_cuda_that_is_not_there_is_missing(checkpoint):
    """Exit code 4."""
    with pytest.raises(MissingDependency, match="no CUDA device"):
        load_embedder("wespeaker", model=checkpoint, device="cuda")


@pytest.mark.skipif(not REAL, reason="wespeaker is not installed")
@pytest.mark.parametrize(
    "kind",
    [
        ("ECAPA_TDNN_GLOB_c512", {"feat_dim": 80, "embed_dim": 192, "pooling_func": "ASTP"}),
        ("CAMPPlus", {"feat_dim": 80, "embed_dim": 512, "pooling_func": "TSTP"}),
    ],
)
def test_other_networks_of_wespeaker_load(tmp_path, kind, write_audio):
    """The registry finds their classes; one output or two, the last is the voice."""
    from diarfix.embed import torch_wespeaker

    name, args = kind
    network = torch_wespeaker._network(torch, name, args, tmp_path)
    model = save(tmp_path / "model", network.state_dict(), kind=name, args=args)
    embedder = load_embedder("wespeaker", model=model, device="cpu")
    with open_audio(write_audio("a.wav", noise(5.0))) as audio:
        assert embedder.embed(audio, *WINDOWS).ok.all()
    assert embedder.dim == args["embed_dim"]


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_cuda_and_cpu_hear_the_same(checkpoint, write_audio):
    """Batched on CUDA, one by one on the CPU: cosine at least 0.9999."""
    start = np.arange(0, 4, 0.05)
    end = start + np.linspace(0.1, 1.0, len(start))
    cpu = load_embedder("wespeaker", model=checkpoint, device="cpu")
    cuda = load_embedder("wespeaker", model=checkpoint, device="cuda")
    assert cpu.digest == cuda.digest
    assert cpu.identity != cuda.identity
    with open_audio(write_audio("a.wav", noise(5.0))) as audio:
        a, b = cpu.embed(audio, start, end), cuda.embed(audio, start, end)
    assert (a.vectors * b.vectors).sum(axis=1).min() >= 0.9999
