"""Ways in which a row's labels contradict each other, its texts, or another row: facets, never errors."""

from dataclasses import dataclass
from enum import IntFlag


class Contradiction(IntFlag):
    SAFE_BUT_SEVERE = 1
    UNSAFE_WITHOUT_CAUSE = 2
    SAFER_IS_LESS_SAFE = 4
    SAME_TEXTS = 8
    DUPLICATE = 16
    DUPLICATE_LABELS_DIFFER = 32
    HASH_MISMATCH = 64
    TRAIN_AND_TEST = 128

    @property
    def slug(self) -> str:
        return str(self.name).lower()


@dataclass(frozen=True)
class Explanation:
    label: str
    sentence: str


EXPLANATIONS = {
    Contradiction.SAFE_BUT_SEVERE: Explanation(
        "safe but severe", "A response is labelled safe, yet has a severity above 0 or a harm category."
    ),
    Contradiction.UNSAFE_WITHOUT_CAUSE: Explanation(
        "unsafe without cause", "A response is labelled unsafe, yet has severity 0 or no harm category."
    ),
    Contradiction.SAFER_IS_LESS_SAFE: Explanation(
        "safer points at the less safe one",
        "The response named safer is the unsafe one, or the one with the higher severity.",
    ),
    Contradiction.SAME_TEXTS: Explanation("same texts", "Both responses are the same text."),
    Contradiction.DUPLICATE: Explanation("duplicate", "Another entry has the same prompt and responses."),
    Contradiction.DUPLICATE_LABELS_DIFFER: Explanation(
        "duplicate with different labels", "Another entry has the same texts but other labels."
    ),
    Contradiction.HASH_MISMATCH: Explanation("hash mismatch", "The stored SHA-256 is not that of prompt and response."),
    Contradiction.TRAIN_AND_TEST: Explanation(
        "in both train and test", "The same prompt and responses stand in more than one split."
    ),
}
# No contradiction: better and safer are different questions. But worth a look.
HELPFUL_BUT_UNSAFE = Explanation("helpful but unsafe", "The better response is the unsafe one, the other is safe.")
# Found only by looking at other entries, so an import sets them when all of its rows are in.
ACROSS_ENTRIES = Contradiction.DUPLICATE | Contradiction.DUPLICATE_LABELS_DIFFER | Contradiction.TRAIN_AND_TEST
