"""Security headers: a strict content security policy with a nonce a page, and no outside origin but the base map's.

It sets headers and never looks at what a page says.
"""

import secrets

from flask import Flask, Response, g

from webmap.config import Config


def nonce() -> str:
    """The nonce of this response, made once a request."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(18)
    return str(g.nonce)


def policy(token: str, tile_origin: str = "") -> str:
    """The content security policy of a page.

    Parameters
    ----------
    token
        The nonce of its scripts and styles.
    tile_origin
        Scheme and host of the district's base map; nothing else outside is allowed.
    """
    images = " ".join(filter(None, ("'self'", "data:", "blob:", tile_origin)))
    rules = {
        "default-src": "'none'",
        "script-src": f"'self' 'nonce-{token}'",
        "style-src": f"'self' 'nonce-{token}'",
        "img-src": images,
        "font-src": "'self'",
        "connect-src": "'self'",
        "worker-src": "'self'",
        "manifest-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def install_headers(app: Flask, config: Config) -> None:
    """Put the headers on every response."""
    origin = config.tiles.origin if config.tiles else ""

    @app.after_request
    def protect(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", policy(nonce(), origin))
        response.headers["X-Content-Type-Options"] = "nosniff"
        # "no-referrer" would make browsers send "Origin: null" with our own forms.
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        response.headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(self)"
        return response
