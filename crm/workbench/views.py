"""The views that queries read: which there are for a person, their columns, and what each means.

A view holds what the app shows the person: it is read from the store's own visible views, with columns named one by one
here or in the declaration of a record type. What is not named does not exist in a query: no passwords, sessions,
tokens, settings or contents of files.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from crm.foundation.access import Actor, Module
from crm.foundation.language import tr
from crm.records import registry
from crm.records.attributes import definitions
from crm.records.attributes import types as attribute_types
from crm.records.declaration import RecordType, Trait
from crm.records.field_kinds import KINDS
from crm.records.fields import Field, FieldKind
from crm.store import Reading

ATTRIBUTE = "attribute_"
"""What the column of an attribute is called after: no field's name begins so, so neither ever takes the other's."""

OWN_COLUMNS = {
    "deal": {
        "probability": ("DECIMAL(5, 2)", "Percent: its own, else that of its stage"),
        "has_lines": ("BOOLEAN", "Whether its value is the sum of its lines"),
    }
}
"""{key of a record type: columns of its visible view that are no declared fields}."""


@dataclass(frozen=True)
class Column:
    name: str
    type: str
    description: str
    sql: str
    """Over the alias `record`, or `attribute`."""


@dataclass(frozen=True)
class View:
    name: str
    description: str
    source: str
    """What follows FROM: the rows as `record`."""
    columns: tuple[Column, ...]
    attributes: str = ""
    """The view of the attributes of its records."""
    of_segments: bool = False

    def query(self, columns: Sequence[Column]) -> str:
        listed = ", ".join(f'{column.sql} AS "{column.name}"' for column in columns)
        needed = any(column.sql.startswith("attribute.") for column in columns)
        join = f" LEFT JOIN {self.attributes} AS attribute ON attribute.id = record.id" if needed else ""
        return f"SELECT {listed} FROM {self.source}{join}"

    def chosen(self, names: frozenset[str] | None) -> list[Column]:
        """The columns of these names, in lower case; all where None. At least one, so that rows can be counted."""
        if names is None:
            return list(self.columns)
        return [column for column in self.columns if column.name in names] or [self.columns[0]]


def views(tx: Reading) -> dict[str, View]:
    """{name: view} of what the actor may query. A view of a module that is off is not there."""
    found = [*_of_types(tx), *_others(tx.actor)]
    return {view.name: view for view in found}


def name_of(of: RecordType[Any]) -> str:
    """The view of a record type: contacts, object_course."""
    return f"object_{of.slug}" if of.custom else of.plural


def _of_types(tx: Reading) -> Iterator[View]:
    on = [of for of in registry.types().values() if of.is_on(tx.actor)]
    for of in on:
        attributes = f"{of.key}_attributes" if of.has(Trait.ATTRIBUTES) else ""
        description = f"{of.called.plural.capitalize()}, one row each."
        yield View(name_of(of), description, f"{of.plural} AS record", tuple(_columns(tx, of)), attributes)
        if of.has(Trait.LABELS):
            yield _labels(of)
    if any(of.custom for of in on):
        yield _links([of for of in on if of.custom])


def _columns(tx: Reading, of: RecordType[Any]) -> Iterator[Column]:
    yield Column("id", "BIGINT", "Key", "record.id")
    for key, field in of.fields.items():
        if field.module is None or tx.actor.has(field.module):
            sql = of.sql(key, "record")
            if field.kind is FieldKind.PERCENT:  # of which one is stored as a decimal
                sql = f"{sql}::{KINDS[field.kind].column}"
            if key in of.hidden:
                target = registry.get(of.references[key].to)  # type: ignore[arg-type]
                sql = f"CASE WHEN {sql} IN (SELECT id FROM {target.plural}) THEN {sql} END"
            yield Column(key, KINDS[field.kind].column, _described(field), sql)
    for name, (kind, about) in OWN_COLUMNS.get(of.key, {}).items():
        yield Column(name, kind, about, f"record.{name}")
    if of.has(Trait.ATTRIBUTES):
        for one in definitions(tx, of.key):
            yield Column(
                f"{ATTRIBUTE}{one.key}", attribute_types.column(one.type), one.name, f'attribute."{one.column}"'
            )


def _described(field: Field) -> str:
    label = tr(field.label)
    return f"{label}. {field.described}" if field.described else label


def _labels(of: RecordType[Any]) -> View:
    return View(
        f"{name_of(of) if of.custom else of.key}_labels",
        f"Labels on {of.called.plural}, one row a record and label.",
        f"{of.key}_labels AS record",
        (
            Column("record_id", "BIGINT", f"Key in {name_of(of)}", f"record.{of.key}_id"),
            Column("label", "VARCHAR", "The label's name", "record.name"),
        ),
    )


def _links(types: Sequence[RecordType[Any]]) -> View:
    slugs = " ".join(f"WHEN '{of.key}' THEN '{of.slug}'" for of in types)
    kind = f"CASE record.object_kind {slugs} END"
    return View(
        "links",
        "Links of custom records to contacts and deals, one row each.",
        "links AS record LEFT JOIN link_labels AS label ON label.id = record.link_label_id",
        (
            Column("id", "BIGINT", "Key", "record.id"),
            Column("object_type", "VARCHAR", "The custom type, as in object_<type>", kind),
            Column("object_id", "BIGINT", "Key of the custom record", "record.object_id"),
            Column("record_kind", "VARCHAR", "contact or deal", "record.subject_kind"),
            Column("record_id", "BIGINT", "Key of the contact or deal", "record.subject_id"),
            Column("label", "VARCHAR", "The link's label", "label.name"),
            Column("linked_on", "DATE", "Since when", "record.linked_on"),
        ),
    )


def _others(actor: Actor) -> Iterator[View]:
    for name, about, module, columns in OTHERS:
        if module is None or actor.has(module):
            found = tuple(
                Column(column, kind, described, f"record.{SOURCES.get((name, column), column)}")
                for column, kind, described in columns
            )
            yield View(name, about, f"{_shown(name, actor)} AS record", found, of_segments=name == SEGMENT_MEMBERS)


def _shown(name: str, actor: Actor) -> str:
    """What a view is read from: nothing of a record in the bin, which the store keeps for those who see everything."""
    if name == "notes":
        kinds = [of for of in registry.having(Trait.NOTES) if of.is_on(actor)]
        shown = " OR ".join(
            f"(subject_kind = '{of.key}' AND subject_id IN (SELECT id FROM {of.plural}))" for of in kinds
        )
        return f"(SELECT * FROM notes WHERE {shown})"
    if name in PARENTS:
        column, parent = PARENTS[name]
        return f"(SELECT * FROM {name} WHERE {column} IN (SELECT id FROM {parent}))"
    return name


SEGMENT_MEMBERS = "segment_members"

PARENTS = {
    "stage_events": ("deal_id", "deals"),
    "deal_versions": ("deal_id", "deals"),
    "deal_lines": ("deal_id", "deals"),
    "quotes": ("deal_id", "deals"),
    "checklists": ("deal_id", "deals"),
    "checklist_items": ("deal_id", "deals"),
    "order_statuses": ("order_id", "orders"),
}
"""{view: the column that names a record, and the view of that}."""

SOURCES = {("notes", "record_kind"): "subject_kind", ("notes", "record_id"): "subject_id"}
"""{(view, column): the store's column}, where it has another name."""

KEY = ("id", "BIGINT", "Key")
POSITION = ("position", "INTEGER", "Place in the order")
DEAL = ("deal_id", "BIGINT", "Key in deals")
BY = ("by_id", "BIGINT", "Who did it; 0 for the product")
OWNER = ("owner_id", "BIGINT", "Whose it was, a key in users")
TEAM = ("team_id", "BIGINT", "Whose team it was, a key in teams")

OTHERS: tuple[tuple[str, str, Module | None, tuple[tuple[str, str, str], ...]], ...] = (
    (
        "users",
        "The people who work here, one row each.",
        None,
        (
            KEY,
            ("name", "VARCHAR", "Name"),
            ("email", "VARCHAR", "Email"),
            ("role", "VARCHAR", "administrator, manager, rep, analyst or viewer"),
            ("active", "BOOLEAN", "Whether they may sign in"),
        ),
    ),
    ("teams", "Teams, one row each.", None, (KEY, ("name", "VARCHAR", "Name"))),
    (
        "team_members",
        "Who is in which team, one row a team and person.",
        None,
        (("team_id", "BIGINT", "Key in teams"), ("user_id", "BIGINT", "Key in users")),
    ),
    (
        "pipelines",
        "Pipelines, one row each.",
        Module.CRM,
        (KEY, ("name", "VARCHAR", "Name"), POSITION),
    ),
    (
        "stages",
        "Stages of pipelines as they are now, one row each.",
        Module.CRM,
        (
            KEY,
            ("pipeline_id", "BIGINT", "Key in pipelines"),
            ("name", "VARCHAR", "Name"),
            POSITION,
            ("probability", "DECIMAL(5, 2)", "Percent"),
            ("kind", "VARCHAR", "open, won or lost"),
            ("limit_days", "INTEGER", "Days after which a deal in it counts as standing still"),
        ),
    ),
    (
        "stage_versions",
        "What stages were called and worth, one row a change.",
        Module.CRM,
        (
            KEY,
            ("stage_id", "BIGINT", "Key in stages"),
            ("pipeline_id", "BIGINT", "Key in pipelines"),
            ("name", "VARCHAR", "Name from then on"),
            POSITION,
            ("probability", "DECIMAL(5, 2)", "Percent from then on"),
            ("kind", "VARCHAR", "open, won or lost"),
            ("removed", "BOOLEAN", "Whether the stage was removed"),
            ("happened_at", "TIMESTAMPTZ", "When"),
            BY,
        ),
    ),
    (
        "close_reasons",
        "Why deals are won or lost, one row a reason.",
        Module.CRM,
        (
            KEY,
            ("kind", "VARCHAR", "won or lost"),
            ("name", "VARCHAR", "Name"),
            ("active", "BOOLEAN", "Whether it is still offered"),
        ),
    ),
    (
        "stage_events",
        "The movements of deals, one row an arrival in a stage.",
        Module.CRM,
        (
            KEY,
            DEAL,
            ("pipeline_id", "BIGINT", "Key in pipelines"),
            ("from_stage_id", "BIGINT", "The stage before; empty where the deal was made"),
            ("to_stage_id", "BIGINT", "The stage from then on"),
            ("kind", "VARCHAR", "create, move, won, lost, reopen, pipeline or import"),
            ("happened_at", "TIMESTAMPTZ", "When it happened, as reports count it"),
            ("known_at", "TIMESTAMPTZ", "When it was recorded"),
            BY,
            ("closed_on", "DATE", "Of a closing: its day"),
            ("value", "DECIMAL(18, 4)", "Of a closing: the deal's value then"),
            ("currency", "VARCHAR", "Of a closing: the currency of the value"),
            OWNER,
            TEAM,
            ("close_reason_id", "BIGINT", "Of a closing: key in close_reasons"),
        ),
    ),
    (
        "deal_versions",
        "What deals were worth and whose they were, one row a change.",
        Module.CRM,
        (
            KEY,
            DEAL,
            ("value", "DECIMAL(18, 4)", "Value from then on"),
            ("currency", "VARCHAR", "Currency of the value"),
            ("expected_close", "DATE", "Expected closing day from then on"),
            OWNER,
            TEAM,
            ("has_contact", "BOOLEAN", "Whether it had a contact"),
            ("happened_at", "TIMESTAMPTZ", "When it happened"),
            ("known_at", "TIMESTAMPTZ", "When it was recorded"),
            BY,
        ),
    ),
    (
        "deal_lines",
        "The items of deals, one row each.",
        Module.CRM,
        (
            KEY,
            DEAL,
            POSITION,
            ("product_id", "BIGINT", "Key in products"),
            ("sku", "VARCHAR", "SKU as it was when the line was made"),
            ("name", "VARCHAR", "Name as it was when the line was made"),
            ("quantity", "DECIMAL(18, 4)", "Quantity"),
            ("unit_price", "DECIMAL(18, 4)", "Price of one, in the deal's currency"),
            ("discount_kind", "VARCHAR", "fixed or percent"),
            ("discount", "DECIMAL(18, 4)", "Discount"),
            ("total", "DECIMAL(18, 4)", "Quantity times price less discount"),
        ),
    ),
    (
        "quotes",
        "Quotes as they were handed out, one row each.",
        Module.CRM,
        (
            KEY,
            DEAL,
            ("number", "BIGINT", "Its number, counted over the workspace"),
            ("title", "VARCHAR", "The deal's title then"),
            ("currency", "VARCHAR", "Currency of the total"),
            ("total", "DECIMAL(18, 4)", "Sum of its lines"),
            ("lines", "VARCHAR", "What it offered, as JSON"),
            ("note", "VARCHAR", "Text below the lines"),
            ("issued_on", "DATE", "Its day"),
            ("valid_until", "DATE", "The last day on which it holds"),
            ("issued_by", "BIGINT", "Who handed it out, a key in users"),
            ("issued_at", "TIMESTAMPTZ", "When"),
        ),
    ),
    (
        "checklists",
        "Checklists of deals, one row each.",
        Module.CRM,
        (
            KEY,
            DEAL,
            ("name", "VARCHAR", "Name"),
            POSITION,
            ("created_by", "BIGINT", "Who made it; 0 for the product"),
            ("created_at", "TIMESTAMPTZ", "When it was made"),
        ),
    ),
    (
        "checklist_items",
        "Steps of checklists, one row each.",
        Module.CRM,
        (
            KEY,
            ("checklist_id", "BIGINT", "Key in checklists"),
            DEAL,
            ("text", "VARCHAR", "What is to be done"),
            POSITION,
            ("due_on", "DATE", "Until when"),
            ("assignee_id", "BIGINT", "Who is to do it, a key in users"),
            ("done_at", "TIMESTAMPTZ", "When it was done; empty where it is not"),
            ("done_by", "BIGINT", "Who did it, a key in users"),
            ("created_at", "TIMESTAMPTZ", "When it was written"),
        ),
    ),
    (
        "currency_rates",
        "What one unit of a currency is worth in the workspace's, one row a currency and day.",
        None,
        (
            ("currency", "VARCHAR", "ISO 4217"),
            ("day", "DATE", "From this day on, until the currency's next, for 31 days at most"),
            ("rate", "DECIMAL(20, 12)", "One unit in the workspace's currency"),
            ("base_currency", "VARCHAR", "The workspace's currency"),
            ("source", "VARCHAR", "hand, file, fetch or rebased"),
        ),
    ),
    (
        "product_prices",
        "Prices of products, one row a product and currency.",
        Module.CATALOG,
        (
            ("product_id", "BIGINT", "Key in products"),
            ("currency", "VARCHAR", "ISO 4217"),
            ("price", "DECIMAL(18, 4)", "Price of one"),
        ),
    ),
    (
        "order_statuses",
        "What orders went through, one row an arrival in a status.",
        Module.ORDERS,
        (
            KEY,
            ("order_id", "BIGINT", "Key in orders"),
            ("from_status", "VARCHAR", "The status before; empty where the order was made"),
            ("to_status", "VARCHAR", "The status from then on"),
            ("happened_at", "TIMESTAMPTZ", "When"),
            BY,
        ),
    ),
    (
        "notes",
        "Notes on records, one row each.",
        None,
        (
            KEY,
            ("record_kind", "VARCHAR", "contact, company, deal, order or object_<number>"),
            ("record_id", "BIGINT", "Key of the record"),
            ("text", "VARCHAR", "Text"),
            ("pinned", "BOOLEAN", "Whether it stands first"),
            ("author_id", "BIGINT", "Who wrote it; 0 for the product"),
            ("created_at", "TIMESTAMPTZ", "Written"),
            ("updated_at", "TIMESTAMPTZ", "Last changed"),
        ),
    ),
    (
        SEGMENT_MEMBERS,
        "What is in the segments that you see, one row a segment and record.",
        None,
        (
            ("segment_id", "BIGINT", "The segment's key"),
            ("segment", "VARCHAR", "The segment's name"),
            ("record_kind", "VARCHAR", "contact, company, deal, order or object_<number>"),
            ("record_id", "BIGINT", "Key of the record"),
        ),
    ),
)
"""Views that are of no record type: (name, description, module, columns)."""
