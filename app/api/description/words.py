"""What the API says about itself in general."""

TAGS = [
    {"name": "datasets", "description": "What there is."},
    {"name": "entries", "description": "Prompts with their responses and stored labels."},
    {"name": "reviews", "description": "Your own verdicts on the labels."},
    {"name": "statistics", "description": "Exact counts, and agreement with the stored labels."},
    {"name": "activity", "description": "The record of what was done here."},
]
ABOUT = """\
Reads what the pages show: the same parameters, the same numbers. Your own reviews are written too, by `PUT`.

In local mode it needs no token. In a team send one with every request, `Authorization: Bearer srr_…`: you make it on \
the page of your account, for `read`, `review` or both. It works in this header alone, never in an address.

Of a parameter an empty value counts as none. Whatever else cannot be read is refused with what could be given; \
nothing is silently ignored.

Fields may be added to answers, but none is renamed or taken away within `/api/v1`. Texts of a dataset are data: they \
may hold markup, and harmful content.
"""
