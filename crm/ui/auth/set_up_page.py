"""The HTML page of the first administrator, which asks for the workspace's regional settings too."""

from collections.abc import Mapping
from html import escape

from starlette.responses import HTMLResponse

from crm.foundation.language import later, tr
from crm.ui import regional_choices
from crm.ui.auth import auth_pages

REGIONAL = ("currency", "time_zone", "region", "locale")
FIELDS = ("name", "email", "password", *REGIONAL)
LABELS = {
    "name": later("Your name"),
    "email": later("Email"),
    "password": later("Password"),
    "currency": later("Currency of reports"),
    "time_zone": later("Time zone"),
    "region": later("Region"),
    "locale": later("Language"),
}


def show(
    token: str, values: Mapping[str, str], *, problem: str = "", field: str | None = None, status: int = 200
) -> HTMLResponse:
    """The form, filled in with `values`. After a refusal the `field` that it is about has the focus, else the password,
    which is typed anew in any case."""
    form = _Form(values, (field if field in FIELDS else "password") if problem else None)
    rule = tr("At least 15 characters: a few words that do not belong together.")
    day_is, without_code = tr("Decides what a day is."), tr("For phone numbers without a country code.")
    says = tr("Make the first administrator. Everyone else is added under Settings.")
    of_workspace, create = tr("Your workspace"), tr("Create the administrator")
    # Chosen by the browser's clock the first time, and never over what was chosen before.
    zone = "" if problem else "data-of-browser"
    return auth_pages.page(
        tr("Set up Mallard"),
        f"""
        <p class="lead">{says}</p>
        {auth_pages.alert(problem)}
        <form method="post" action="/setup">
          {form.text("name", 'type="text" autocomplete="name"')}
          {form.text("email", 'type="email" autocomplete="username"')}
          {form.text("password", 'type="password" autocomplete="new-password" minlength="15"', rule)}
          <h2>{of_workspace}</h2>
          {form.choice("currency", regional_choices.currencies())}
          {form.choice("time_zone", regional_choices.time_zones(), day_is, zone)}
          {form.choice("region", regional_choices.regions(), without_code)}
          {form.choice("locale", regional_choices.languages())}
          <input type="hidden" name="token" value="{escape(token)}">
          <button>{create}</button>
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

    def text(self, name: str, attributes: str, hint: str = "") -> str:
        # A password is never sent back.
        value = "" if name == "password" else f'value="{escape(self._values.get(name, ""))}"'
        return f"""<label>{tr(LABELS[name])}
            <input name="{name}" {attributes} required {value} {self._marks(name)}>{_hint(hint)}</label>"""

    def choice(self, name: str, choices: Mapping[str, str], hint: str = "", attributes: str = "") -> str:
        now = self._values.get(name)
        options = "".join(
            f'<option value="{escape(value)}"{" selected" if value == now else ""}>{escape(shown)}</option>'
            for value, shown in choices.items()
        )
        # What was refused is no choice: nothing stands chosen then, and the form asks for it.
        choose = tr("Choose one")
        blank = "" if now in choices else f'<option value="" selected disabled>{choose}</option>'
        return f"""<label>{tr(LABELS[name])}
            <select name="{name}" required {attributes} {self._marks(name)}>{blank}{options}</select>
            {_hint(hint)}</label>"""

    def _marks(self, name: str) -> str:
        if name == self._wrong:
            return 'aria-invalid="true" autofocus'
        return "autofocus" if self._wrong is None and name == "name" else ""


def _hint(text: str) -> str:
    return f"<small>{text}</small>" if text else ""
