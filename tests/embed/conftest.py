"""Sounds and models made on the spot."""

import numpy as np
import pytest

from diarfix.embed.audio import RATE

#: No test modules: what the tests of the torch backend import in wespeaker's place.
collect_ignore = ["standin"]


def noise(seconds, rate=RATE, channels=1, seed=0, level=0.1):
    """Pink-ish noise (n, channels): every stretch differs, none is silent."""
    rng = np.random.default_rng(seed)
    samples = rng.standard_normal((round(seconds * rate), channels)) * level
    return np.clip(samples, -0.99, 0.99).astype(np.float32)


@pytest.fixture
def write_audio(tmp_path):
    """Write samples to a file; the suffix of the name chooses the format."""
    soundfile = pytest.importorskip("soundfile")

    def write(name, samples, rate=RATE, **options):
        path = tmp_path / name
        soundfile.write(path, samples, rate, **options)
        return str(path)

    return write


@pytest.fixture(scope="session")
def onnx_model(tmp_path_factory):
    """A model of WeSpeaker's shape: [B, T, 80] -> [B, 256], statistics of frames, projected.

    The standard deviation divides by T - 1, so one frame gives NaN, as the real pooling does.
    """
    onnx = pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    from onnx import TensorProto, helper, numpy_helper

    rng = np.random.default_rng(7)
    weights = {
        "mix": rng.standard_normal((80, 64)) / 9,
        "out": rng.standard_normal((128, 256)) / 11,
        "one": np.array(1.0),
    }
    steps = [
        ("MatMul", ["feats", "mix"], ["mixed"], {}),
        ("Relu", ["mixed"], ["frames"], {}),
        ("ReduceMean", ["frames"], ["mean3"], {"axes": [1], "keepdims": 1}),
        ("Sub", ["frames", "mean3"], ["centred"], {}),
        ("Mul", ["centred", "centred"], ["squares"], {}),
        ("ReduceSum", ["squares", "axis"], ["sum"], {"keepdims": 0}),
        ("Shape", ["frames"], ["shape"], {}),
        ("Gather", ["shape", "first"], ["length"], {"axis": 0}),
        ("Cast", ["length"], ["t"], {"to": TensorProto.FLOAT}),
        ("Sub", ["t", "one"], ["free"], {}),
        ("Div", ["sum", "free"], ["var"], {}),
        ("Sqrt", ["var"], ["std"], {}),
        ("Squeeze", ["mean3", "axis"], ["mean"], {}),
        ("Concat", ["mean", "std"], ["stats"], {"axis": 1}),
        ("MatMul", ["stats", "out"], ["embs"], {}),
    ]
    constants = [
        numpy_helper.from_array(value.astype(np.float32), name) for name, value in weights.items()
    ]
    constants.append(numpy_helper.from_array(np.array([1], dtype=np.int64), "axis"))
    constants.append(numpy_helper.from_array(np.array(1, dtype=np.int64), "first"))
    graph = helper.make_graph(
        [helper.make_node(kind, ins, outs, **extra) for kind, ins, outs, extra in steps],
        "wespeaker-shaped",
        [helper.make_tensor_value_info("feats", TensorProto.FLOAT, ["B", "T", 80])],
        [helper.make_tensor_value_info("embs", TensorProto.FLOAT, ["B", 256])],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8)
    onnx.checker.check_model(model)
    path = tmp_path_factory.mktemp("onnx") / "tiny.onnx"
    onnx.save(model, path)
    return path
