"""Single sign-on by OpenID Connect: the code flow with PKCE, and an ID token that is believed when all of it holds."""

import logging
import time
from collections.abc import Mapping
from typing import Any

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from requests import RequestException

from app.accounts.single_sign_on import CALLBACK, Handshake, wanted_claims
from app.errors import Forbidden, InvalidInput, ProviderFailed
from app.settings import PREFIX, Settings, is_confidential

log = logging.getLogger(__name__)

# With keys that only the provider has: neither `none` nor one with a secret that we know too.
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA"]
_SECONDS = (3, 5)  # to connect, and to answer
_CLOCKS_APART = 60
_KEPT_SECONDS = 3600
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_UNREADABLE = "The provider of single sign-on did not answer as it should. Try again in some minutes."
_UNBELIEVED = "What the provider of single sign-on said does not hold, so nobody was signed in. Begin again."


class Provider:
    def __init__(self, settings: Settings) -> None:
        if not settings.oidc_client_id:
            name = f"{PREFIX}OIDC_CLIENT_ID"
            raise InvalidInput(f"{PREFIX}OIDC_ISSUER needs {name}: our id at that provider.", name)
        self._issuer = settings.oidc_issuer
        self._client_id = settings.oidc_client_id
        self._secret = _secret(settings)
        self._redirect_uri = settings.link(CALLBACK)
        self._wanted = wanted_claims(settings.oidc_role_claim)
        self._found: tuple[float, dict[str, Any], KeySet] | None = None

    def address(self, handshake: Handshake) -> str:
        """Where the browser goes to sign in."""
        with self._session() as session:
            metadata, _ = self._about(session)
            url, _ = session.create_authorization_url(
                metadata["authorization_endpoint"],
                state=handshake.state,
                nonce=handshake.nonce,
                code_verifier=handshake.verifier,
            )
            return str(url)

    def claims(self, code: str, handshake: Handshake) -> Mapping[str, Any]:
        """What the provider says of who came back with the code; `iss` and `sub` are in it."""
        with self._session() as session:
            metadata, keys = self._about(session)
            token = self._exchange(session, metadata, code, handshake)
            id_token = token.get("id_token")
            if not isinstance(id_token, str):
                raise _refused("no ID token")
            try:
                claims = self._believed(session, id_token, keys, metadata, handshake, token.get("access_token"))
            except (JoseError, ValueError) as error:
                raise _refused(f"{type(error).__name__} {getattr(error, 'claim', '')}".strip()) from None
            if metadata.get("userinfo_endpoint") and any(name not in claims for name in self._wanted):
                more = self._read(session, metadata["userinfo_endpoint"], withhold_token=False)
                if more.get("sub") != claims["sub"]:
                    raise _refused("user info of somebody else")
                return {**more, **claims}
            return claims

    def _session(self) -> OAuth2Session:
        method = "client_secret_basic" if self._secret else "none"
        if self._secret and self._found:
            offered = self._found[1].get("token_endpoint_auth_methods_supported", [method])
            if method not in offered and "client_secret_post" in offered:
                method = "client_secret_post"
        return OAuth2Session(
            self._client_id,
            self._secret,
            token_endpoint_auth_method=method,
            scope="openid profile email",
            redirect_uri=self._redirect_uri,
            code_challenge_method="S256",
            default_timeout=_SECONDS,
        )

    def _about(self, session: OAuth2Session) -> tuple[dict[str, Any], KeySet]:
        """The provider's description of itself, and its keys: asked for once an hour."""
        if self._found is None or time.monotonic() - self._found[0] > _KEPT_SECONDS:
            metadata = self._read(session, self._issuer.rstrip("/") + "/.well-known/openid-configuration")
            if str(metadata.get("issuer")).rstrip("/") != self._issuer.rstrip("/"):
                raise _failed("it says it is another issuer")
            if not all(is_confidential(str(metadata.get(name))) for name in _ENDPOINTS):
                raise _failed("it names an address without HTTPS")
            self._found = (time.monotonic(), metadata, self._keys(session, metadata))
        return self._found[1], self._found[2]

    def _keys(self, session: OAuth2Session, metadata: Mapping[str, Any]) -> KeySet:
        try:
            return KeySet.import_key_set(self._read(session, metadata["jwks_uri"]))  # type: ignore[arg-type]
        except (JoseError, KeyError, TypeError, ValueError):
            raise _failed("its keys cannot be read") from None

    def _read(self, session: OAuth2Session, url: str, *, withhold_token: bool = True) -> dict[str, Any]:
        try:
            answer = session.get(url, withhold_token=withhold_token, allow_redirects=False)
            found = answer.json() if answer.status_code == 200 else None
        except (RequestException, AuthlibBaseError, ValueError) as error:
            raise _failed(type(error).__name__) from None
        if not isinstance(found, dict):
            raise _failed(f"status {answer.status_code}, or no JSON object")
        return found

    def _exchange(
        self, session: OAuth2Session, metadata: Mapping[str, Any], code: str, handshake: Handshake
    ) -> Mapping[str, Any]:
        try:
            token: Mapping[str, Any] = session.fetch_token(
                metadata["token_endpoint"],
                grant_type="authorization_code",
                code=code,
                code_verifier=handshake.verifier,
                allow_redirects=False,
            )
        except AuthlibBaseError:  # the code is not, or no longer, good: it was used before
            raise _refused("the code was refused") from None
        except (RequestException, ValueError) as error:
            raise _failed(type(error).__name__) from None
        return token

    def _believed(
        self,
        session: OAuth2Session,
        id_token: str,
        keys: KeySet,
        metadata: dict[str, Any],
        handshake: Handshake,
        access_token: object,
    ) -> dict[str, Any]:
        """Raises JoseError or ValueError for what is forged, stale, or meant for another sign-in or client."""
        try:
            read = jwt.decode(id_token, keys, _ALGORITHMS)
        except InvalidKeyIdError:  # it may have changed its keys since they were read
            self._found = (time.monotonic(), metadata, self._keys(session, metadata))
            read = jwt.decode(id_token, self._found[2], _ALGORITHMS)
        claims = CodeIDToken(
            read.claims,
            read.header,
            {
                "iss": {"essential": True, "value": metadata["issuer"]},
                "aud": {"essential": True, "value": self._client_id},
                "sub": {"essential": True},
            },
            {"nonce": handshake.nonce, "client_id": self._client_id, "access_token": access_token},
        )
        claims.validate(leeway=_CLOCKS_APART)
        return dict(claims)


def _secret(settings: Settings) -> str | None:
    if settings.oidc_client_secret is not None:
        return settings.oidc_client_secret.get_secret_value()
    if settings.oidc_client_secret_file is None:
        return None
    try:
        return settings.oidc_client_secret_file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        name = f"{PREFIX}OIDC_CLIENT_SECRET_FILE"
        raise InvalidInput(f"{name}: this file cannot be read.", name) from None


def _failed(why: str) -> ProviderFailed:
    log.warning("the provider of single sign-on failed: %s", why)
    return ProviderFailed(_UNREADABLE)


def _refused(why: str) -> Forbidden:
    log.warning("a single sign-on was refused: %s", why)
    return Forbidden(_UNBELIEVED)
