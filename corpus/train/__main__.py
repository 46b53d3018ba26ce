"""``python -m train DATA --out TABLE``: grow a learned table from a folder of recordings."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from train.model import Recipe, chunks_of, grow
from train.sources import REAL, SIMULATED, Sources
from train.table import table_of


def main() -> None:
    """Read, grow, write."""
    parser = argparse.ArgumentParser(prog="train", description=__doc__)
    parser.add_argument(
        "data", type=Path, metavar="DATA", help="folder with corpus.json and train/COLLECTION/"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="TABLE")
    parser.add_argument(
        "--leave", action="append", default=[], metavar="PREFIX",
        help="leave out recordings whose name begins so; may be given several times",
    )  # fmt: skip
    options = parser.parse_args()
    begun = time.monotonic()

    def tell(message: str) -> None:
        print(f"{time.monotonic() - begun:6.0f} s  {message}", file=sys.stderr, flush=True)

    sources, recipe = Sources(leave=tuple(options.leave)), Recipe()
    chunks = []
    for collection in dict.fromkeys((*REAL, *SIMULATED)):
        folder = options.data / "train" / collection
        if folder.is_dir():
            for example in sources.of_folder(folder):
                chunks += chunks_of(example, recipe)
    for example in sources.of_corpus(options.data / "corpus.json", REAL):
        chunks += chunks_of(example, recipe)
    tell(f"{len(chunks)} chunks, {sum(chunk.n_words for chunk in chunks)} words")
    forests = grow(chunks, recipe, tell)
    options.out.write_text(table_of(forests, recipe, sources), encoding="ascii")
    tell(f"written to {options.out}")


if __name__ == "__main__":
    main()
