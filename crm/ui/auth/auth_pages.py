"""The HTML pages of signing in, signing out and the first administrator. They run no script."""

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
    return _page(
        "Sign in",
        f"""
        <p class="lead">Welcome back.</p>
        {_alert(problem)}
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
    return _page(
        "One more step",
        f"""
        <p class="lead">Type the code that your authenticator shows now, or one of your recovery codes.</p>
        {_alert(problem)}
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
    return _page(
        "Set up your second factor",
        f"""
        <p class="lead">Your role needs one. Scan this with an authenticator on your phone, then type the code that it
        shows.</p>
        {_alert(problem)}
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
    return _page(
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
    return _page(
        "Sign out",
        """
        <p class="lead">You will need your password to come back.</p>
        <form method="post" action="/logout"><button>Sign out</button></form>
        <a class="button second" href="/">Stay</a>
        """,
    )


def set_up(token: str, *, name: str = "", email: str = "", problem: str = "", status: int = 200) -> HTMLResponse:
    return _page(
        "Set up Mallard",
        f"""
        <p class="lead">Make the first administrator. Everyone else is added under Settings.</p>
        {_alert(problem)}
        <form method="post" action="/setup">
          <label>Your name
            <input name="name" autocomplete="name" required {"" if problem else "autofocus"}
              value="{escape(name)}"></label>
          <label>Email
            <input name="email" type="email" autocomplete="username" required value="{escape(email)}"></label>
          <label>Password
            <input name="password" type="password" autocomplete="new-password" required minlength="15"
              {"autofocus" if problem else ""}>
            <small>At least 15 characters: a few words that do not belong together.</small></label>
          <input type="hidden" name="token" value="{escape(token)}">
          <button>Create the administrator</button>
        </form>
        """,
        status,
    )


def notice(title: str, text: str, status: int) -> HTMLResponse:
    body = f'<p class="lead">{escape(text)}</p><a class="button" href="/login">Sign in</a>'
    return _page(title, body, status)


def _alert(problem: str) -> str:
    return f'<p class="alert" role="alert">{escape(problem)}</p>' if problem else ""


def _page(title: str, body: str, status: int = 200) -> HTMLResponse:
    return HTMLResponse(
        f"""<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>{escape(title)} · Mallard</title>
  <link rel="icon" href="/app/static/icon.svg" type="image/svg+xml">
  <link rel="stylesheet" href="/app/static/door.css">
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
        headers={"Cache-Control": "no-store", "Content-Security-Policy": POLICY},
    )
