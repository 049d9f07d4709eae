"""Sign-in through the district's own identity provider: OpenID Connect, authorization code with PKCE, by authlib.

The provider says who somebody is and never what they may do: an account is bound to its subject beforehand, and its
grants stay ours. Nothing is asked of the provider unless one is configured.
"""

import json
import secrets
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from gis.errors import AuthError, ConfigError

COOKIE = "wangge_oidc"
"""Holds what the way back is checked against, for ten minutes, in the browser that set out."""

_TIMEOUT_S = 10
_SCOPE = "openid"


@dataclass(frozen=True)
class Departure:
    """Where the browser is sent, and what its way back is checked against."""

    url: str
    cookie: str


@dataclass(frozen=True)
class Arrival:
    """Who came back: ``issuer#subject``, as ``users.set_oidc`` keeps it, and the page they wanted."""

    subject: str
    wanted: str


class Provider:
    """One identity provider.

    Parameters
    ----------
    issuer
        Its address, below which ``/.well-known/openid-configuration`` lies.
    client, secret
        What it knows us by.

    Raises
    ------
    ConfigError
        The library is not installed.
    """

    def __init__(self, issuer: str, client: str, secret: str) -> None:
        self._issuer = issuer.rstrip("/")
        self._client = client
        self._secret = secret
        self._told: dict[str, Any] = {}
        if find_spec("authlib") is None:
            raise ConfigError(
                zh="缺少统一身份认证组件,请安装 wangge[oidc]。",
                en="The identity provider needs: pip install 'wangge[oidc]'.",
            )

    def depart(self, back: str, wanted: str) -> Departure:
        """Begin a sign-in.

        Parameters
        ----------
        back
            Address of our own to come back to.
        wanted
            Path of the page to show afterwards.

        Raises
        ------
        ConfigError
            The provider cannot be reached or does not describe itself.
        """
        verifier, nonce = secrets.token_urlsafe(48), secrets.token_urlsafe(24)
        with self._session(back) as session:
            url, state = session.create_authorization_url(
                self._description()["authorization_endpoint"], code_verifier=verifier, nonce=nonce
            )
        return Departure(url, json.dumps({"state": state, "verifier": verifier, "nonce": nonce, "wanted": wanted}))

    def arrive(self, cookie: str, back: str, address: str) -> Arrival:
        """End a sign-in.

        Parameters
        ----------
        cookie
            Of the departure.
        address
            The whole address that the provider sent the browser to.

        Raises
        ------
        AuthError
            The answer is not to this departure, or its token is not the provider's, not for us, or over.
        ConfigError
            The provider cannot be reached.
        """
        from authlib.common.errors import AuthlibBaseError  # type: ignore[import-untyped]
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        try:
            left: dict[str, str] = json.loads(cookie)
            with self._session(back, state=left["state"]) as session:
                token = session.fetch_token(
                    self._description()["token_endpoint"],
                    authorization_response=address,
                    code_verifier=left["verifier"],
                    timeout=_TIMEOUT_S,
                )
            told: Any = self._get(self._description()["jwks_uri"])
            keys = KeySet.import_key_set(told)
            claims = jwt.decode(token["id_token"], keys, algorithms=["RS256", "ES256", "PS256"]).claims
            rules = jwt.JWTClaimsRegistry(
                iss={"essential": True, "value": self._description()["issuer"]},
                aud={"essential": True, "value": self._client},
                exp={"essential": True},
                nonce={"essential": True, "value": left["nonce"]},
                sub={"essential": True},
            )
            rules.validate(claims)
        except (AuthlibBaseError, JoseError, KeyError, TypeError, ValueError) as error:
            raise AuthError(
                zh="统一身份认证未通过,请重新登录。",
                en="The identity provider's answer was not accepted; sign in again.",
            ) from error
        return Arrival(f"{self._issuer}#{claims['sub']}", left["wanted"])

    def _session(self, back: str, state: str | None = None) -> Any:
        from authlib.integrations.requests_client import OAuth2Session  # type: ignore[import-untyped]

        return OAuth2Session(
            self._client, self._secret, scope=_SCOPE, redirect_uri=back, state=state, code_challenge_method="S256"
        )

    def _description(self) -> dict[str, Any]:
        if not self._told:
            told = self._get(f"{self._issuer}/.well-known/openid-configuration")
            if told.get("issuer", "").rstrip("/") != self._issuer:
                raise ConfigError(
                    zh=f"{self._issuer} 自报的身份与配置不符。",
                    en=f"{self._issuer} describes itself as another issuer.",
                )
            self._told = told
        return self._told

    def _get(self, url: str) -> dict[str, Any]:
        import requests

        try:
            answer = requests.get(url, timeout=_TIMEOUT_S, allow_redirects=False)
            answer.raise_for_status()
            told: dict[str, Any] = answer.json()
        except (requests.RequestException, ValueError) as error:
            raise ConfigError(
                zh=f"无法访问统一身份认证 {self._issuer},请改用密码登录或联系管理员。",
                en=f"The identity provider {self._issuer} cannot be reached; sign in with a password.",
            ) from error
        return told
