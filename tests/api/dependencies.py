"""What OpenAPI cannot say: parameters that go together, and some that do not. Such requests are rightly refused."""

import schemathesis

_PLACES = ("after", "page", "entry")


@schemathesis.hook
def filter_case(context: schemathesis.HookContext, case: schemathesis.Case) -> bool:
    query = dict(case.query or {})
    least, most = (_number(query.get(name)) for name in ("min_length", "max_length"))
    return (
        bool(query.get("rows")) == bool(query.get("columns"))  # an empty value is none
        and ("seed" not in query or query.get("sort") == "random")
        and sum(name in query for name in _PLACES) < 2
        and (least is None or most is None or least <= most)
    )


def _number(value: object) -> int | None:
    return int(str(value)) if str(value).isdecimal() else None
