"""The tools of tests/fuzz and tests/faults, importable."""

import importlib.util
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]


def _module(folder, name):
    """A module of a folder that is a script, not a package; its neighbours import each other."""
    path = TESTS / folder / f"{name}.py"
    sys.path.insert(0, str(path.parent))
    try:
        spec = importlib.util.spec_from_file_location(f"{folder}_{name}", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(path.parent))
    return module


@pytest.fixture(scope="session")
def fuzz():
    """tests/fuzz/run.py."""
    return _module("fuzz", "run")


@pytest.fixture(scope="session")
def faults():
    """tests/faults/run.py."""
    return _module("faults", "run")
