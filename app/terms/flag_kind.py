"""What a reviewer flags an entry for."""

from enum import StrEnum


class FlagKind(StrEnum):
    LABEL_WRONG = "label_wrong"
    TEXT_BROKEN = "text_broken"
    PERSONAL_DATA = "personal_data"
    DUPLICATE = "duplicate"
    GUIDELINE_UNCLEAR = "guideline_unclear"
    OTHER = "other"  # also those of before there were kinds

    @property
    def words(self) -> str:
        return self.value.replace("_", " ")
