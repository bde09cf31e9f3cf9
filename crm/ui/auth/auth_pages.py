"""The HTML pages of signing in and signing out. They run no script."""

from collections.abc import Iterable
from html import escape

from starlette.responses import HTMLResponse

from crm.platform.people.second_factor import Enrolment

POLICY = (
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


def sign_in(
    *, email: str = "", next_path: str = "/", problem: str = "", sso: bool = False, status: int = 200
) -> HTMLResponse:
    other = f'<a class="button second" href="/sso/start?next={escape(next_path)}">Sign in with your organisation</a>'
    return page(
        "Sign in",
        f"""
        <p class="lead">Welcome back.</p>
        {alert(problem)}
        <form method="post" action="/login">
          <label>Email
            <input name="email" type="email" autocomplete="username" required value="{escape(email)}"
              {"" if email else "autofocus"}></label>
          <label>Password
            <input name="password" type="password" autocomplete="current-password" required
              {"autofocus" if email else ""}></label>
          <input type="hidden" name="next" value="{escape(next_path)}">
          <button>Sign in</button>
        </form>
        {other if sso else ""}
        """,
        status,
    )


def code(ticket: str, *, next_path: str, problem: str = "", status: int = 200) -> HTMLResponse:
    return page(
        "One more step",
        f"""
        <p class="lead">Type the code that your authenticator shows now, or one of your recovery codes.</p>
        {alert(problem)}
        <form method="post" action="/login/code">
          {_code_field()}
          {_hidden(ticket=ticket, next=next_path)}
          <button>Sign in</button>
        </form>
        <a class="button second" href="/login">Begin again</a>
        """,
        status,
    )


def enrol(ticket: str, enrolment: Enrolment, *, next_path: str, problem: str = "", status: int = 200) -> HTMLResponse:
    return page(
        "Set up your second factor",
        f"""
        <p class="lead">Your role needs one. Scan this with an authenticator on your phone, then type the code that it
        shows.</p>
        {alert(problem)}
        <div class="qr" role="img" aria-label="QR code of your second factor">{enrolment.picture}</div>
        <p class="key">Or type this key into it:<code>{escape(grouped(enrolment.key))}</code></p>
        <form method="post" action="/login/second-factor">
          {_code_field()}
          {_hidden(ticket=ticket, next=next_path)}
          <button>Set up and sign in</button>
        </form>
        """,
        status,
    )


def recovery_codes(codes: Iterable[str], next_path: str) -> HTMLResponse:
    shown = "".join(f"<li><code>{escape(code)}</code></li>" for code in codes)
    return page(
        "Keep your recovery codes",
        f"""
        <p class="lead">Each lets you in once, without your phone. They are shown this once: print them, or keep them
        where you keep passwords.</p>
        <ol class="codes">{shown}</ol>
        <a class="button" href="{escape(next_path)}">I have kept them</a>
        """,
    )


def grouped(key: str) -> str:
    """The key in groups of four characters, to be typed."""
    return " ".join(key[start : start + 4] for start in range(0, len(key), 4))


def _code_field() -> str:
    return """<label>Code
            <input name="code" autocomplete="one-time-code" inputmode="text" spellcheck="false" required autofocus
              maxlength="40"></label>"""


def _hidden(**fields: str) -> str:
    return "".join(f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in fields.items())


def sign_out() -> HTMLResponse:
    return page(
        "Sign out",
        """
        <p class="lead">You will need your password to come back.</p>
        <form method="post" action="/logout"><button>Sign out</button></form>
        <a class="button second" href="/">Stay</a>
        """,
    )


def notice(title: str, text: str, status: int) -> HTMLResponse:
    body = f'<p class="lead">{escape(text)}</p><a class="button" href="/login">Sign in</a>'
    return page(title, body, status)


def alert(problem: str) -> str:
    return f'<p class="alert" role="alert">{escape(problem)}</p>' if problem else ""


def page(title: str, body: str, status: int = 200, *, script: str = "") -> HTMLResponse:
    """A page of its own. `script` is the name of one of the product's own scripts that it runs."""
    policy = f"{POLICY}; script-src 'self'" if script else POLICY
    return HTMLResponse(
        f"""<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>{escape(title)} · Mallard</title>
  <link rel="icon" href="/app/static/icon.svg" type="image/svg+xml">
  <link rel="stylesheet" href="/app/static/door.css">
  {f'<script src="/app/static/{script}" defer></script>' if script else ""}
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
