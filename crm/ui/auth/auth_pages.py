"""The HTML pages of signing in and signing out. They run no script."""

from collections.abc import Iterable
from html import escape

from starlette.responses import HTMLResponse

from crm.foundation.language import current, tr
from crm.platform.people.second_factor import Enrolment

POLICY = (
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


def sign_in(
    *,
    email: str = "",
    next_path: str = "/",
    problem: str = "",
    sso: bool = False,
    status: int = 200,
    fetched_ahead: Iterable[str] = (),
) -> HTMLResponse:
    """`fetched_ahead` as of `page`."""
    by_organisation = tr("Sign in with your organisation")
    other = f'<a class="button second" href="/sso/start?next={escape(next_path)}">{by_organisation}</a>'
    welcome, of_email, of_password, enter = tr("Welcome back."), tr("Email"), tr("Password"), tr("Sign in")
    return page(
        enter,
        f"""
        <p class="lead">{welcome}</p>
        {alert(problem)}
        <form method="post" action="/login">
          <label>{of_email}
            <input name="email" type="email" autocomplete="username" required value="{escape(email)}"
              {"" if email else "autofocus"}></label>
          <label>{of_password}
            <input name="password" type="password" autocomplete="current-password" required
              {"autofocus" if email else ""}></label>
          <input type="hidden" name="next" value="{escape(next_path)}">
          <button>{enter}</button>
        </form>
        {other if sso else ""}
        """,
        status,
        fetched_ahead=fetched_ahead,
    )


def code(ticket: str, *, next_path: str, problem: str = "", status: int = 200) -> HTMLResponse:
    says = tr("Type the code that your authenticator shows now, or one of your recovery codes.")
    enter, again = tr("Sign in"), tr("Begin again")
    return page(
        tr("One more step"),
        f"""
        <p class="lead">{says}</p>
        {alert(problem)}
        <form method="post" action="/login/code">
          {_code_field()}
          {_hidden(ticket=ticket, next=next_path)}
          <button>{enter}</button>
        </form>
        <a class="button second" href="/login">{again}</a>
        """,
        status,
    )


def enrol(ticket: str, enrolment: Enrolment, *, next_path: str, problem: str = "", status: int = 200) -> HTMLResponse:
    says = tr("Your role needs one. Scan this with an authenticator on your phone, then type the code that it shows.")
    picture, typed, enter = (
        tr("QR code of your second factor"),
        tr("Or type this key into it:"),
        tr("Set up and sign in"),
    )
    return page(
        tr("Set up your second factor"),
        f"""
        <p class="lead">{says}</p>
        {alert(problem)}
        <div class="qr" role="img" aria-label="{picture}">{enrolment.picture}</div>
        <p class="key">{typed}<code>{escape(grouped(enrolment.key))}</code></p>
        <form method="post" action="/login/second-factor">
          {_code_field()}
          {_hidden(ticket=ticket, next=next_path)}
          <button>{enter}</button>
        </form>
        """,
        status,
    )


def recovery_codes(codes: Iterable[str], next_path: str) -> HTMLResponse:
    shown = "".join(f"<li><code>{escape(code)}</code></li>" for code in codes)
    says = tr(
        "Each lets you in once, without your phone. They are shown this once: print them, or keep them where you keep "
        "passwords."
    )
    kept = tr("I have kept them")
    return page(
        tr("Keep your recovery codes"),
        f"""
        <p class="lead">{says}</p>
        <ol class="codes">{shown}</ol>
        <a class="button" href="{escape(next_path)}">{kept}</a>
        """,
    )


def grouped(key: str) -> str:
    """The key in groups of four characters, to be typed."""
    return " ".join(key[start : start + 4] for start in range(0, len(key), 4))


def _code_field() -> str:
    name = tr("Code")
    return f"""<label>{name}
            <input name="code" autocomplete="one-time-code" inputmode="text" spellcheck="false" required autofocus
              maxlength="40"></label>"""


def _hidden(**fields: str) -> str:
    return "".join(f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in fields.items())


def sign_out() -> HTMLResponse:
    says, leave, stay = tr("You will need your password to come back."), tr("Sign out"), tr("Stay")
    return page(
        leave,
        f"""
        <p class="lead">{says}</p>
        <form method="post" action="/logout"><button>{leave}</button></form>
        <a class="button second" href="/">{stay}</a>
        """,
    )


def notice(title: str, text: str, status: int) -> HTMLResponse:
    enter = tr("Sign in")
    body = f'<p class="lead">{escape(text)}</p><a class="button" href="/login">{enter}</a>'
    return page(title, body, status)


def alert(problem: str) -> str:
    return f'<p class="alert" role="alert">{escape(problem)}</p>' if problem else ""


def page(
    title: str, body: str, status: int = 200, *, script: str = "", fetched_ahead: Iterable[str] = ()
) -> HTMLResponse:
    """A page of its own. `script` is the name of one of the product's own scripts that it runs; `fetched_ahead` are the
    addresses of files that the next page needs, fetched once this one is drawn."""
    policy = f"{POLICY}; script-src 'self'" if script else POLICY
    return HTMLResponse(
        f"""<!doctype html>
<html lang="{current().replace("_", "-")}">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>{escape(title)} · Mallard</title>
  <link rel="icon" href="/app/static/icon.svg" type="image/svg+xml">
  <link rel="stylesheet" href="/app/static/door.css">
  {f'<script src="/app/static/{script}" defer></script>' if script else ""}
  {"".join(f'<link rel="prefetch" href="{escape(address)}" crossorigin>' for address in fetched_ahead)}
</head>
<body>
  <main>
    <p class="mark"><img src="/app/static/icon.svg" alt=""> Mallard</p>
    <section><h1>{escape(title)}</h1>{body}</section>
  </main>
</body>
</html>""",
        status,
        # They hold tickets and typed addresses, which “back” must not show to whoever comes next.
        headers={"Cache-Control": "no-store", "Content-Security-Policy": policy},
    )
