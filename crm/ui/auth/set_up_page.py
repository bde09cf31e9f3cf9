"""The HTML page of the first administrator, which asks for the workspace's regional settings too."""

from collections.abc import Mapping
from html import escape

from starlette.responses import HTMLResponse

from crm.ui import regional_choices
from crm.ui.auth import auth_pages

REGIONAL = ("currency", "time_zone", "region", "locale")
FIELDS = ("name", "email", "password", *REGIONAL)


def show(
    token: str, values: Mapping[str, str], *, problem: str = "", field: str | None = None, status: int = 200
) -> HTMLResponse:
    """The form, filled in with `values`. After a refusal the `field` that it is about has the focus, else the password,
    which is typed anew in any case."""
    form = _Form(values, (field if field in FIELDS else "password") if problem else None)
    rule = "At least 15 characters: a few words that do not belong together."
    # Chosen by the browser's clock the first time, and never over what was chosen before.
    zone = "" if problem else "data-of-browser"
    return auth_pages.page(
        "Set up Mallard",
        f"""
        <p class="lead">Make the first administrator. Everyone else is added under Settings.</p>
        {auth_pages.alert(problem)}
        <form method="post" action="/setup">
          {form.text("name", "Your name", 'type="text" autocomplete="name"')}
          {form.text("email", "Email", 'type="email" autocomplete="username"')}
          {form.text("password", "Password", 'type="password" autocomplete="new-password" minlength="15"', rule)}
          <h2>Your workspace</h2>
          {form.choice("currency", "Currency of reports", regional_choices.currencies())}
          {form.choice("time_zone", "Time zone", regional_choices.time_zones(), "Decides what a day is.", zone)}
          {form.choice("region", "Region", regional_choices.regions(), "For phone numbers without a country code.")}
          {form.choice("locale", "Language of numbers and dates", regional_choices.languages())}
          <input type="hidden" name="token" value="{escape(token)}">
          <button>Create the administrator</button>
        </form>
        """,
        status,
        script="set_up.js",
    )


class _Form:
    """The fields of the form; `wrong` names the one that was refused."""

    def __init__(self, values: Mapping[str, str], wrong: str | None) -> None:
        self._values = values
        self._wrong = wrong

    def text(self, name: str, label: str, attributes: str, hint: str = "") -> str:
        # A password is never sent back.
        value = "" if name == "password" else f'value="{escape(self._values.get(name, ""))}"'
        return f"""<label>{label}
            <input name="{name}" {attributes} required {value} {self._marks(name)}>{_hint(hint)}</label>"""

    def choice(self, name: str, label: str, choices: Mapping[str, str], hint: str = "", attributes: str = "") -> str:
        now = self._values.get(name)
        options = "".join(
            f'<option value="{escape(value)}"{" selected" if value == now else ""}>{escape(shown)}</option>'
            for value, shown in choices.items()
        )
        # What was refused is no choice: nothing stands chosen then, and the form asks for it.
        blank = "" if now in choices else '<option value="" selected disabled>Choose one</option>'
        return f"""<label>{label}
            <select name="{name}" required {attributes} {self._marks(name)}>{blank}{options}</select>
            {_hint(hint)}</label>"""

    def _marks(self, name: str) -> str:
        if name == self._wrong:
            return 'aria-invalid="true" autofocus'
        return "autofocus" if self._wrong is None and name == "name" else ""


def _hint(text: str) -> str:
    return f"<small>{text}</small>" if text else ""
