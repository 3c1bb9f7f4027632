"""What the licences that datasets carry permit, in our own words; the licence itself is what counts."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Licence:
    code: str  # as in dataset cards
    name: str
    commercial: bool
    conditions: tuple[str, ...]  # what using it asks for
    url: str  # of its full text


_NAME = "name its authors and the licence, and say what you changed"
_ALIKE = "pass on what you make of it under the same licence"
_NOT_FOR_MONEY = "keep to purposes that are not commercial"
_KEEP = "keep the copyright notice and the licence with every copy"
_CC = "https://creativecommons.org"

LICENCES = {
    licence.code: licence
    for licence in (
        Licence("cc-by-4.0", "Creative Commons Attribution 4.0", True, (_NAME,), f"{_CC}/licenses/by/4.0/"),
        Licence(
            "cc-by-sa-4.0",
            "Creative Commons Attribution-ShareAlike 4.0",
            True,
            (_NAME, _ALIKE),
            f"{_CC}/licenses/by-sa/4.0/",
        ),
        Licence(
            "cc-by-nc-4.0",
            "Creative Commons Attribution-NonCommercial 4.0",
            False,
            (_NAME, _NOT_FOR_MONEY),
            f"{_CC}/licenses/by-nc/4.0/",
        ),
        Licence(
            "cc-by-nc-sa-4.0",
            "Creative Commons Attribution-NonCommercial-ShareAlike 4.0",
            False,
            (_NAME, _NOT_FOR_MONEY, _ALIKE),
            f"{_CC}/licenses/by-nc-sa/4.0/",
        ),
        Licence("cc0-1.0", "Creative Commons Zero 1.0", True, (), f"{_CC}/publicdomain/zero/1.0/"),
        Licence("mit", "MIT", True, (_KEEP,), "https://opensource.org/license/mit"),
        Licence(
            "apache-2.0",
            "Apache 2.0",
            True,
            (_KEEP, "say which files you changed"),
            "https://www.apache.org/licenses/LICENSE-2.0",
        ),
        Licence(
            "odc-by",
            "Open Data Commons Attribution 1.0",
            True,
            ("name the database and its licence wherever you use or pass it on",),
            "https://opendatacommons.org/licenses/by/1-0/",
        ),
    )
}
