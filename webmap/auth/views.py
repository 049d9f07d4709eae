"""Sign-in, sign-out and one's own account: password, sessions, one-time codes. Every form posts back with a token."""

from datetime import datetime

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from gis.errors import AuthError, ConfigError, InputError, NotFoundError, WanggeError
from webmap.api import asking
from webmap.auth import gate, oidc, onetime
from webmap.auth.permissions import ROLES
from webmap.i18n import COOKIE, LANGS, TAGS, catalog
from webmap.security.csrf import csrf_token
from webmap.store import LOCAL_OPERATOR, Viewer
from webmap.store.sessions import LONGEST

auth = Blueprint("auth", __name__)


@auth.get("/sign-in")
def sign_in_page() -> Response:
    """The form."""
    return _sign_in_form("")


@auth.post("/sign-in")
def sign_in() -> AnyResponse:
    """Open a session, or show the form again with one reason for every mistake."""
    services, now = asking.services(), asking.services().clock()
    name, password, code = (request.form.get(field, "")[:200] for field in ("name", "password", "code"))
    try:
        token = services.store.sessions.sign_in(
            name, password, code.replace(" ", ""), now=now, address=request.remote_addr or ""
        )
    except AuthError as error:
        response = _sign_in_form(error.zh if asking.lang() == "zh" else error.en, name)
        response.status_code = 401
        return response
    return signed_in(redirect(_local(request.form.get("next", ""))), token)


@auth.get("/sign-in/oidc")
def oidc_start() -> AnyResponse:
    """Leave for the identity provider."""
    try:
        departure = _provider().depart(_way_back(), _local(request.args.get("next", "")))
    except ConfigError as error:
        # The provider being away must not keep anybody from signing in with a password.
        away = _sign_in_form(error.zh if asking.lang() == "zh" else error.en)
        away.status_code = 503
        return away
    response = redirect(departure.url)
    response.set_cookie(
        oidc.COOKIE, departure.cookie, max_age=600, httponly=True, samesite="Lax", secure=request.is_secure
    )
    return response


@auth.get("/sign-in/oidc/back")
def oidc_back() -> AnyResponse:
    """Come back from the identity provider, with a session if an account is bound to the person."""
    services = asking.services()
    try:
        arrival = _provider().arrive(request.cookies.get(oidc.COOKIE, ""), _way_back(), request.url)
        token = services.store.sessions.sign_in_as(
            arrival.subject, now=services.clock(), address=request.remote_addr or ""
        )
    except (AuthError, ConfigError) as error:
        refused = _sign_in_form(error.zh if asking.lang() == "zh" else error.en)
        refused.status_code = 401
        return refused
    response = signed_in(redirect(_local(arrival.wanted)), token)
    response.delete_cookie(oidc.COOKIE)
    return response


def _provider() -> oidc.Provider:
    config = asking.services().config
    if not config.oidc_issuer:
        raise NotFoundError(zh="没有配置统一身份认证。", en="No identity provider is configured.")
    return oidc.Provider(config.oidc_issuer, config.oidc_client, config.oidc_secret)


def _way_back() -> str:
    return url_for("auth.oidc_back", _external=True)


def signed_in(response: AnyResponse, token: str) -> AnyResponse:
    """The response with the session's cookie."""
    response.set_cookie(
        gate.COOKIE,
        token,
        max_age=int(LONGEST.total_seconds()),
        httponly=True,
        samesite="Lax",
        secure=request.is_secure,
        path="/",
    )
    return response


@auth.post("/sign-out")
def sign_out() -> AnyResponse:
    """End the session."""
    services = asking.services()
    services.store.sessions.sign_out(gate.token(), now=services.clock())
    response = redirect("/sign-in")
    response.delete_cookie(gate.COOKIE, path="/")
    # Whoever sits down next finds nothing of this reader in the browser.
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@auth.get("/account")
def account() -> Response:
    """The account's own page."""
    return _account_page()


@auth.post("/account/password")
def change_password() -> AnyResponse:
    """Change the password."""
    services = asking.services()
    old, new, again = (request.form.get(field, "")[:200] for field in ("old", "new", "again"))
    if new != again:
        return _account_page("两次输入的新密码不一致。", "The two new passwords differ.")
    try:
        services.store.sessions.change_password(
            gate.token(), old, new, now=services.clock(), address=request.remote_addr or ""
        )
    except (AuthError, InputError) as error:
        return _account_page(error.zh, error.en)
    return redirect("/" if gate.account().must_change else "/account?done=password")


@auth.post("/account/sessions/<session>/end")
def revoke_session(session: str) -> AnyResponse:
    """End another session of one's own."""
    services, mine = asking.services(), gate.account()
    own = {each.id for each in services.store.sessions.list(mine.name, now=services.clock())}
    if session in own:
        services.store.sessions.revoke(session, viewer=_self(), now=services.clock())
    return redirect("/account")


@auth.post("/account/totp")
def start_totp() -> Response:
    """Show a new secret for one-time codes."""
    return _account_page(secret=onetime.new_secret())


@auth.post("/account/totp/confirm")
def confirm_totp() -> AnyResponse:
    """Ask for codes from now on, once the device has shown a right one."""
    services = asking.services()
    secret, code = request.form.get("secret", "")[:64], request.form.get("code", "")[:10].replace(" ", "")
    try:
        services.store.users.set_totp(gate.account().name, secret, code, now=services.clock())
    except WanggeError as error:
        return _account_page(error.zh, error.en, secret=secret)
    return redirect("/account?done=totp")


@auth.get("/audit")
def audit_log() -> Response:
    """The audit log for auditors, latest rows first, and whether its chain holds."""
    services, lang = asking.services(), asking.lang()
    log = services.store.audit
    last = int(log.checkpoint().split(":")[0] or 0)
    since = asking.whole("since", max(last - 200, 0), low=0, high=2**53)
    return make_response(
        render_template(
            "audit.html",
            lang=lang,
            tag=TAGS[lang],
            text=catalog(lang),
            rows=log.since(since, 200)[::-1],
            findings=log.verify(),
            checkpoint=log.checkpoint(),
            earlier=max(since - 200, 0),
            zone=services.zone,
            local=lambda moment: _local_time(moment),
        )
    )


def _self() -> Viewer:
    return Viewer(gate.account().name, "")


def _sign_in_form(problem: str, name: str = "") -> Response:
    services, lang = asking.services(), asking.lang()
    settings = services.settings()
    page = make_response(
        render_template(
            "sign_in.html",
            lang=lang,
            tag=TAGS[lang],
            text=catalog(lang),
            district=settings.get(f"name_{lang}") or settings.get("name_zh", ""),
            problem=problem,
            name=name,
            next=_local(request.values.get("next", "")),
            oidc=bool(services.config.oidc_issuer),
        )
    )
    page.headers["Cache-Control"] = "no-store"
    if request.args.get("lang") in LANGS:
        page.set_cookie(COOKIE, lang, max_age=31_536_000, samesite="Lax", httponly=True)
    return page


def _account_page(zh: str = "", en: str = "", *, secret: str = "") -> Response:
    services, lang, mine = asking.services(), asking.lang(), gate.account()
    tree = services.store.areas.read(LOCAL_OPERATOR)
    names = dict(
        zip(tree["code"], tree[f"name_{lang}"].where(tree[f"name_{lang}"] != "", tree["name_zh"]), strict=True)
    )
    page = make_response(
        render_template(
            "account.html",
            lang=lang,
            tag=TAGS[lang],
            text=catalog(lang),
            account=mine,
            roles=[
                (getattr(ROLES[grant.role], lang), names.get(grant.area, grant.area))
                for grant in mine.grants
                if grant.role in ROLES
            ],
            sessions=services.store.sessions.list(mine.name, now=services.clock()),
            problem=zh if lang == "zh" else en,
            done=request.args.get("done", ""),
            csrf=csrf_token(gate.token()),
            secret=secret,
            device_url=onetime.device_url(secret, mine.name) if secret else "",
            local=_local_time,
            may_audit="read_audit" in mine.actions,
        )
    )
    page.headers["Cache-Control"] = "no-store"
    if zh:
        page.status_code = 400
    return page


def _local_time(moment: datetime) -> str:
    return asking.services().local(moment).strftime("%Y-%m-%d %H:%M:%S")


def _local(path: str) -> str:
    """A path on this server; anything else leads home, so that no link can lead a reader away."""
    inside = path.startswith("/") and not path.startswith(("//", "/\\")) and "\n" not in path and "\r" not in path
    return path if inside and not path.startswith("/sign-") else "/"
