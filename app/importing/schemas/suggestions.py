"""What to say about columns of no known schema: the nearest one, what it lacks, and the --map that may help."""

from collections.abc import Iterable, Mapping

from app.importing.schemas.columns import listed, nearest
from app.importing.schemas.known import SCHEMAS, Schema

_OTHER_NAMES = {
    "prompt": ("question", "instruction", "query", "input", "text"),
    "response": ("answer", "output", "completion", "reply", "generation"),
    "is_safe": ("safe", "safety", "is_response_safe", "harmless", "label"),
}
_OTHER_PAIRS = {
    ("response_0", "response_1"): (
        ("response_1", "response_2"),
        ("response_a", "response_b"),
        ("response1", "response2"),
        ("answer_0", "answer_1"),
        ("answer_1", "answer_2"),
        ("answer_a", "answer_b"),
        ("answer1", "answer2"),
        ("output_1", "output_2"),
        ("a", "b"),
    ),
    ("chosen", "rejected"): (
        ("chosen_response", "rejected_response"),
        ("preferred", "dispreferred"),
        ("winner", "loser"),
    ),
}


def explain_unknown(found: Iterable[str], read: Mapping[str, str]) -> str:
    candidates = [schema for schema in SCHEMAS.values() if not schema.is_in(read)]
    guesses = {schema.name: _guess(schema, list(read)) for schema in candidates}

    def fit(schema: Schema) -> tuple[int, float]:
        known = len([name for name in schema.required if name in read or name in guesses[schema.name]])
        return known, known / len(schema.required)

    best = max(candidates, key=fit)
    lacking = [name for name in best.required if name not in read]
    guess = guesses[best.name]
    wanted = {name: guess.get(name, "COLUMN") for name in best.required if name in guess or name in lacking}
    example = ",".join(f"{name}={column}" for name, column in wanted.items())
    return (
        f"these columns are of no known schema: {listed(found)}. "
        f"The nearest is {best.title}, which needs {', '.join(best.required)}; missing here: {', '.join(lacking)}. "
        f"Say which columns they are, for example --map {example}."
        + (" For the prompts alone: --map prompt=prompt." if "prompt" in read else "")
    )


def _guess(schema: Schema, names: list[str]) -> dict[str, str]:
    """Our name -> a column that is probably it."""
    guessed: dict[str, str] = {}
    for ours, others in _OTHER_PAIRS.items():
        if set(ours) <= set(schema.required) and not set(ours) <= set(names):
            theirs = next((pair for pair in others if set(pair) <= set(names)), ())
            guessed |= dict(zip(ours, theirs, strict=False))
    for name in schema.required:
        if name not in names and name not in guessed:
            free = [other for other in names if other not in schema.columns and other not in guessed.values()]
            same = next((other for other in _OTHER_NAMES.get(name, ()) if other in free), None)
            if likely := same or nearest(name, free):
                guessed[name] = likely
    return guessed
