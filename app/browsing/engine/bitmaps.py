"""Numbers of NumPy and bitmaps of them, both ways without a Python number for each.

NumPy is imported where it is needed, not at the top: commands that need none start sooner, and a server loads it once
it answers.
"""

from array import array
from typing import TYPE_CHECKING, Any

from pyroaring import BitMap

if TYPE_CHECKING:
    import numpy as np

    Ids = np.ndarray[Any, np.dtype[np.uint32]]

_FEW = 50


def ids_of(bitmap: BitMap) -> "Ids":
    """Ascending; they cannot be written to."""
    import numpy as np

    return np.frombuffer(bitmap.to_array(), dtype=np.uint32)


def bitmap_of(ids: "Ids") -> BitMap:
    """By an array: to take NumPy's numbers one by one is eight times as slow."""
    return BitMap(array("I", ids.tobytes()))


def bitmap_of_different(ids: "Ids", below: int) -> BitMap:
    """In any order; to tick them off is faster than to sort them, unless they are few."""
    import numpy as np

    if len(ids) < below // _FEW:
        return bitmap_of(np.sort(ids))
    ticked = np.zeros(below, dtype=bool)
    ticked[ids] = True
    return bitmap_of(np.flatnonzero(ticked).astype(np.uint32))
