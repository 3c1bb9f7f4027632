"""Names that people give: what is typed, made comparable, or found to be no name."""

import unicodedata

# Letters and symbols to Unicode, blanks to the eye.
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")


def readable_name(typed: str, longest: int) -> str | None:
    """NFC with single spaces; None when it is empty, too long, invisible, or holds what cannot be seen."""
    name = " ".join(unicodedata.normalize("NFC", typed).split())
    is_seen = any(unicodedata.category(character)[0] in "LNPS" and character not in _BLANK for character in name)
    return name if is_seen and len(name) <= longest and name.isprintable() else None


def name_key(name: str) -> str:
    """Equal for names that differ in upper and lower case only."""
    return name.casefold()
