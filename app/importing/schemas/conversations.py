"""Conversations, as lists of {role, content} or as Anthropic's "Human: … Assistant: …" texts, to plain text."""

from typing import Any

from app.importing.schemas import values
from app.importing.schemas.rows import BadRow

Message = tuple[str, str]  # role, content

_HUMAN, _ASSISTANT = "\n\nHuman:", "\n\nAssistant:"
_SPEAKERS = {"user": "Human", "human": "Human", "assistant": "Assistant", "system": "System"}


def prompt_text(value: Any, column: str) -> str:
    """A prompt is a text; other tools wrap it as a list of messages."""
    return as_text(messages_of(value, column)) if isinstance(value, list) else values.text(value, column)


def messages_of(value: list[Any], column: str) -> list[Message]:
    if not value or not all(isinstance(message, dict) and {"role", "content"} <= message.keys() for message in value):
        raise BadRow(f"{column}: is a list, but not of messages with role and content")
    return [_message(message, f"{column}[{number}]") for number, message in enumerate(value)]


def _message(message: dict[str, Any], place: str) -> Message:
    return values.text(message["role"], f"{place}.role"), values.text(message["content"], f"{place}.content")


def as_text(messages: list[Message]) -> str:
    """One message is its text alone; of several it is said who speaks."""
    if len(messages) == 1:
        return messages[0][1]
    return "\n\n".join(f"{_SPEAKERS.get(role.lower(), role)}: {content}" for role, content in messages)


def split_messages(one: list[Message], other: list[Message]) -> int:
    """How many messages both begin with, when that is the prompt: 0 if an assistant speaks first."""
    if one[0][0].lower() == "assistant":
        return 0
    most = min(len(one), len(other)) - 1
    return next((i for i in range(most) if one[i] != other[i]), most)


def split_transcripts(one: str, other: str) -> int:
    """How many characters both begin with, up to where the assistant's last shared turn begins; 0 if there is none."""
    if not (_is_transcript(one) and _is_transcript(other)):
        return 0
    at = one.rfind(_ASSISTANT, 0, _shared_length(one, other))
    return 0 if at < 0 else at + len(_ASSISTANT)


def split_words(one: str, other: str) -> int:
    """How many characters both begin with, whole words only; 0 for transcripts, which share turns or nothing."""
    if _is_transcript(one):
        return 0
    end = _shared_length(one, other)
    return max(one.rfind(space, 0, end) for space in " \n\t") + 1


def plain_transcript(text: str) -> str:
    """A single question without its markers; of a longer transcript, the turns without those at its edges."""
    if not _is_transcript(text):
        return text
    turns = text.rstrip().removesuffix(_ASSISTANT).strip("\n")
    is_single = _HUMAN not in turns and _ASSISTANT not in turns
    return turns.removeprefix("Human:").strip() if is_single else turns


def _is_transcript(text: str) -> bool:
    return text.lstrip("\n").startswith("Human:")


def _shared_length(one: str, other: str) -> int:
    """Of the longest common beginning; halving compares whole pieces, not characters."""
    least, most = 0, min(len(one), len(other))
    while least < most:
        middle = (least + most + 1) // 2
        if one[least:middle] == other[least:middle]:
            least = middle
        else:
            most = middle - 1
    return least
