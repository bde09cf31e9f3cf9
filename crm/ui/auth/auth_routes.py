"""The routes of signing in and out: /login, /logout, and /setup for the first administrator."""

import hmac
import secrets
from collections.abc import Sequence
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from crm.foundation import language
from crm.foundation.access import SYSTEM
from crm.foundation.errors import CrmError, Invalid
from crm.foundation.language import tr
from crm.platform import process, regional, workspace
from crm.platform.people import known_browsers, presence, sessions, signing_in, users
from crm.platform.people.second_factor import WrongCode
from crm.platform.people.signing_in import Entry, PendingSignIn, StartAgain
from crm.platform.people.throttle import PLACE, THROTTLE, TooManyTries, place_of
from crm.platform.regional import Regional
from crm.ui.auth import auth_pages, set_up_page
from crm.ui.auth.auth_middleware import LOOPBACK, Site

LARGEST_FORM = 16 * 1024


class AuthRoutes:
    """The routes of one process. The set-up token lives in memory: a restart makes another."""

    def __init__(self, site: Site, *, sso: bool, fetched_ahead: Sequence[str] = ()) -> None:
        """`fetched_ahead`: the addresses of files that the first page after the sign-in needs."""
        self._site = site
        self._sso = sso
        self._fetched_ahead = fetched_ahead
        self._set_up_token: str | None = None

    @property
    def routes(self) -> list[Route]:
        return [
            Route("/login", self.show_sign_in),
            Route("/login", self.sign_in, methods=["POST"]),
            Route("/login/code", self.give_code, methods=["POST"]),
            Route("/login/second-factor", self.give_first_code, methods=["POST"]),
            Route("/logout", self.show_sign_out),
            Route("/logout", self.sign_out, methods=["POST"]),
            Route("/setup", self.show_set_up),
            Route("/setup", self.set_up, methods=["POST"]),
        ]

    def open_set_up(self) -> str:
        """Make the one-time token of the first administrator; the path of their link."""
        self._set_up_token = secrets.token_urlsafe(24)
        return f"/setup?token={self._set_up_token}"

    async def show_sign_in(self, request: Request) -> Response:
        next_path = inside(request.query_params.get("next", "/"))
        if await self._somebody(request):
            return RedirectResponse(next_path, 303)
        return auth_pages.sign_in(next_path=next_path, sso=self._sso, fetched_ahead=self._fetched_ahead)

    async def sign_in(self, request: Request) -> Response:
        form = await _form(request)
        email, next_path = form.get("email", ""), inside(form.get("next", "/"))
        try:
            found = await run_in_threadpool(
                signing_in.by_password,
                process.store(),
                email,
                form.get("password", ""),
                place=_place(request),
                browser=self.browser_of(request),
            )
            return await self.go_on(request, found, next_path)
        except CrmError as refusal:
            answer = auth_pages.sign_in(
                email=email, next_path=next_path, problem=str(refusal), sso=self._sso, status=_status(refusal)
            )
            return _with_retry_after(answer, refusal)

    async def go_on(self, request: Request, found: Entry | PendingSignIn, next_path: str) -> Response:
        """Let in whoever has proved who they are, or ask for the missing half."""
        if isinstance(found, Entry):
            # The session that this browser had before, perhaps planted by somebody else, ends here.
            await self._end_session(request)
            await _note_language(request, found)
            return self.let_in(found, next_path)
        if found.enrol:
            enrolment = await run_in_threadpool(signing_in.enrolment, process.store(), found.ticket)
            return auth_pages.enrol(found.ticket, enrolment, next_path=next_path)
        return auth_pages.code(found.ticket, next_path=next_path)

    async def give_code(self, request: Request) -> Response:
        form = await _form(request)
        ticket, next_path = form.get("ticket", ""), inside(form.get("next", "/"))
        try:
            entry = await run_in_threadpool(signing_in.with_code, process.store(), ticket, form.get("code", ""))
        except StartAgain as refusal:
            return self._begin_again(refusal, next_path)
        except CrmError as refusal:
            answer = auth_pages.code(ticket, next_path=next_path, problem=str(refusal), status=_status(refusal))
            return _with_retry_after(answer, refusal)
        await self._end_session(request)
        await _note_language(request, entry)
        return self.let_in(entry, next_path)

    async def give_first_code(self, request: Request) -> Response:
        form = await _form(request)
        ticket, next_path = form.get("ticket", ""), inside(form.get("next", "/"))
        store = process.store()
        try:
            enrolment = await run_in_threadpool(signing_in.enrolment, store, ticket)
            try:
                # A wrong code shows the same picture again; a ticket that is over starts from the beginning.
                entry = await run_in_threadpool(signing_in.with_first_code, store, ticket, form.get("code", ""))
            except WrongCode as refusal:
                return auth_pages.enrol(ticket, enrolment, next_path=next_path, problem=str(refusal), status=401)
        except CrmError as refusal:
            return self._begin_again(refusal, next_path)
        await self._end_session(request)
        await _note_language(request, entry)
        return self._with_cookies(auth_pages.recovery_codes(entry.recovery_codes, next_path), entry)

    def _begin_again(self, refusal: CrmError, next_path: str) -> Response:
        return auth_pages.sign_in(next_path=next_path, problem=str(refusal), sso=self._sso, status=_status(refusal))

    def browser_of(self, request: Request) -> str | None:
        return request.cookies.get(self._site.browser_cookie)

    async def show_sign_out(self, _: Request) -> Response:
        return auth_pages.sign_out()

    async def sign_out(self, request: Request) -> Response:
        await self._end_session(request)
        # “Back” must not show pages of the session that has ended.
        answer = RedirectResponse("/login", 303, {"Clear-Site-Data": '"cache"'})
        answer.delete_cookie(self._site.cookie, path="/", secure=self._site.secure, httponly=True, samesite="lax")
        return answer

    async def show_set_up(self, request: Request) -> Response:
        token = request.query_params.get("token", "")
        if not self._is_set_up(request, token):
            return await self._no_set_up(request)
        usual = await run_in_threadpool(_regional)
        languages = request.headers.get("accept-language")
        # The link is opened on this machine alone, so that its time zone is the browser's.
        return set_up_page.show(token, regional.guessed(languages, regional.zone_of_machine(), usual).model_dump())

    async def set_up(self, request: Request) -> Response:
        form = await _form(request)
        token, values = form.get("token", ""), {field: form.get(field, "") for field in set_up_page.FIELDS}
        if not self._is_set_up(request, token):
            return await self._no_set_up(request)
        try:
            entry = await run_in_threadpool(signing_in.as_first_administrator, process.store(), **values)
        except CrmError as refusal:
            field = refusal.field if isinstance(refusal, Invalid) else None
            return set_up_page.show(token, values, problem=str(refusal), field=field, status=422)
        # The link is good once.
        self._set_up_token = None
        return self.let_in(entry, "/")

    async def _no_set_up(self, request: Request) -> Response:
        # Whoever has just been made, and reloads the page or goes back to it, is led in.
        return RedirectResponse("/", 303) if await self._somebody(request) else _no_set_up(request)

    def let_in(self, entry: Entry, next_path: str) -> Response:
        return self._with_cookies(RedirectResponse(next_path, 303, {"Cache-Control": "no-store"}), entry)

    def _with_cookies(self, answer: Response, entry: Entry) -> Response:
        for name, value, lifetime in (
            (self._site.cookie, entry.session_id, sessions.LONGEST),
            (self._site.browser_cookie, entry.browser, known_browsers.LIFETIME),
        ):
            answer.set_cookie(
                name,
                value,
                max_age=int(lifetime.total_seconds()),
                path="/",
                secure=self._site.secure,
                httponly=True,
                # Not strict: a link in a mail opens as the person who is signed in.
                samesite="lax",
            )
        return answer

    def _is_set_up(self, request: Request, token: str) -> bool:
        near = request.client is not None and request.client.host in LOOPBACK
        return (
            near
            and self._set_up_token is not None
            # In constant time, so that no answer tells how much of a guess was right; an address may hold lone
            # surrogates.
            and hmac.compare_digest(token.encode(errors="replace"), self._set_up_token.encode())
        )

    async def _somebody(self, request: Request) -> int | None:
        session_id = request.cookies.get(self._site.cookie)
        if not session_id:
            return None
        return await run_in_threadpool(presence.user_of, process.store(), sessions.hashed(session_id))

    async def _end_session(self, request: Request) -> None:
        """End the session that this browser had before, if any."""
        session_id = request.cookies.get(self._site.cookie)
        if session_id:
            await run_in_threadpool(_end, sessions.hashed(session_id))


async def _note_language(request: Request, entry: Entry) -> None:
    """Whoever signs in for the first time reads the language that their browser asks for, until they choose one."""
    wished = language.preferred(request.headers.get("accept-language"))
    if wished:
        await run_in_threadpool(signing_in.note_language, process.store(), entry, wished)


async def _form(request: Request) -> dict[str, str]:
    """The fields of a form; 413 for more than a form of ours can hold, 400 for too many fields."""
    body = b""
    async for piece in request.stream():
        body += piece
        # Anybody may send one: counted while it comes, since the declared length proves nothing.
        if len(body) > LARGEST_FORM:
            raise HTTPException(413)
    try:
        return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=20))
    except ValueError:
        raise HTTPException(400) from None


def inside(path: str) -> str:
    """A path of this product to go on to, "/" for anything that could lead elsewhere."""
    # “//host” and “/\host” lead to another site in a browser, whatever a parser of addresses makes of them.
    safe = path.startswith("/") and not path.startswith(("//", "/\\")) and "\\" not in path and path.isprintable()
    return path if safe else "/"


def _end(id_hash: str) -> None:
    store = process.store()
    user_id = presence.user_of(store, id_hash)
    if user_id is None:
        return
    with store.writing(users.actor(store, user_id)) as tx:
        sessions.end(tx, id_hash)
        tx.record("user.signed_out", "user", user_id)


def _place(request: Request) -> str:
    return request.client.host if request.client else ""


def _status(refusal: CrmError) -> int:
    return 429 if isinstance(refusal, TooManyTries) else 401


def _with_retry_after(answer: Response, refusal: CrmError) -> Response:
    if isinstance(refusal, TooManyTries):
        answer.headers["Retry-After"] = str(refusal.seconds)
    return answer


def _no_set_up(request: Request) -> Response:
    """The page for a set-up link that is not valid: 404, 429 after too many of them."""
    try:
        # The token has 192 random bits. Guesses are counted to say so, and never shut out the right one.
        THROTTLE.failed([(PLACE, f"set-up from {place_of(_place(request))}")])
    except TooManyTries as refusal:
        return _with_retry_after(auth_pages.notice(tr("No set-up here"), str(refusal), 429), refusal)
    return auth_pages.notice(
        tr("No set-up here"),
        tr(
            "This link has been used, or belongs to an earlier start. A new one is printed at each start for as long "
            "as there is no user."
        ),
        404,
    )


def _regional() -> Regional:
    with process.store().reading(SYSTEM) as tx:
        return workspace.get(tx).regional


def has_no_users() -> bool:
    with process.store().reading(SYSTEM) as tx:
        return not users.exist(tx)
