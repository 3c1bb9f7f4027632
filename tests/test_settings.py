"""A setting that cannot be is named, and said before anything starts."""

import pytest

from app.errors import InvalidInput
from app.settings import load_settings

PREFIX = "SAFERLHF_REVIEW_"
MISTAKES = {
    "PUBLIC_URL": [
        "review.example.org", "ftp://review.example.org", "https://", "https://review.example.org/here",
        "https://review.example.org?x=1", "https://ann@review.example.org", "https://two words", "https://x:99999",
    ],
    "TRUSTED_PROXIES": ["nginx", "10.0.0.1/8", "10.0.0.0/33", "127.0.0.1 10.0.0.1"],
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake_names_the_setting(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for value in MISTAKES[name]:
        monkeypatch.setenv(PREFIX + name, value)
        with pytest.raises(InvalidInput, match=f"^{PREFIX}{name}: "):
            load_settings()


def test_links_lead_to_the_public_address(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().link("/x") == "http://127.0.0.1:8000/x"
    assert not load_settings().is_https
    monkeypatch.setenv(PREFIX + "PUBLIC_URL", "https://Review.example.org/")
    settings = load_settings()
    assert settings.link("/x") == "https://Review.example.org/x"
    assert settings.is_https
    assert "review.example.org" in settings.hosts


def test_proxies_are_addresses_and_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PREFIX + "TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8 ,::1")
    assert load_settings().proxies == ["127.0.0.1", "10.0.0.0/8", "::1"]
    monkeypatch.setenv(PREFIX + "TRUSTED_PROXIES", "*")
    assert load_settings().proxies == ["*"]
