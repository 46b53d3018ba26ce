"""Errors a user can act on. Each class carries the exit code of the command line."""

from __future__ import annotations

EXIT_OK = 0
EXIT_NO = 1
EXIT_INPUT = 2
EXIT_NOTHING_SCORED = 3
EXIT_MISSING = 4
EXIT_STORE = 5
EXIT_BUG = 70
EXIT_INTERRUPTED = 130

#: When several codes apply to one run, the first of these that occurred is returned.
EXIT_PRECEDENCE = (
    EXIT_INTERRUPTED,
    EXIT_BUG,
    EXIT_MISSING,
    EXIT_INPUT,
    EXIT_STORE,
    EXIT_NOTHING_SCORED,
    EXIT_NO,
)


def worst_exit(codes: list[int]) -> int:
    """Return the code that a run ends with in which all of ``codes`` occurred."""
    return next((code for code in EXIT_PRECEDENCE if code in codes), EXIT_OK)


class DiarfixError(Exception):
    """Root of every error that diarfix raises on purpose.

    message  one line: where, what is wrong, what was expected
    hint     a second line, or None: what to do about it
    """

    exit_code = EXIT_INPUT

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return self.message

    def __reduce__(self) -> tuple[object, ...]:
        # Worker processes send errors back by pickle, which would drop the keyword.
        return (_rebuild, (type(self), self.message, self.hint))


def _rebuild(kind: type[DiarfixError], message: str, hint: str | None) -> DiarfixError:
    return kind(message, hint=hint)


class InputError(DiarfixError):
    """The input cannot be read: bytes, shape, a value, or files that do not belong together."""


class UsageError(DiarfixError):
    """The call itself is wrong: options that exclude each other, an unknown name, a bad value."""


class ConfigError(UsageError):
    """A setting is unknown or out of range."""


class GateFailed(DiarfixError):
    """The answer is no: a gate failed, or ``--check`` found something to change."""

    exit_code = EXIT_NO


class NothingScored(DiarfixError):
    """No word or no second could be scored, or coverage is too low."""

    exit_code = EXIT_NOTHING_SCORED


class MissingDependency(DiarfixError):
    """This machine lacks a package, model or device; the hint is the command that mends it."""

    exit_code = EXIT_MISSING


class StoreError(DiarfixError):
    """The embedding store is not fully migrated; run again to resume."""

    exit_code = EXIT_STORE
