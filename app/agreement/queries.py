"""How far reviewers agree with the stored labels."""

from dataclasses import dataclass

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from app.agreement.measures.intervals import Interval, wilson_interval
from app.browsing.memories import Memory
from app.models import Dataset, Entry, Review, ReviewState, Skip, SkipKind, Verdict
from app.models.label_field import LabelField, fields_of

_agreement_of: Memory[list["FieldAgreement"]] = Memory(64)


@dataclass(frozen=True)
class FieldAgreement:
    """Label agreement: the share of verdicts "agree" among "agree" and "disagree".

    Unsure is counted beside it, and so are verdicts on a value that is another one now.
    """

    field: LabelField
    agree: int
    disagree: int
    unsure: int
    outdated: int

    @property
    def n(self) -> int:
        return self.agree + self.disagree

    @property
    def share(self) -> float | None:
        return self.agree / self.n if self.n else None

    @property
    def interval(self) -> Interval | None:
        """95 % Wilson."""
        return wilson_interval(self.agree, self.n) if self.n else None


@dataclass(frozen=True)
class NonResponse:
    """How often a reviewer came to an entry and gave no verdict; no share counts it."""

    put_off: int
    opted_out: int  # it has a harm category that they do not want to see

    @property
    def count(self) -> int:
        return self.put_off + self.opted_out


def find_non_response(db: Session, dataset: Dataset) -> NonResponse:
    """Each reviewer's entries count, without withdrawn ones."""
    skips = select(func.count()).select_from(Skip).join(Entry, Entry.id == Skip.entry_id)
    put_off, opted_out = (
        db.scalar(skips.where(Skip.kind == kind, Entry.dataset_id == dataset.id, Entry.withdrawn.is_(False))) or 0
        for kind in (SkipKind.PUT_OFF, SkipKind.OPTED_OUT)
    )
    return NonResponse(put_off, opted_out)


def find_agreement(db: Session, dataset: Dataset) -> list[FieldAgreement]:
    """One row per label field of the dataset, over all submitted reviews of entries that are not withdrawn."""
    return _agreement_of.remember(db, dataset.id, (), lambda: _find_agreement(db, dataset))


def _find_agreement(db: Session, dataset: Dataset) -> list[FieldAgreement]:
    kind = case((Verdict.outdated, "outdated"), else_=Verdict.verdict)
    counts = {
        (label_field, verdict): count
        for label_field, verdict, count in db.execute(
            select(Verdict.label_field, kind, func.count())
            .join(Review, Review.id == Verdict.review_id)
            .join(Entry, Entry.id == Review.entry_id)
            .where(Entry.dataset_id == dataset.id, Entry.withdrawn.is_(False), Review.state == ReviewState.SUBMITTED)
            .group_by(Verdict.label_field, kind)
        )
    }
    kinds = ("agree", "disagree", "unsure", "outdated")
    return [
        FieldAgreement(field, *(counts.get((field.name, verdict), 0) for verdict in kinds))
        for field in fields_of(dataset)
    ]
