"""The tools of fuzz/ and faults/, importable."""

import importlib.util
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def _module(folder, name):
    """A module of a folder that is a script, not a package; its neighbours import each other."""
    path = ROOT / folder / f"{name}.py"
    if not path.exists():
        pytest.skip(f"{folder}/ is not here: an installed copy", allow_module_level=True)
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
    """fuzz/run.py."""
    return _module("fuzz", "run")


@pytest.fixture(scope="session")
def faults():
    """faults/run.py."""
    return _module("faults", "run")
