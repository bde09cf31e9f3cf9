"""The small pages before the product: signing in, signing out, the first administrator. No script runs on them."""

from html import escape

from starlette.responses import HTMLResponse

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
          <label>Your name <input name="name" autocomplete="name" required autofocus value="{escape(name)}"></label>
          <label>Email
            <input name="email" type="email" autocomplete="username" required value="{escape(email)}"></label>
          <label>Password
            <input name="password" type="password" autocomplete="new-password" required minlength="15">
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
        headers={"Cache-Control": "no-store", "Content-Security-Policy": POLICY},
    )
