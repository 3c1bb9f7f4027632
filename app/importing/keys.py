"""Which rows of a first import may be in already: a look-up for each costs a tenth of the import, and few are."""

from array import array
from collections.abc import Sequence

from pyroaring import BitMap

from app.terms.content_key import PROMPT_KEY_BYTES

_PART = slice(PROMPT_KEY_BYTES, PROMPT_KEY_BYTES + 4)  # 32 bits of the hash over all texts


class Keys:
    """32 bits of every content key met so far, in two to four bytes each."""

    def __init__(self) -> None:
        self._met = BitMap()

    def perhaps_known(self, keys: Sequence[bytes]) -> list[bytes]:
        """Those that were met before, and one in some thousand that was not; then it has met them all."""
        parts = array("I", [int.from_bytes(key[_PART]) for key in keys])
        new = BitMap(parts)
        again = self._met & new
        self._met |= new
        return [key for key, part in zip(keys, parts, strict=True) if part in again] if again else []
