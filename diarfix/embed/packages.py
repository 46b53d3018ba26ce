"""What to say when an optional package is missing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from diarfix.errors import MissingDependency

#: Published from its repository only; its own dependencies cannot all be imported today, and none
#: of them is needed for the model classes.
_WESPEAKER = "pip install --no-deps git+https://github.com/wenet-e2e/wespeaker.git"


@contextmanager
def needed(package: str, *, extra: str = "acoustic") -> Iterator[None]:
    """Turn a failing import in the block into MissingDependency, naming the cure."""
    try:
        yield
    except (ImportError, OSError) as error:  # OSError: a shared library is missing
        absent = isinstance(error, ModuleNotFoundError) and error.name == package
        why = "is not installed" if absent else f"cannot be imported: {error}"
        hint = _WESPEAKER if package == "wespeaker" else f"pip install 'diarfix[{extra}]'"
        raise MissingDependency(f"the package {package} {why}", hint=hint) from error
