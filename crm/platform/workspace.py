"""The workspace's settings: name, currency, time zone, region, modules, owner-based privacy."""

from typing import Any
from zoneinfo import available_timezones

import phonenumbers
from pydantic import BaseModel

from crm.foundation import bounds, identity, money
from crm.foundation.access import Module, Permission
from crm.foundation.errors import Invalid
from crm.foundation.language import LANGUAGES, later, tr
from crm.platform import rates
from crm.platform.regional import Regional
from crm.store import Reading, Writing
from crm.store.events import changed
from crm.store.kept import kept


class Workspace(BaseModel, frozen=True):
    name: str
    currency: str
    time_zone: str
    region: str
    locale: str
    owner_privacy: bool
    viewers_see_all: bool
    """Whether viewers see everything under owner-based privacy, and not only their teams' records."""
    segment_limit: int
    """How many segments one person may keep."""
    modules: frozenset[Module]

    @property
    def regional(self) -> Regional:
        return Regional(currency=self.currency, time_zone=self.time_zone, region=self.region, locale=self.locale)


@kept
def get(tx: Reading) -> Workspace:
    row = tx.row(
        """
        SELECT * EXCLUDE (id), (SELECT list(module) FROM base.modules WHERE enabled) AS modules
        FROM base.workspace
        """
    )
    return Workspace(**{**row, "modules": frozenset(row["modules"] or ())})


def change(tx: Writing, /, **changes: Any) -> Workspace:
    """Set some fields of `Workspace`, except its modules. Another currency has the rates computed in it. Raises Invalid
    for a wrong value."""
    tx.require(Permission.MANAGE_SETTINGS)
    before = get(tx)
    after = before.model_copy(update={field: _checked(field, value) for field, value in changes.items()})
    tx.run(
        """
        UPDATE base.workspace SET
            name = $name,
            currency = $currency,
            time_zone = $time_zone,
            region = $region,
            locale = $locale,
            owner_privacy = $owner_privacy,
            viewers_see_all = $viewers_see_all,
            segment_limit = $segment_limit
        """,
        **after.model_dump(exclude={"modules"}),
    )
    tx.record("workspace.changed", "workspace", 1, changes=changed(before.model_dump(), after.model_dump()))
    if after.currency != before.currency:
        rates.rebase(tx, before.currency, after.currency)
    return get(tx)


def switch(tx: Writing, module: Module, on: bool) -> Workspace:
    """Switch a module on or off. Off hides it from pages, API and SQL; its data is kept."""
    tx.require(Permission.MANAGE_SETTINGS)
    tx.run("UPDATE base.modules SET enabled = $on WHERE module = $module", on=on, module=module.value)
    tx.record("module.switched", "workspace", 1, module=module.value, on=on)
    return get(tx)


def _checked(field: str, value: Any) -> Any:
    match field:
        case "currency":
            return money.currency(value)
        case "time_zone" if value not in available_timezones():
            raise Invalid(
                tr("“{value}” is not a time zone. Give one such as America/Sao_Paulo.", value=bounds.shown(value)),
                field,
            )
        case "region" if value not in phonenumbers.SUPPORTED_REGIONS:
            raise Invalid(
                tr("“{value}” is not a country code. Give two letters such as BR.", value=bounds.shown(value)), field
            )
        case "locale" if value not in LANGUAGES:
            raise Invalid(
                tr("“{value}” is not a language of this product: en or pt_BR.", value=bounds.shown(value)), field
            )
        case "name":
            name = identity.text(value, later("name"), limit=80)
            if not name:
                raise Invalid(tr("The workspace needs a name."), field)
            return name
        case "segment_limit" if not isinstance(value, int) or not 0 <= value <= 10_000:
            raise Invalid(tr("A person may have 0 to 10,000 segments."), field)
        case "segment_limit" | "time_zone" | "region" | "locale" | "owner_privacy" | "viewers_see_all":
            return value
    raise Invalid(tr("The workspace has no setting “{field}”.", field=field), field)
