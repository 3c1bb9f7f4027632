"""The draw itself: which units come first is said by a hash of the seed and of what they are.

Nothing depends on the machine, on ids, or on the order of import: the same entries, design and seed give the same list.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from app.terms.content_key import PROMPT_KEY_BYTES


@dataclass(frozen=True)
class Unit:
    """An entry that may be drawn."""

    entry_id: int
    content_key: bytes
    occurrence: int
    stratum: str

    @property
    def prompt_key(self) -> str:
        return self.content_key[:PROMPT_KEY_BYTES].hex()


@dataclass(frozen=True)
class Drawn:
    entry_id: int
    stratum: str
    inclusion_probability: float
    cluster: str | None = None


def draw(units: Sequence[Unit], numbers: Mapping[str, int], seed: int) -> list[Drawn]:
    """`numbers` of entries by stratum, each a simple random sample without replacement of its own."""
    by_stratum: dict[str, list[Unit]] = defaultdict(list)
    for unit in units:
        by_stratum[unit.stratum].append(unit)
    drawn = [
        (_chance(seed, unit.content_key, unit.occurrence), Drawn(unit.entry_id, name, n / len(of_stratum)))
        for name, of_stratum in by_stratum.items()
        for n in [numbers.get(name, 0)]
        for unit in sorted(of_stratum, key=lambda unit: _chance(seed, unit.content_key, unit.occurrence))[:n]
    ]
    return [one for _, one in sorted(drawn, key=lambda pair: pair[0])]


def draw_clusters(units: Sequence[Unit], entries: int, seed: int) -> list[Drawn]:
    """All pairs of prompts drawn at random, as many prompts as it takes to get to so many entries.

    The number of prompts is fixed by the mean number of pairs of a prompt before anything is drawn, so that each prompt
    has the same probability.
    """
    by_prompt: dict[str, list[Unit]] = defaultdict(list)
    for unit in units:
        by_prompt[unit.prompt_key].append(unit)
    prompts = number_of_prompts(len(units), len(by_prompt), entries)
    chosen = sorted(by_prompt, key=lambda prompt: _chance(seed, prompt.encode(), 0))[:prompts]
    return [
        Drawn(unit.entry_id, unit.stratum, prompts / len(by_prompt), prompt)
        for prompt in chosen
        for unit in sorted(by_prompt[prompt], key=lambda unit: (unit.content_key, unit.occurrence))
    ]


def number_of_prompts(entries: int, prompts: int, wanted: int) -> int:
    return min(prompts, max(1, round(wanted * prompts / entries))) if entries and wanted else 0


def _chance(seed: int, key: bytes, occurrence: int) -> bytes:
    return sha256(b"%d:%d:" % (seed, occurrence) + key).digest()
