"""One Ray cluster of two cores for all tests of the engine, and work that can be sent to it."""

import importlib.util
import logging
import os
import sys
from pathlib import Path

import pytest


def _embedding():
    path = Path(__file__).parents[1] / "embed/conftest.py"
    spec = importlib.util.spec_from_file_location("embed_conftest", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


onnx_model = _embedding().onnx_model


@pytest.fixture(scope="session")
def cluster():
    """The address of a local cluster to which this process is connected."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    ray = pytest.importorskip("ray", reason="needs the extra ray")
    ray.init(
        address="local",
        num_cpus=2,
        include_dashboard=False,
        log_to_driver=False,
        logging_level=logging.ERROR,
        object_store_memory=200_000_000,
    )
    yield ray.get_runtime_context().gcs_address
    ray.shutdown()


@pytest.fixture
def by_value(cluster, request):
    """Let functions of a test module be sent to workers, which cannot import it."""
    from ray import cloudpickle

    module = sys.modules[request.module.__name__]
    cloudpickle.register_pickle_by_value(module)
    yield
    cloudpickle.unregister_pickle_by_value(module)
