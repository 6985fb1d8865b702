"""Security headers on every answer; a fresh nonce per request for the few inline scripts there are."""

import secrets

from flask import Flask, Response, g

POLICY = (
    "default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self'; img-src 'self' data: blob:; "
    "object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)


def csp_nonce() -> str:
    """Nonce of this request."""
    if not hasattr(g, "csp_nonce"):
        g.csp_nonce = secrets.token_urlsafe(16)
    return g.csp_nonce


def add_headers(response: Response) -> Response:
    """Content policy, no sniffing, no framing, no referrer; pages of signed-in people are not cached."""
    response.headers.setdefault("Content-Security-Policy", POLICY.format(nonce=csp_nonce()))
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("Permissions-Policy", "geolocation=(self), camera=(self), microphone=()")
    response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if response.mimetype == "text/html":
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def init_app(app: Flask) -> None:
    """Install the headers; the nonce exists before CSRF runs, so that its refusals render too."""
    app.before_request(lambda: csp_nonce() and None)
    app.after_request(add_headers)
    app.jinja_env.globals["csp_nonce"] = csp_nonce
