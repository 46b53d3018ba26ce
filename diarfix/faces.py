"""The face of a room: the names it offers, each loaded from its module when it is first used."""

import importlib
from collections.abc import Mapping, Sequence


class Face:
    """The ``__getattr__`` of a package; ``home`` is the module of each name it offers.

    ``make docs`` writes the stub that tells type checkers the same.
    """

    def __init__(self, package: str, homes: Mapping[str, Sequence[str]]) -> None:
        self.package = package
        self.home = {name: module for module, names in homes.items() for name in names}

    def __call__(self, name: str) -> object:
        """Load a name. Raises AttributeError for one that is not offered."""
        if name not in self.home:
            raise AttributeError(f"module {self.package!r} has no attribute {name!r}")
        return getattr(importlib.import_module(f"{self.package}.{self.home[name]}"), name)

    def names(self) -> list[str]:
        """The names it offers, in alphabetical order."""
        return sorted(self.home)
