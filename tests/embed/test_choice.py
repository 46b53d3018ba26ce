"""Laws of diarfix.embed.Choice."""

import hashlib

import pytest

from diarfix.config import DEFAULT_EMBEDDER, EMBEDDERS, EmbedderKind, choices
from diarfix.embed import Choice, embedder, load_embedder
from diarfix.errors import MissingDependency, UsageError


@pytest.fixture
def calls(monkeypatch):
    """Stand in for the loader of every embedder; what it was called with."""
    seen = []

    def load(name, **options):
        seen.append((name, options))
        return object()

    monkeypatch.setattr(embedder, "load_embedder", load)
    monkeypatch.setattr(embedder, "_loaded", {})
    return seen


def test_a_choice_is_loaded_once_with_all_that_it_says(calls):
    """Equal choices share an embedder, others do not."""
    first = Choice("wespeaker", "dir", "cpu", offline=True).load()
    assert Choice("wespeaker", "dir", "cpu", offline=True).load() is first
    assert Choice().load() is not first
    assert [name for name, _ in calls] == ["wespeaker", DEFAULT_EMBEDDER]
    options = calls[0][1]
    assert (options["model"], options["device"], options["offline"]) == ("dir", "cpu", True)


def test_only_what_somebody_named_is_chosen():
    """A migration compares tags only then."""
    assert [c.chosen for c in (Choice(), Choice("onnx"), Choice(model="m"))] == [False, True, True]
    assert Choice(model="m").kind == DEFAULT_EMBEDDER


def test_an_onnx_file_is_identified_by_its_bytes_without_loading_it(tmp_path, calls):
    """Hashing needs neither onnxruntime nor memory."""
    (tmp_path / "m.onnx").write_bytes(b"weights")
    digest = hashlib.sha256(b"weights").hexdigest()
    assert Choice(model=str(tmp_path / "m.onnx")).identify() == ("onnx", digest)
    assert not calls


def test_a_checkpoint_is_identified_by_weights_and_architecture_without_torch(tmp_path, calls):
    """Other weights or another network differ; what else the config holds does not matter."""
    pytest.importorskip("yaml")
    for name, weights, network, more in (
        ("one", b"w", "ResNet34", 1), ("same", b"w", "ResNet34", 2),
        ("other", b"v", "ResNet34", 1), ("third", b"w", "ResNet18", 1),
    ):  # fmt: skip
        folder = tmp_path / name
        folder.mkdir()
        (folder / "avg_model.pt").write_bytes(weights)
        config = f"model: {network}\nmodel_args: {{feat_dim: 80}}\nepochs: {more}\n"
        (folder / "config.yaml").write_text(config)
    one, same, other, third = (
        Choice("wespeaker", str(tmp_path / name)).identify()
        for name in ("one", "same", "other", "third")
    )
    assert one == same
    assert one[0] == "wespeaker"
    assert len({one, other, third}) == 3
    assert not calls


def test_an_unknown_embedder_cannot_be_chosen():
    """Nor is it told only when something is to be embedded."""
    with pytest.raises(UsageError, match="unknown embedder 'onxx', expected onnx or wes") as caught:
        Choice("onxx")
    assert caught.value.hint == "did you mean onnx?"


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        (Choice("wespeaker"), UsageError),
        (Choice("wespeaker", "nowhere"), MissingDependency),
        (Choice(model="nowhere.onnx"), MissingDependency),
    ],
)
def test_what_cannot_be_identified_cannot_be_loaded_either(wrong, error):
    """Both say the same."""
    with pytest.raises(error) as identified:
        wrong.identify()
    with pytest.raises(error) as loaded:
        wrong.load()
    assert str(identified.value) == str(loaded.value)


def test_an_embedder_is_a_module_and_a_row(monkeypatch, tmp_path):
    """A new row is all it takes to be identified and loaded by name."""
    module = "import_me_as_an_embedder"
    (tmp_path / f"{module}.py").write_text(
        "def digest(model, **_): return f'digest of {model}'\n"
        "def load(model, *, device, **_): return model, device\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    row = EmbedderKind(f"{module}:digest", f"{module}:load")
    monkeypatch.setattr(choices, "EMBEDDERS", {**EMBEDDERS, "new": row})
    assert load_embedder("new", model="m", device="cpu") == ("m", "cpu")
    assert Choice("new", "m").identify() == ("new", "digest of m")
