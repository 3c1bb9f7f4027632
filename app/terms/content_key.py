"""What an entry is known by, in every revision of its dataset: a hash of its texts."""

from hashlib import blake2b

# They hash the prompt alone, so that one index finds copies and entries with the same prompt.
PROMPT_KEY_BYTES = 8


def content_key(prompt: str, *responses: str) -> bytes:
    """20 bytes: 8 of the prompt alone, 12 of prompt and responses, each text with its length before it."""
    whole = blake2b(digest_size=12)
    encoded = [text.encode() for text in (prompt, *responses)]
    for text in encoded:
        whole.update(b"%d:" % len(text))
        whole.update(text)
    return blake2b(encoded[0], digest_size=PROMPT_KEY_BYTES).digest() + whole.digest()
