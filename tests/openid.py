"""A real OpenID provider in a thread, which can be made to answer like a bad one."""

import logging
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import authlib.deprecate
import flask
import pytest
import requests
from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server

with warnings.catch_warnings():
    warnings.simplefilter("ignore", authlib.deprecate.AuthlibDeprecationWarning)
    import oidc_provider_mock

CLIENT_ID = "saferlhf-review"
# The provider uses what is on its way out of Authlib.
QUIET = [pytest.mark.filterwarnings(f"ignore:{said}") for said in ("authlib.jose module", "get_jwt_config")]
logging.getLogger("werkzeug").setLevel(logging.ERROR)
Claims = dict[str, Any]


class OpenIdProvider:
    def __init__(self) -> None:
        self.app = oidc_provider_mock.app()
        self.app.after_request(self._change)
        self.server = make_server("localhost", 0, self.app, threaded=True)
        self.issuer = f"http://localhost:{self.server.server_port}"
        self.changes: dict[str, Callable[[Claims], Any]] = {}  # of an answer, by the end of its path

    def add_person(self, sub: str, **claims: object) -> None:
        requests.put(f"{self.issuer}/users/{sub}", json=claims, timeout=5).raise_for_status()

    def sign_in(self, address: str, sub: str | None) -> str:
        """What the form at this address does; where the browser is sent then. Without a person it is denied."""
        form = {"sub": sub} if sub else {"action": "deny"}
        answer = requests.post(address, data=form, allow_redirects=False, timeout=5)
        return answer.headers["location"]

    def forge(self, header: Claims | None = None, key: Any = None, **changed: object) -> None:
        """ID tokens get these claims; signed with the provider's own key unless with another."""

        def change(answer: Claims) -> Claims:
            own = RSAKey.import_key(flask.g.oidc_provider_mock_storage.jwk.as_dict(is_private=True))
            read = jwt.decode(answer["id_token"], own)
            claims = {name: value for name, value in (read.claims | changed).items() if value is not None}
            algorithm = {"alg": "RS256", "kid": own.kid} | (header or {})
            forged = jwt.encode(algorithm, claims, key or own, [algorithm["alg"]])
            return answer | {"id_token": forged}

        self.changes["/token"] = change

    def _change(self, response: flask.Response) -> flask.Response:
        for end, change in self.changes.items():
            if flask.request.path.endswith(end) and response.status_code == 200:
                changed = change(response.get_json())
                if isinstance(changed, flask.Response):
                    return changed
                response.set_data(flask.json.dumps(changed))
        return response


@contextmanager
def running_provider() -> Iterator[OpenIdProvider]:
    provider = OpenIdProvider()
    thread = threading.Thread(target=provider.server.serve_forever, args=(0.05,))
    thread.start()
    yield provider
    provider.server.shutdown()
    thread.join()
    provider.server.server_close()
