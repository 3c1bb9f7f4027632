"""Maps any set of chosen and rejected answers: prompt apart or as what both begin with, texts or messages.

The stored side order of such a set is the preference itself. So which of the two comes first is a bit of the texts
alone: the same pair always stands the same way round, and a preference that flips is a changed label of the same entry.
"""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

from app.importing.schemas import conversations as c
from app.importing.schemas import values
from app.importing.schemas.labelled import extra_of, refuse_missing, unknown_of
from app.importing.schemas.rows import BadRow, MappedResponse, MappedRow
from app.terms.content_key import content_key


class PreferenceMapper:
    def __init__(self, columns: Mapping[str, str]) -> None:
        self._columns = tuple(dict.fromkeys(columns.values()))
        self._prompt = columns.get("prompt", "prompt")
        self._known = frozenset({*self._columns, self._prompt})
        self._prompt_source = columns.get("prompt_source")
        self._chosen = columns["chosen"]
        self._rejected = columns["rejected"]

    def __call__(self, row: Mapping[Any, Any]) -> MappedRow:
        """Raises BadRow."""
        refuse_missing(row, (self._chosen, self._rejected), self._known)
        given = self._given_prompt(row)
        prompt, chosen, rejected = self._split(row, given)
        if not prompt:
            raise BadRow(f"{self._prompt}: is empty")
        extra = extra_of(row, self._known) or {}
        if given and given != prompt:  # the conversation says more, or something else; nothing is thrown away
            extra[self._prompt] = given
        first, second, better = _in_stable_order(prompt, chosen, rejected)
        return MappedRow(
            prompt=prompt,
            prompt_source=values.optional_text(row.get(self._prompt_source), self._prompt_source),
            better_response_id=better,
            safer_response_id=None,
            responses=(_response(first), _response(second)),
            content_key=content_key(prompt, first, second),
            length=len(prompt) + len(first) + len(second),
            unknown=unknown_of(row, self._columns),
            extra=extra or None,
        )

    def _given_prompt(self, row: Mapping[str, Any]) -> str | None:
        value = row.get(self._prompt)
        return None if value is None else c.plain_transcript(c.prompt_text(value, self._prompt))

    def _split(self, row: Mapping[str, Any], given: str | None) -> tuple[str, str, str]:
        """Prompt, chosen and rejected. A conversation that begins with the user's turn brings its own prompt."""
        chosen, rejected = row[self._chosen], row[self._rejected]
        if isinstance(chosen, list) and isinstance(rejected, list):
            return self._split_messages(
                c.messages_of(chosen, self._chosen), c.messages_of(rejected, self._rejected), given
            )
        if isinstance(chosen, list) or isinstance(rejected, list):
            raise BadRow(f"{self._chosen} and {self._rejected}: must both be texts or both lists of messages")
        return self._split_texts(values.text(chosen, self._chosen), values.text(rejected, self._rejected), given)

    def _split_messages(
        self, chosen: list[c.Message], rejected: list[c.Message], given: str | None
    ) -> tuple[str, str, str]:
        at = c.split_messages(chosen, rejected)
        prompt = c.as_text(chosen[:at]) if at else self._or_missing(given)
        return prompt, c.as_text(chosen[at:]), c.as_text(rejected[at:])

    def _split_texts(self, chosen: str, rejected: str, given: str | None) -> tuple[str, str, str]:
        if at := c.split_transcripts(chosen, rejected):
            return c.plain_transcript(chosen[:at]), chosen[at:].removeprefix(" "), rejected[at:].removeprefix(" ")
        if given is None:
            at = c.split_words(chosen, rejected)
            return self._or_missing(chosen[:at].strip() or None), chosen[at:], rejected[at:]
        if chosen.startswith(given) and rejected.startswith(given):
            return given, chosen[len(given) :], rejected[len(given) :]
        return given, chosen, rejected

    def _or_missing(self, prompt: str | None) -> str:
        if prompt is not None:
            return prompt
        raise BadRow(f"{self._prompt}: is missing, and {self._chosen} and {self._rejected} have no beginning in common")


def _response(text: str) -> MappedResponse:
    return MappedResponse(text, source=None, is_safe=None, severity_level=None, harm_categories=None, sha256=None)


def _in_stable_order(prompt: str, chosen: str, rejected: str) -> tuple[str, str, int]:
    """The two texts as they are to stand, and where the chosen one is."""
    one, other = sorted((chosen, rejected))
    is_turned = blake2b(content_key(prompt, one, other), digest_size=1).digest()[0] & 1
    first, second = (other, one) if is_turned else (one, other)
    return first, second, int(chosen == second)
