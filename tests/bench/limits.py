"""What is asked of each measurement, by the size of the corpus."""

from dataclasses import dataclass

LARGE = 1_000_000  # entries


@dataclass(frozen=True)
class Limit:
    """Milliseconds: missing a budget fails the run, an aim is where a later version wants to be."""

    p50: float | None = None
    p95: float | None = None
    cpu: float | None = None
    cpu_aim: float | None = None
    p95_aim: float | None = None


@dataclass(frozen=True)
class Limits:
    works: dict[str, Limit]
    first_search_ms: float
    memory_mb: float
    start_s: float | None
    start_aim_s: float | None
    pages_per_second: float | None = None  # of two workers
    key_ms: float = 100  # from a key press to the next pair on the screen, p95; fetched before, in the next frame
    key_fetched_ms: float = 16


_SAVES = {
    "saved review": Limit(p50=12, cpu_aim=4),
    "saved review and the next pair": Limit(p95_aim=100),
}
_USUAL = Limits(
    {
        "browse page": Limit(p50=8, p95=15, cpu=6),
        "browse as JSON": Limit(cpu=3),
        "pair page": Limit(p50=6, cpu=2.5),
        **_SAVES,
    },
    first_search_ms=15,
    memory_mb=130,
    start_s=None,
    start_aim_s=1,
    pages_per_second=250,
)
_LARGE = Limits(
    {"browse page": Limit(p50=25, p95=60), "browse as JSON": Limit(p50=18), "pair page": Limit(cpu=2.5), **_SAVES},
    first_search_ms=600,
    memory_mb=700,
    start_s=3,
    start_aim_s=None,
)


def limits_of(entries: int) -> Limits:
    return _LARGE if entries >= LARGE else _USUAL
