"""Which rows of a first import may be in already: a look-up for each costs a tenth of the import, and few are."""

from collections.abc import Sequence

from app.terms.content_key import PROMPT_KEY_BYTES

_PART = slice(PROMPT_KEY_BYTES, PROMPT_KEY_BYTES + 4)  # of the hash over all texts
_BITS = 27


class Keys:
    """One bit for each of 2 ** 27 kinds of content keys, set once one was met.

    One block of 16 MB: what grew in many small ones kept, over millions of rows, a gigabyte of the heap from being used
    again.
    """

    def __init__(self) -> None:
        self._met = bytearray(1 << (_BITS - 3))

    def perhaps_known(self, keys: Sequence[bytes]) -> list[bytes]:
        """Those that were met before, and of n keys met before n in 2 ** 27 others; then it has met them all."""
        met, known = self._met, []
        for key in keys:
            kind = int.from_bytes(key[_PART]) >> (32 - _BITS)
            place, bit = kind >> 3, 1 << (kind & 7)
            if met[place] & bit:
                known.append(key)
            else:
                met[place] |= bit
        return known
