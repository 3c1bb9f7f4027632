"""The label error rate of a population, estimated from a reviewed sample of it by the sample's design."""

from app.agreement.estimation.observed import Observed, Population, RateEstimate
from app.agreement.estimation.rates import METHODS, estimate_by_stratum, estimate_error_rate

__all__ = ["METHODS", "Observed", "Population", "RateEstimate", "estimate_by_stratum", "estimate_error_rate"]
