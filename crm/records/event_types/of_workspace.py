"""Events of the workspace: people, settings, attributes, pipelines, and the product's own work."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from crm.records.event_types.model import (
    Changed,
    Counts,
    Created,
    EventType,
    FieldChanges,
    Named,
    Nothing,
    Payload,
    of_kind,
)


class UserAdded(Payload):
    email: str
    name: str
    role: str
    active: bool = True


class LinkLabelDeleted(Named):
    into: str | None
    """The label that the links have instead."""
    links: int


class LanguageChosen(Payload):
    language: str | None


class PasswordChanged(Payload):
    tokens_revoked: int


class SignedIn(Payload):
    by: str


class IdentityBound(Payload):
    issuer: str


class RecoveryCodeUsed(Payload):
    left: int


class Token(Payload):
    token_id: int
    token: str


class TokenIssued(Token):
    scopes: list[str]


class ModuleSwitched(Payload):
    module: str
    on: bool


class OfRate(Payload):
    currency: str
    base_currency: str
    """The workspace's, in which the rate counts."""
    day: date


class RateSet(OfRate, Changed):
    pass


class RateDeleted(OfRate):
    rate: Decimal


class RatesImported(Changed):
    """`changes` names the rates that were replaced by currency and day; more than a hundred are counted alone."""

    source: str
    base_currency: str
    new: int
    changed: int
    unchanged: int
    kept: int
    rejected: int
    currencies: list[str]
    first_day: date
    last_day: date


class RatesRebased(Payload):
    former: str
    base_currency: str
    made: int


class OfTarget(Payload):
    """Of everybody where it names nobody; `period` is a month, 2026-03, or a quarter, 2026-Q1."""

    owner_id: int | None
    team_id: int | None
    pipeline_id: int | None
    period: str


class TargetSet(OfTarget, Changed):
    pass


class TargetDeleted(OfTarget):
    amount: Decimal
    currency: str


class BackupMade(Payload):
    folder: str


class BackupsDropped(Payload):
    folders: list[str]


class DemoFilled(Payload):
    seed: int
    contacts: int
    deals: int


class AttributeNamed(Payload):
    model: str
    key: str
    name: str


class AttributeDefined(AttributeNamed):
    type: str


class AttributeConverted(Changed):
    name: str
    converts: int
    fails: int


class NamedChange(Changed):
    name: str


class AttributesReordered(Payload):
    model: str
    order: list[int]


class ValuesAdded(Payload):
    values: list[str]


class Order(Payload):
    order: list[int]


class ValueRenamed(Changed):
    name: str
    records: int


class ValueDeleted(Payload):
    name: str
    value: str
    into: str | None
    records: int


class Stage(Payload):
    stage_id: int
    name: str


class StageRemoved(Stage):
    deals_to: int | None
    moved: int


class StageChanged(Stage, Changed):
    pass


class LabelCreated(Payload):
    name: str
    colour: str


class LabelDeleted(Counts):
    """How many records of each kind it was on."""

    name: str


class LabelMerged(LabelDeleted):
    into: str


class CloseReason(Payload):
    kind: str
    name: str


class ProductCreated(Payload):
    sku: str
    name: str
    changes: FieldChanges


class SavedQueryDeleted(Payload):
    name: str
    kind: str | None = None


class SqlRun(Payload):
    state: str
    views: list[str]
    rows: int
    milliseconds: int


class WebhookSource(Payload):
    source: str


class ScheduleDeleted(Payload):
    dashboard_id: int | None
    """None for the sales overview."""


class ForUser(Payload):
    user_id: int


def types() -> Iterator[EventType]:
    yield from _of_people()
    yield from _of_settings()
    yield from _of_pipelines()
    for kind in ("segment", "saved_view"):
        yield from of_kind(
            kind,
            ("created", "A filter was saved under a name.", Created),
            ("changed", "A saved filter was changed.", Changed),
            ("deleted", "A saved filter was deleted.", SavedQueryDeleted),
        )
    yield from of_kind(
        "sql_query",
        ("created", "A query in SQL was saved under a name.", Created),
        ("changed", "A saved query in SQL was changed.", Changed),
        ("deleted", "A saved query in SQL was deleted.", Named),
    )
    yield from of_kind(
        "scenario",
        ("created", "A scenario of the forecast was saved.", Created),
        ("changed", "A scenario of the forecast was changed.", Changed),
        ("deleted", "A scenario of the forecast was deleted.", Named),
    )
    yield from of_kind(
        "dashboard",
        ("created", "A dashboard was made.", Created),
        ("changed", "A dashboard was changed.", Changed),
        ("deleted", "A dashboard was deleted.", Named),
    )
    yield from of_kind(
        "dashboard_schedule",
        ("created", "A dashboard was to be mailed by a schedule.", Created),
        ("changed", "A schedule by which a dashboard is mailed was changed.", Changed),
        ("deleted", "A schedule by which a dashboard is mailed was deleted.", ScheduleDeleted),
    )
    yield from of_kind("sql_run", ("ended", "A person ran a query in SQL.", SqlRun))
    yield from of_kind("mail", ("posted", "A mail was put in the queue.", ForUser))
    yield from of_kind("notice", ("left", "A person was notified.", ForUser))
    yield from of_kind("upload", ("file.uploaded", "A file was uploaded.", Uploaded))


class Uploaded(Payload):
    file_name: str
    size: int
    sha256: str


def _of_people() -> Iterator[EventType]:
    yield from of_kind(
        "user",
        ("added", "A user was added.", UserAdded),
        ("changed", "A user's name, role or teams were changed.", Changed),
        ("language_chosen", "A user chose the language that they read.", LanguageChosen),
        ("disabled", "A user may not come in any more.", Nothing),
        ("enabled", "A user may come in again.", Nothing),
        ("password_changed", "A user chose another password.", PasswordChanged),
        ("password_set", "A user got a password.", Nothing),
        ("signed_in", "A user signed in.", SignedIn),
        ("signed_out", "A user signed out.", Nothing),
        ("session_ended", "A user ended a session.", Nothing),
        ("browser_forgotten", "A user had a browser forgotten.", Nothing),
        ("identity_bound", "A user was bound to an identity provider.", IdentityBound),
        ("second_factor_set_up", "A user set a second factor up.", Nothing),
        ("second_factor_turned_off", "A user turned the second factor off.", Nothing),
        ("second_factor_reset", "An administrator reset a user's second factor.", Nothing),
        ("recovery_codes_made", "A user made recovery codes.", Nothing),
        ("recovery_code_used", "A user signed in with a recovery code.", RecoveryCodeUsed),
        ("token.issued", "An API token was issued.", TokenIssued),
        ("token.revoked", "An API token was revoked.", Token),
    )
    yield from of_kind(
        "team",
        ("created", "A team was made.", Named),
        ("changed", "A team's name or members were changed.", Changed),
    )


def _of_settings() -> Iterator[EventType]:
    yield from of_kind(
        "workspace",
        ("changed", "Settings of the workspace were changed.", Changed),
        ("module.switched", "A module was switched on or off.", ModuleSwitched),
        ("rate.set", "The rate of a currency was set for a day.", RateSet),
        ("rate.deleted", "The rate of a currency for a day was deleted.", RateDeleted),
        ("rates.imported", "Rates of currencies were taken in from a file, or fetched.", RatesImported),
        ("rates.rebased", "Rates were computed in the workspace's new currency.", RatesRebased),
        ("backup.made", "A backup was made.", BackupMade),
        ("backup.dropped", "Old backups were deleted.", BackupsDropped),
        ("bin.emptied", "What lay in the bin for 30 days was deleted for good.", Counts),
        ("demo.filled", "The store was filled with made-up data.", DemoFilled),
    )
    yield from of_kind(
        "attribute",
        ("defined", "An attribute was defined.", AttributeDefined),
        ("renamed", "An attribute was renamed.", Changed),
        ("patterned", "An attribute got another pattern or hint.", NamedChange),
        ("converted", "An attribute got another type.", AttributeConverted),
        ("deleted", "An attribute was put in the bin.", AttributeNamed),
        ("restored", "An attribute was brought back from the bin.", AttributeNamed),
        ("purged", "A deleted attribute was deleted for good.", AttributeNamed),
        ("attributes.reordered", "Attributes were put in another order.", AttributesReordered),
        ("values_added", "A list got more values.", ValuesAdded),
        ("values_reordered", "The values of a list were put in another order.", Order),
        ("value_renamed", "A value of a list was renamed, in every record.", ValueRenamed),
        ("value_deleted", "A value of a list was deleted.", ValueDeleted),
    )
    yield from of_kind(
        "object_type",
        ("created", "A type of record was made.", Named),
        ("changed", "A type of record was changed.", NamedChange),
        ("field_changed", "What a field of a type of record must be was changed.", NamedChange),
        ("object_types.reordered", "The types of records were put in another order.", Order),
        ("deleted", "A type of record was deleted.", Named),
        ("restored", "A deleted type of record was brought back.", Named),
        ("purged", "A deleted type of record was deleted for good.", Named),
        ("link_label.added", "A label for links to the records of a type was made.", Named),
        ("link_label.renamed", "A label of links was renamed.", NamedChange),
        ("link_label.deleted", "A label of links was deleted.", LinkLabelDeleted),
        ("link_label.reordered", "The labels of links were put in another order.", Order),
    )
    yield from of_kind(
        "label",
        ("created", "A label was made.", LabelCreated),
        ("changed", "A label was renamed or got another colour.", Changed),
        ("merged", "A label was merged into another.", LabelMerged),
        ("deleted", "A label was deleted.", LabelDeleted),
    )
    yield from of_kind(
        "product",
        ("created", "A product was made.", ProductCreated),
        ("changed", "A product or its prices were changed.", Changed),
    )
    yield from of_kind(
        "webhook_secret",
        ("made", "A secret of a sender of webhooks was made.", WebhookSource),
        ("ended", "A secret of a sender of webhooks was ended.", WebhookSource),
    )


def _of_pipelines() -> Iterator[EventType]:
    yield from of_kind(
        "pipeline",
        ("created", "A pipeline was made.", Named),
        ("renamed", "A pipeline was renamed.", Changed),
        ("changed", "Rules of a pipeline were changed.", Changed),
        ("weighted", "The weights of a pipeline's health were changed.", Changed),
        ("deleted", "A pipeline was deleted.", Named),
        ("stage.added", "A stage was added.", Stage),
        ("stage.changed", "A stage was changed.", StageChanged),
        ("stage.removed", "A stage was removed.", StageRemoved),
        ("stages.reordered", "Stages were put in another order.", Order),
    )
    yield from of_kind(
        "target",
        ("set", "A sales target was set.", TargetSet),
        ("deleted", "A sales target was deleted.", TargetDeleted),
    )
    yield from of_kind(
        "close_reason",
        ("added", "A reason to close deals was added.", CloseReason),
        ("retired", "A reason to close deals is offered no longer.", CloseReason),
    )
    yield from of_kind(
        "checklist_template",
        ("created", "A template of checklists was made.", Named),
        ("changed", "A template of checklists was changed.", Changed),
        ("deleted", "A template of checklists was deleted.", Named),
    )
