"""Errors a user can act on. Each class carries the exit code of the command line."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator

EXIT_OK = 0
EXIT_NO = 1
EXIT_INPUT = 2
EXIT_NOTHING_SCORED = 3
EXIT_MISSING = 4
EXIT_STORE = 5
EXIT_BUG = 70
EXIT_INTERRUPTED = 130
#: What a shell reports for a program ended by SIGPIPE.
EXIT_PIPE = 141

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


class NotMeasured(InputError):
    """One thing cannot be measured, which costs no other: a package failed, or it would take days.

    Its message is why.
    """


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


def nearest(name: object, known: Iterable[str]) -> str | None:
    """The known name that is most like another one; None if none is like it."""
    import difflib

    return next(iter(difflib.get_close_matches(str(name), list(known), n=1)), None)


def unknown(what: str, name: object, known: Iterable[str], *, where: str = "") -> UsageError:
    """The error of a name that nothing bears, with those that are known.

    where  the option, file or variable that holds it, "" where that is plain

    >>> error = unknown("method", "virterbi", ("rules", "viterbi"), where="--method")
    >>> error.message, error.hint
    ("--method: unknown method 'virterbi', expected rules or viterbi", 'did you mean viterbi?')
    """
    names = list(known)
    listed = " or ".join(filter(None, (", ".join(names[:-1]), names[-1])))
    near = nearest(name, names)
    return UsageError(
        f"{where}{': ' * bool(where)}unknown {what} {name!r}, expected {listed}",
        hint=f"did you mean {near}?" if near else None,
    )


def reason(error: OSError) -> str:
    """What the system says of a failure, as a part of a sentence."""
    return (error.strerror or str(error)).lower()


@contextlib.contextmanager
def os_errors(where: str, what: str = "", *, hint: str | None = None) -> Iterator[None]:
    """Turn a failing file, disk or pipe in the block into InputError.

    where  the file, for the message
    what   what cannot be done, such as "cannot be written"; "" where the reason says enough
    """
    try:
        yield
    except OSError as error:
        said = f"{what}: {reason(error)}" if what else reason(error)
        raise InputError(f"{where}: {said}", hint=hint) from error


@contextlib.contextmanager
def needed(package: str, *, extra: str, hint: str = "") -> Iterator[None]:
    """Turn a failing import in the block into MissingDependency, naming the cure.

    extra  of diarfix, which brings the package along
    hint   the cure where none does
    """
    try:
        yield
    except (ImportError, OSError) as error:  # OSError: a shared library is missing
        absent = isinstance(error, ModuleNotFoundError) and error.name == package
        why = "is not installed" if absent else f"cannot be imported: {error}"
        cure = hint or f"pip install 'diarfix[{extra}]'"
        raise MissingDependency(f"the package {package} {why}", hint=cure) from error
