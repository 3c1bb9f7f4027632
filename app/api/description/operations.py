"""What can be asked for: each path with its words, its answer and how a script asks."""

from dataclasses import dataclass

from pydantic import BaseModel

from app.api import agreement_schemas, calibration_schemas, schemas
from app.api.description import agreement_examples, calibration_examples, examples

SLUG, ENTRY_ID, BROWSE, PLACES, AXES = "slug", "entry_id", "browse", "places", "axes"
REPLACES, ACTIVITY = "replaces", "activity"
SESSION_ID, LABEL_FIELD, INTERVALS, CONDITIONS = "session_id", "label_field", "intervals", "conditions"
REVIEWER_ID, CALIBRATION = "reviewer_id", "calibration"
_SAVED = "The `ETag` changes with every review that is saved and every import."


@dataclass(frozen=True)
class Operation:
    path: str
    name: str  # operationId
    tag: str
    summary: str
    description: str
    answer: type[BaseModel]
    example: examples.Example
    takes: tuple[str, ...]  # groups of parameters
    asked: tuple[str, ...]  # by a script: query strings
    streams: bool = False
    method: str = "get"
    body: type[BaseModel] | None = None
    body_example: examples.Example | None = None
    is_kept: bool = True  # a weak ETag of all that it depends on; else the revision


OPERATIONS = (
    Operation(
        "/datasets",
        "list_datasets",
        "datasets",
        "Every dataset",
        f"With its counts, labels and taxonomy. {_SAVED}",
        schemas.DatasetList,
        examples.DATASET_LIST,
        (),
        ("",),
    ),
    Operation(
        "/datasets/{slug}",
        "show_dataset",
        "datasets",
        "One dataset",
        "Also what its entries can be filtered and sorted by, and how it was imported. Not every dataset has every "
        "facet: one without severities cannot be filtered by them.",
        schemas.Dataset,
        examples.DATASET,
        (SLUG,),
        ("",),
    ),
    Operation(
        "/datasets/{slug}/entries",
        "list_entries",
        "entries",
        "A list of entries",
        "The parameters are those of the page `/datasets/{slug}/entries`, and the numbers are the same. Repeat a name "
        'for "any of these"; different names are combined with "and". `total` and every count are exact; a facet\'s '
        "counts ignore its own filter, so that they tell what another value would give. With `Accept: "
        "application/x-ndjson` the answer is every entry of the list, whole, one JSON object a line, in the order of "
        "the list and from one moment; `limit`, `page`, `entry` and `texts` mean nothing to it and are refused.",
        schemas.EntryList,
        examples.ENTRY_LIST,
        (SLUG, BROWSE, PLACES),
        ("safety=both_unsafe&sort=length&limit=20", "q=garden"),
        streams=True,
    ),
    Operation(
        "/entries/{entry_id}",
        "show_entry",
        "entries",
        "One entry",
        "With whole texts and all its labels.",
        schemas.WholeEntry,
        examples.ENTRY,
        (ENTRY_ID,),
        ("",),
    ),
    Operation(
        "/entries/{entry_id}/review",
        "show_review",
        "reviews",
        "Your review of an entry",
        "404 while there is none. Its `ETag` is its revision. While you review blind it is refused.",
        schemas.Review,
        examples.REVIEW,
        (ENTRY_ID,),
        ("",),
        is_kept=False,
    ),
    Operation(
        "/entries/{entry_id}/review",
        "put_review",
        "reviews",
        "Save your review of an entry",
        "As the page does it, with a step that can be undone there. The body is the whole review: what it leaves out "
        "is taken away. Say what it replaces: `If-Match` with the `ETag` that you have seen, or `If-None-Match: *` for "
        "a first review. Sent twice, it is saved once. On labels that were answered blind a verdict is needed each.",
        schemas.Review,
        examples.REVIEW,
        (ENTRY_ID, REPLACES),
        ("",),
        method="put",
        body=schemas.ReviewToPut,
        body_example=examples.REVIEW_TO_PUT,
        is_kept=False,
    ),
    Operation(
        "/datasets/{slug}/statistics",
        "show_statistics",
        "statistics",
        "Counts within a filter",
        "Takes the filters of the list. Unlike there, every count lies within all of the filters. Without a filter "
        "there is also how far reviewers agree with each label, with a 95 % interval (Wilson).",
        schemas.Statistics,
        examples.STATISTICS,
        (SLUG, BROWSE, AXES),
        ("", "safety=both_unsafe&rows=category&columns=severity"),
    ),
    Operation(
        "/sessions/{session_id}/agreement",
        "show_session_agreement",
        "statistics",
        "What a session says about the labels",
        "Every figure of its page: error rates of the population by design, agreement with the stored label, "
        "coefficients between reviewers, confusion, and the decision of the acceptance plan. Who reviews in a session "
        "sees this once it is closed.",
        agreement_schemas.AgreementReport,
        agreement_examples.AGREEMENT,
        (SESSION_ID, INTERVALS),
        ("", "intervals=yes"),
    ),
    Operation(
        "/sessions/{session_id}/agreement/{label_field}",
        "show_session_field_agreement",
        "statistics",
        "What a session says about one label",
        "With a breakdown by stratum, harm category, source and, for leads, reviewer.",
        agreement_schemas.FieldAgreementReport,
        agreement_examples.FIELD_AGREEMENT,
        (SESSION_ID, LABEL_FIELD, INTERVALS),
        ("",),
    ),
    Operation(
        "/datasets/{slug}/agreement",
        "show_dataset_agreement",
        "statistics",
        "What all reviews say about the labels of a dataset",
        "Without reviews of sessions that are not closed. There is no error rate: nothing was drawn.",
        agreement_schemas.AgreementReport,
        agreement_examples.AGREEMENT,
        (SLUG, CONDITIONS, INTERVALS),
        ("", "conditions=blind"),
    ),
    Operation(
        "/datasets/{slug}/agreement/{label_field}",
        "show_dataset_field_agreement",
        "statistics",
        "What all reviews say about one label",
        "With a breakdown by harm category, source and, for leads, reviewer.",
        agreement_schemas.FieldAgreementReport,
        agreement_examples.FIELD_AGREEMENT,
        (SLUG, LABEL_FIELD, CONDITIONS, INTERVALS),
        ("",),
    ),
    Operation(
        "/reviewers/{reviewer_id}/calibration",
        "show_calibration",
        "statistics",
        "What there is to learn from one person's reviews",
        "Every figure of their page: pace, agreement with others and with adjudications, preference for a side, what "
        "became of blind answers after the reveal, consistency on repeats, and weeks. For the reviewer themself and, "
        "without a token, for leads; of sessions that are not closed it tells nothing that others said.",
        calibration_schemas.Calibration,
        calibration_examples.CALIBRATION,
        (REVIEWER_ID, CALIBRATION),
        ("",),
    ),
    Operation(
        "/activity",
        "list_activity",
        "activity",
        "What was done here",
        "For leads: every change, with who, when and by which request, newest first. The parameters are those of the "
        "page `/activity`. Of reviews and comments it says that there was one, so that it tells nobody what others "
        "think of an entry before they have reviewed it themselves.",
        schemas.Activity,
        examples.ACTIVITY,
        (ACTIVITY,),
        ("kind=reviews&kind=discussions&limit=20",),
    ),
)
