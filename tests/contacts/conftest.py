import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import diarfix.contacts.samples
from diarfix.errors import InputError


@pytest.fixture(scope="session")
def samples(tmp_path_factory):
    """A folder with samples of every fate."""
    from store_fakes import write_samples

    return write_samples(tmp_path_factory.mktemp("samples"))


@pytest.fixture(scope="session", autouse=True)
def _flaky_disk():
    """Let every file named flaky.wav fail to open, as on a network disk that is away."""
    real = diarfix.contacts.samples.open_audio

    def open_audio(path, **more):
        if Path(path).name == "flaky.wav":
            raise InputError(f"{path}: input/output error")
        return real(path, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(diarfix.contacts.samples, "open_audio", open_audio)
        yield
