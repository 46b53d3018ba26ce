"""Values that are right as they stand, so that reading them needs no pydantic.

Typer (0.26 and later) passes every value of every option through a pydantic adapter, also those
nobody gave. Importing pydantic and building forty adapters takes longer than importing NumPy. Here
a value that is its option's default, or text where text is wanted, goes past it; a number or a
choice from the command line does not. Should Typer's attribute have another name one day, values
take the long way again and nothing else changes.
"""

from __future__ import annotations

from typing import Any

from typer.core import TyperCommand

_ADAPTER = "_runtime_param"


class PlainCommand(TyperCommand):
    """A command whose parameters take plain values as they are."""

    def get_params(self, ctx: Any) -> Any:
        """The parameters, ``--help`` among them."""
        return spared(super().get_params(ctx))


def spared(params: list[Any]) -> list[Any]:
    """Parameters, each of them set to take plain values as they are."""
    for param in params:
        if getattr(param, _ADAPTER, param) is None:
            setattr(param, _ADAPTER, _Plain())
    return params


class _Plain:
    """Stands for the adapter of one parameter until a value needs it."""

    @staticmethod
    def coerce(value: Any, *, param: Any, ctx: Any) -> Any:
        """What Typer's adapter would return."""
        many = param.multiple or param.nargs == -1
        if value is None:
            return () if many else None
        wanted = param.type_descriptor.annotation
        if not many and (_same(value, param.default) or (wanted is str and type(value) is str)):
            return value
        if many and wanted == list[str] and type(value) in {list, tuple}:
            return list(value)
        setattr(param, _ADAPTER, None)
        return param.get_runtime_param().coerce(value, param=param, ctx=ctx)


def _same(value: Any, default: Any) -> bool:
    return type(value) is type(default) and bool(value == default)
