"""WeSpeaker models in ONNX form, run by onnxruntime."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import numpy as np

from diarfix.config import Device
from diarfix.core import F32
from diarfix.embed import models
from diarfix.embed.windows import N_BINS, WindowEmbedder, make_fbank, with_fbank
from diarfix.errors import MissingDependency, UsageError, needed
from diarfix.files import Progress, read_bytes, sha256


def onnx_digest(model: str | None, *, offline: bool, progress: Progress | None) -> str:
    """The SHA-256 of a model: on record, or of its file, which is fetched if need be."""
    recorded = models.recorded_digest(model)
    return recorded or sha256(models.find(model, offline=offline, progress=progress))


def load_onnx(
    model: str | None,
    *,
    device: Device,
    offline: bool,
    threads: int | None,
    progress: Progress | None,
) -> WindowEmbedder:
    """Load a model whose input is [B, T, 80] features and whose last output is [B, D].

    Raises UsageError for another model, MissingDependency without onnxruntime or CUDA.
    """
    path = models.find(model, offline=offline, progress=progress)
    with needed("onnxruntime", extra="acoustic"):
        import onnxruntime
    fbank = make_fbank(extra="acoustic")
    # The bytes that are hashed are the bytes that run.
    weights = read_bytes(str(path))
    digest = hashlib.sha256(weights).hexdigest()
    session = _session(onnxruntime, weights, path, device, threads)
    shapes = [source.shape for source in session.get_inputs()]
    if len(shapes) != 1 or not _fits(shapes[0]):
        raise UsageError(f"{path}: takes {shapes}, expected one input [B, T, {N_BINS}]")
    source = session.get_inputs()[0].name
    output = session.get_outputs()[-1].name  # upstream, too, takes the last of several

    def forward(features: F32) -> F32:
        vectors: F32 = session.run([output], {source: features})[0]
        return vectors

    used = "cuda" if session.get_providers()[0].startswith("CUDA") else "cpu"
    return with_fbank("onnx", digest, used, _dim(forward, path), fbank, forward)


def _session(
    onnxruntime: Any, weights: bytes, path: Path, device: Device, threads: int | None
) -> Any:
    offered = onnxruntime.get_available_providers()
    if device == "cuda" and "CUDAExecutionProvider" not in offered:
        raise MissingDependency(
            "the installed onnxruntime offers no CUDA",
            hint="pip uninstall onnxruntime && pip install onnxruntime-gpu, or --device cpu",
        )
    wanted = ["CPUExecutionProvider"]
    if device != "cpu" and "CUDAExecutionProvider" in offered:
        wanted.insert(0, "CUDAExecutionProvider")
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    # Idle threads that spin take the other process's core.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # Left to itself onnxruntime pins threads to cores, which containers forbid, and says so.
    options.intra_op_num_threads = _cores() if threads is None else threads
    try:
        session = onnxruntime.InferenceSession(weights, options, providers=wanted)
    except _errors() as error:
        raise UsageError(f"{path}: no ONNX model that can be loaded: {_line(error)}") from error
    if device == "cuda" and session.get_providers()[0] != "CUDAExecutionProvider":
        raise MissingDependency("onnxruntime could not use CUDA", hint="--device cpu")
    return session


def _cores() -> int:
    """Cores that this process may use."""
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed else os.cpu_count() or 1


def _errors() -> tuple[type[Exception], ...]:
    """The exceptions of onnxruntime, which share no base class."""
    from onnxruntime.capi import onnxruntime_pybind11_state as state

    kinds = (kind for kind in vars(state).values() if isinstance(kind, type))
    return tuple(kind for kind in kinds if issubclass(kind, Exception))


def _line(error: Exception) -> str:
    return " ".join(str(error).split())


def _fits(shape: list[object]) -> bool:
    """Whether an input shape is [any or 1, any, 80]; names stand for what may vary."""
    if len(shape) != 3:
        return False
    free = [not isinstance(size, int) for size in shape]
    return free[1] and (free[2] or shape[2] == N_BINS) and (free[0] or shape[0] == 1)


def _dim(forward: Any, path: Path) -> int:
    """The length of a vector, by trying; a declared output shape may leave it open."""
    try:
        vectors = forward(np.random.default_rng(0).standard_normal((1, 200, N_BINS), np.float32))
    except _errors() as error:
        raise UsageError(f"{path}: cannot run on [1, 200, {N_BINS}]: {_line(error)}") from error
    if vectors.ndim != 2 or vectors.shape[0] != 1 or not np.isfinite(vectors).all():
        raise UsageError(f"{path}: gives {list(vectors.shape)}, expected finite vectors [B, D]")
    return int(vectors.shape[1])
