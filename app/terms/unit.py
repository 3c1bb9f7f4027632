from enum import StrEnum


class Unit(StrEnum):
    """What an entry is: a prompt with two responses, with one, or alone."""

    PAIR = "pair"
    SINGLE = "single"
    PROMPT = "prompt"

    @property
    def positions(self) -> tuple[int, ...]:
        """Of its responses."""
        return {"pair": (0, 1), "single": (0,), "prompt": ()}[self.value]
