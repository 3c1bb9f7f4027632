"""What the API says about itself in general."""

TAGS = [
    {"name": "datasets", "description": "What there is."},
    {"name": "entries", "description": "Prompts with their responses and stored labels."},
    {"name": "statistics", "description": "Exact counts, and agreement with the stored labels."},
]
ABOUT = """\
Reads what the pages show: the same parameters, the same numbers. It answers `GET` only and needs no key on the \
machine that it runs on.

Of a parameter an empty value counts as none. Whatever else cannot be read is refused with what could be given; \
nothing is silently ignored.

Fields may be added to answers, but none is renamed or taken away within `/api/v1`. Texts of a dataset are data: they \
may hold markup, and harmful content.
"""
