from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models import Entry
from app.models.entry import PROMPT_KEY_BYTES


def count_prompts(db: Session, dataset_id: int, split: str | None = None) -> int:
    """Distinct ones, of the entries that are not withdrawn."""
    prompt = func.substr(Entry.content_key, 1, PROMPT_KEY_BYTES)
    wanted = select(func.count(prompt.distinct())).where(Entry.dataset_id == dataset_id, Entry.withdrawn.is_(False))
    return db.scalar(wanted if split is None else wanted.where(Entry.split == split)) or 0
