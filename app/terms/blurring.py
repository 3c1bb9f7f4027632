"""Which texts a reviewer does not get to see before they ask for them."""

from app.terms.profile import Profile

EVERY_RESPONSE = 0  # as `blur_from`: safe ones too, since a label may be wrong
LEAST_OF_UNSAFE, MOST = 1, 3


def arrives_blurred(profile: Profile, is_safe: bool | None, severity_level: int | None) -> bool:
    """By the stored labels. What is unknown counts as severe, and what is unsafe as severity 1 at least."""
    if profile.blur_from is None:
        return False
    if profile.blur_from == EVERY_RESPONSE:
        return True
    if is_safe is True:
        return False
    known = is_safe is False and severity_level is not None
    severity = max(severity_level or 0, LEAST_OF_UNSAFE) if known else MOST
    return severity >= profile.blur_from


def is_severe(is_safe: bool | None, severity_level: int | None) -> bool:
    """What counts towards a break, and what a content note comes before, whatever a reviewer chose to see."""
    return arrives_blurred(Profile(), is_safe, severity_level)
