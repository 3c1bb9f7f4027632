"""Who a proxy in front of us says it has signed in. From anybody else the header says nothing."""

from fastapi import Request

from app.accounts.actions import LONGEST_NAME
from app.errors import Forbidden
from app.names import readable_name
from app.settings import Settings


def name_from_proxy(request: Request, settings: Settings) -> str | None:
    """None where no trusted proxy names anybody; raises Forbidden where it is not clear whom."""
    header = settings.proxy_user_header
    if not header or not request.state.from_trusted_proxy:
        return None
    given = [value for name, value in request.headers.raw if name == header.lower().encode()]
    if not given:
        return None
    # Two of them, or two in one, are the proxy's and somebody's own. What is no UTF-8 becomes what no name may hold.
    is_one = len(given) == 1 and b"," not in given[0]
    name = readable_name(given[0].decode("utf-8", "surrogateescape"), LONGEST_NAME) if is_one else None
    if name is None:
        raise Forbidden(f"The proxy in front of this service does not say clearly in {header} who you are.")
    return name
