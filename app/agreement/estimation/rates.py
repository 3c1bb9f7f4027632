"""The estimates themselves."""

from collections.abc import Mapping, Sequence

from app.agreement.estimation.observed import Observed, Population, RateEstimate

SIMPLE, STRATIFIED, CLUSTERED = "error-rate-simple", "error-rate-stratified", "error-rate-clustered"
METHODS = (SIMPLE, STRATIFIED, CLUSTERED)  # anchors on /help/statistics


def estimate_error_rate(
    observed: Sequence[Observed], population: Population, confidence: float = 0.95
) -> RateEstimate:
    raise NotImplementedError


def estimate_by_stratum(
    observed: Sequence[Observed], population: Population, confidence: float = 0.95
) -> Mapping[str, RateEstimate]:
    raise NotImplementedError
