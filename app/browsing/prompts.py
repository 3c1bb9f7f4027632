from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models import Entry
from app.terms.content_key import PROMPT_KEY_BYTES


def count_prompts(db: Session, dataset_id: int, split: str) -> int:
    """Distinct ones, of the entries that are not withdrawn."""
    prompt = func.substr(Entry.content_key, 1, PROMPT_KEY_BYTES)
    present = (Entry.dataset_id == dataset_id, Entry.split == split, Entry.withdrawn.is_(False))
    return db.scalar(select(func.count(prompt.distinct())).where(*present)) or 0
