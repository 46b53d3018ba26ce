"""Growing the table of the learned path: ``python -m train --help``, with ``corpus`` on the path.

Training needs LightGBM 4.6 and a folder of recordings (docs/learned.md); what it writes is read by
``diarfix`` with NumPy alone. The same data, settings and LightGBM give the same bytes.
"""

from train.examples import Example, altered, random_diarizer, simulated
from train.model import Recipe, chunks_of, grow
from train.sources import Sources
from train.table import table_of

__all__ = [
    "Example",
    "Recipe",
    "Sources",
    "altered",
    "chunks_of",
    "grow",
    "random_diarizer",
    "simulated",
    "table_of",
]
