"""Entries that a reviewer does not want to see: queues pass over them, lists do not."""

from pyroaring import BitMap

from app.browsing.engine.dataset_index import DatasetIndex
from app.terms.profile import Profile


def opted_out_ids(index: DatasetIndex, profile: Profile) -> BitMap:
    """Entries of which a response has a harm category that was opted out of; withdrawn ones too."""
    return BitMap.union(BitMap(), *(index.with_withdrawn("category", code) for code in profile.opted_out))
