"""The learned table: defaults that nobody chose by hand, as whole numbers in a file beside this.

``corpus/train`` writes it, and says in it from what and how it was made.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from diarfix.errors import InputError

_TABLE = Path(__file__).with_name("learned.txt")


def learned_table(path: Path = _TABLE) -> list[str]:
    """The lines of a learned table, the checksum that ends it aside.

    Raises InputError if it is not what was written.
    """
    try:
        text = path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: the learned table cannot be read: {error}") from error
    body, _, last = text.rstrip("\n").rpartition("\n")
    found = hashlib.sha256(f"{body}\n".encode("ascii")).hexdigest()
    if last != f"sha256 {found}":
        raise InputError(
            f"{path}: the learned table is damaged",
            hint="install diarfix again, or --method viterbi",
        )
    return body.splitlines()
