"""WeSpeaker checkpoints (``avg_model.pt`` and ``config.yaml``), run by torch on CPU or CUDA.

The network is built from the wespeaker package's own classes. ``import wespeaker`` itself cannot
work with current packages and would set torch to one thread for the whole process, so its model
modules are imported past it.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import io
import json
import os
import pickle
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from diarfix.config import Device
from diarfix.core import F32
from diarfix.embed.windows import N_BINS, WindowEmbedder, make_fbank, with_fbank
from diarfix.errors import MissingDependency, UsageError, needed
from diarfix.files import read_bytes, read_text

#: wespeaker/models/speaker_model.py, which cannot be imported either: it imports them all.
_MODULES = {
    "XVEC": "tdnn",
    "ECAPA_TDNN": "ecapa_tdnn",
    "ResNet": "resnet",
    "REPVGG": "repvgg",
    "CAMPPlus": "campplus",
    "ERes2Net": "eres2net",
    "Res2Net": "res2net",
    "Gemini": "gemini_dfresnet",
    "ReDimNet2": "redimnet2",
    "ReDimNet": "redimnet",
    "SimAM_ResNet": "samresnet",
    "XI_VEC": "xi_vector",
}

#: Published from its repository only; its own dependencies cannot all be imported today, and none
#: of them is needed for the model classes.
_INSTALL = "pip install --no-deps git+https://github.com/wenet-e2e/wespeaker.git"

_import_lock = threading.Lock()


def wespeaker_digest(model: str | None, **_: object) -> str:
    """The SHA-256 of a checkpoint's weights, and of what its config says of the network.

    A checkpoint is never fetched: how to fetch is left out.
    """
    weights, config = _files(model)
    return _digest(read_bytes(str(weights)), *_config(config))


def load_wespeaker(model: str | None, *, device: Device, **_: object) -> WindowEmbedder:
    """Load a checkpoint folder, or a ``.pt`` file with its ``config.yaml`` beside it.

    Weights are loaded without unpickling anything but tensors, and must fit the network exactly.

    Raises UsageError for a folder that holds no such model, MissingDependency without torch,
    wespeaker or CUDA.
    """
    weights, config = _files(model)
    with needed("torch", extra="torch"):
        import torch
    fbank = make_fbank(extra="torch")
    kind, args = _config(config)
    used = _device(torch, device)
    data = read_bytes(str(weights))
    network = _network(torch, kind, args, weights)
    _fill(torch, network, data, weights)
    network.to(used).eval()

    def forward(features: F32) -> F32:
        # TF32 would make other vectors on a GPU than on a CPU.
        exact = torch.backends.cudnn.flags(enabled=True, allow_tf32=False)
        with torch.inference_mode(), exact:
            outputs = network(torch.from_numpy(features).to(used))
            last = outputs[-1] if isinstance(outputs, tuple) else outputs
            vectors: F32 = last.float().cpu().numpy()
        return vectors

    digest = _digest(data, kind, args)
    probe = np.random.default_rng(0).standard_normal((1, 200, N_BINS), np.float32)
    return with_fbank("wespeaker", digest, used, int(forward(probe).shape[1]), fbank, forward)


def _digest(weights: bytes, kind: str, args: dict[str, Any]) -> str:
    digest = hashlib.sha256(weights)
    digest.update(json.dumps([kind, args], sort_keys=True).encode())
    return digest.hexdigest()


def _device(torch: Any, device: Device) -> str:
    there = torch.cuda.is_available()
    if device == "cuda" and not there:
        raise MissingDependency("torch sees no CUDA device", hint="--device cpu")
    return "cuda" if there and device != "cpu" else "cpu"


def _files(model: str | None) -> tuple[Path, Path]:
    if model is None:
        raise UsageError(
            "the wespeaker embedder needs a model",
            hint="--model DIR, a folder with avg_model.pt and config.yaml",
        )
    path = Path(model)
    weights = path / "avg_model.pt" if path.is_dir() else path
    config = weights.with_name("config.yaml")
    for file in (weights, config):
        if not file.is_file():
            raise MissingDependency(
                f"{file}: no such file",
                hint="a WeSpeaker checkpoint is a folder with avg_model.pt and config.yaml",
            )
    return weights, config


def _config(path: Path) -> tuple[str, dict[str, Any]]:
    """The class of the network and its arguments."""
    with needed("yaml", extra="torch"):
        import yaml
    try:
        config = yaml.safe_load(read_text(str(path)))
    except yaml.YAMLError as error:
        raise UsageError(f"{path}: no YAML: {' '.join(str(error).split())}") from error
    table = config if isinstance(config, dict) else {}
    kind, args = table.get("model"), table.get("model_args")
    if not isinstance(kind, str) or not isinstance(args, dict):
        raise UsageError(f"{path}: expected the keys model and model_args")
    front_end = (table.get("dataset_args") or {}).get("frontend", "fbank")
    if front_end != "fbank" or args.get("feat_dim", N_BINS) != N_BINS:
        raise UsageError(f"{path}: the model wants {front_end}, expected fbank with {N_BINS} bins")
    return kind, args


def _network(torch: Any, kind: str, args: dict[str, Any], path: Path) -> Any:
    # The longest prefix wins: ReDimNet2 before ReDimNet.
    prefix = max((p for p in _MODULES if kind.startswith(p)), key=len, default=None)
    if prefix is None:
        raise UsageError(f"{path}: unknown model {kind!r}, expected {', '.join(_MODULES)} ...")
    module = model_module(_MODULES[prefix])
    build = getattr(module, kind, None)
    if build is None:
        raise UsageError(f"{path}: wespeaker has no model {kind!r}")
    # Random weights, about to be replaced, must not move the caller's random numbers.
    with torch.random.fork_rng(devices=[]):
        try:
            return build(**args)
        except TypeError as error:
            raise UsageError(f"{path}: model_args do not fit {kind}: {error}") from error


def _fill(torch: Any, network: Any, data: bytes, path: Path) -> None:
    try:
        state = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError) as error:
        first = str(error).splitlines()[0]
        raise UsageError(f"{path}: no plain state dict of tensors: {first}") from error
    state = state.get("state_dict", state) if isinstance(state, dict) else {}
    # The training head; and the prefix under which pyannote keeps the same network.
    state = {
        key.removeprefix("resnet."): value
        for key, value in state.items()
        if not key.startswith("projection.")
    }
    try:
        network.load_state_dict(state, strict=True)
    except RuntimeError as error:
        said = " ".join(str(error).split())
        raise UsageError(f"{path}: does not fit config.yaml: {said[:300]}") from error


def model_module(name: str) -> ModuleType:
    """Import ``wespeaker.models.NAME`` without running ``wespeaker/__init__.py``.

    An empty package with the right path stands in for wespeaker during the import; afterwards
    ``sys.modules`` is as it was. Raises MissingDependency if wespeaker or what the module needs is
    not installed.
    """
    full = f"wespeaker.models.{name}"
    if full in sys.modules:
        return sys.modules[full]
    with _import_lock, needed("wespeaker", extra="torch", hint=_INSTALL):
        spec = importlib.util.find_spec("wespeaker")
        if spec is None or spec.submodule_search_locations is None:
            raise ModuleNotFoundError(name="wespeaker")
        package = ModuleType("wespeaker")
        package.__path__ = list(spec.submodule_search_locations)
        with _unchanged():
            sys.modules.setdefault("wespeaker", package)
            return importlib.import_module(full)


@contextmanager
def _unchanged() -> Iterator[None]:
    """Undo what importing wespeaker's modules does to the process: modules, threads, variables."""
    import torch

    before = {name for name in sys.modules if name.split(".")[0] == "wespeaker"}
    threads = torch.get_num_threads()
    limits = {name: value for name, value in os.environ.items() if name.endswith("_NUM_THREADS")}
    try:
        yield
    finally:
        for name in [name for name in sys.modules if name.split(".")[0] == "wespeaker"]:
            if name not in before:
                del sys.modules[name]
        torch.set_num_threads(threads)
        for name in [name for name in os.environ if name.endswith("_NUM_THREADS")]:
            if name not in limits:
                del os.environ[name]
        os.environ.update(limits)
