"""The declaration of the record type order."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal, TypedDict, get_args

from crm import contacts
from crm.foundation.access import Module, Permission
from crm.foundation.errors import Invalid
from crm.foundation.language import later, tr
from crm.orders.at_once import at_once
from crm.orders.statuses import STATUS_NAMES, STATUS_PROPOSALS
from crm.orders.warnings import warnings_of
from crm.records import listing
from crm.records.declaration import BelongsTo, Hooks, Record, RecordType, Trait
from crm.records.fields import (
    Choice,
    Currency,
    Day,
    Email,
    LabelNames,
    LongText,
    Moment,
    Money,
    NameOf,
    Phone,
    Reference,
    Sort,
    Text,
    Unique,
)
from crm.records.filter_context import FilterContext
from crm.records.filters import Clause, Field, FieldType
from crm.records.listing import words
from crm.store import Reading, Row, Writing

Status = Literal["pending", "paid", "partially_paid", "overdue", "refunded", "cancelled", "failed"]
Source = Literal["manual", "webhook", "api", "payments", "commerce"]

STATUSES: tuple[str, ...] = get_args(Status)
SOURCES: tuple[str, ...] = get_args(Source)

SOURCE_NAMES = {
    "manual": later("By hand"),
    "webhook": later("Webhook"),
    "api": later("API"),
    "payments": later("Payments"),
    "commerce": later("Commerce"),
}


NO_CONTACT = later("An order needs a contact: who bought?")


def external_key(fields: Mapping[str, Any]) -> str | None:
    """The key by which an order of another system is recognised; None for an order without an external id."""
    # The source is part of the key: two shops number their orders alike.
    return f"{fields['source']}:{fields['external_id']}" if fields["external_id"] else None


class Order(Record, frozen=True):
    title_fields: ClassVar[tuple[str, ...]] = ("title",)

    title: Annotated[
        str,
        Text(
            label=later("Title"),
            required=later("An order needs a title."),
            limit=300,
            searched=True,
            sort=Sort(),
            headers=("title", "product", "item", "items", "description", "lineitem name", "titulo", "produto",
                     "descricao", "itens"),
            example="Reading lamp",
        ),
    ]  # fmt: skip
    contact_id: Annotated[
        int | None,
        Reference(
            label=later("Contact"),
            to="contact",
            filtered=False,
            headers=("contact", "customer", "customer name", "contact name", "buyer", "client", "billing name",
                     "cliente", "nome do cliente", "contato", "comprador"),
            example="Lia Prado",
        ),
    ]  # fmt: skip
    """None only where its contact was deleted for good."""
    contact_name: Annotated[str | None, NameOf("contact_id")]
    """None also where the actor may not see the contact."""
    deal_id: Annotated[
        int | None,
        Reference(
            label=later("Deal"),
            to="deal",
            module=Module.CRM,
            filtered=False,
            headers=("deal", "deal identifier", "deal id", "negocio", "codigo do negocio"),
        ),
    ]
    """None also where the actor may not see the deal; an edit then keeps the link."""
    deal_title: Annotated[str | None, NameOf("deal_id")]
    value: Annotated[
        Decimal,
        Money(
            label=later("Value"),
            required=later("An order needs a value; 0 where nothing is to be paid."),
            sort=Sort(),
            headers=("value", "amount", "total", "order total", "grand total", "price", "valor", "valor total",
                     "preco", "total do pedido"),
            example="249.90",
        ),
    ]  # fmt: skip
    currency: Annotated[
        str,
        Currency(
            label=later("Currency"),
            required=later("An order needs a currency."),
            headers=("currency", "currency code", "moeda"),
            example="BRL",
        ),
    ]
    status: Annotated[
        Status,
        Choice(
            label=later("Status"),
            required=later("An order needs a status."),
            values=STATUS_NAMES,
            default="pending",
            words={
                "pending": ("open", "unpaid", "awaiting payment", "on hold", "processing", "pendente", "aberto",
                            "em aberto", "aguardando pagamento", "em processamento"),
                "paid": ("completed", "complete", "paga", "pago", "quitado", "concluido", "concluida", "aprovado"),
                "partially_paid": ("partial", "partly paid", "parcial", "parcialmente pago", "pago parcialmente"),
                "overdue": ("late", "past due", "vencido", "vencida", "atrasado", "em atraso"),
                "refunded": ("refund", "reembolsado", "reembolsada", "estornado", "devolvido"),
                "cancelled": ("canceled", "void", "voided", "cancelado", "cancelada", "anulado"),
                "failed": ("declined", "rejected", "falhou", "falha", "recusado", "recusada", "nao aprovado"),
            },
            near=STATUS_PROPOSALS,
            sort=Sort("{record}.status"),
            wrong=later(
                "“{value}” is not a status of an order: "
                "pending, paid, partially paid, overdue, refunded, cancelled, failed."
            ),
            headers=("status", "order status", "financial status", "payment status", "situacao", "status do pedido",
                     "status do pagamento"),
            example="paid",
        ),
    ]  # fmt: skip
    source: Annotated[
        Source,
        Choice(
            label=later("Source"),
            required=later("An order needs a source."),
            values=SOURCE_NAMES,
            default="manual",
            words={
                "manual": ("a mao", "manualmente"),
                "payments": ("payment", "pagamentos", "pagamento"),
                "commerce": ("shop", "store", "e commerce", "ecommerce", "loja", "loja virtual", "comercio"),
            },
            wrong=later("“{value}” is not a source of orders: manual, webhook, api, payments, commerce."),
            headers=("source", "channel", "origem", "fonte", "canal"),
            example="commerce",
        ),
    ]
    external_id: Annotated[
        str | None,
        Text(
            label=later("External id"),
            unique=Unique(
                "external_key",
                external_key,
                later("Another order of the source “{source}” has the external id “{external_id}”."),
                ("source", "external_id"),
            ),
            described="What the source calls the order; unique in that source.",
            searched=True,
            headers=("external id", "id", "order", "order id", "order number", "number", "order no", "name", "pedido",
                     "numero do pedido", "codigo do pedido", "numero", "codigo"),
            example="1042",
        ),
    ]  # fmt: skip
    """The order's id in its source; unique among the orders of that source."""
    ordered_on: Annotated[
        date,
        Day(
            label=later("Order date"),
            required=later("An order needs the day it was placed."),
            described="The day it was placed.",
            default=lambda tx: tx.today,
            sort=Sort(),
            headers=("order date", "ordered on", "date", "created at", "placed on", "purchase date", "ordered at",
                     "placed at",
                     "order created at", "order purchase timestamp", "purchase timestamp", "data",
                     "data do pedido", "data da compra", "criado em"),
            example="2026-11-03",
        ),
    ]  # fmt: skip
    paid_on: Annotated[
        date | None,
        Day(
            label=later("Paid on"),
            header="Paid date",
            sort=Sort(),
            headers=("paid on", "paid at", "payment date", "date paid", "data do pagamento", "pago em"),
            example="2026-11-04",
        ),
    ]
    note: Annotated[
        str | None,
        LongText(
            label=later("Note"),
            limit=2_000,
            headers=("note", "notes", "comment", "comments", "observacao", "observacoes", "nota"),
        ),
    ]
    created_at: Annotated[datetime, Moment(label=later("Recorded"), sort=Sort())]
    updated_at: Annotated[datetime, Moment(label=later("Last changed"), sort=Sort())]
    labels: Annotated[tuple[str, ...], LabelNames()] = ()
    warnings: tuple[str, ...] = ()
    """Contradictions of its status and dates, a sentence each."""


# IS NOT NULL apart: IN is NULL for an order without a contact, and NOT of NULL would lose it.
_CONTACT = """(
    purchase.contact_id IS NOT NULL
    AND purchase.contact_id IN (SELECT contact.id FROM contacts AS contact WHERE {condition})
)"""


class Buyer(TypedDict, total=False):
    """The buyer as another system knows them: matched by identifier, then email, then phone, else created."""

    identifier: str | None
    email: str | None
    phone: str | None
    name: str | None


def buyer(tx: Writing, contact: Buyer | None) -> int:
    """The id of the buyer's contact, which is created where there is none yet."""
    if not contact or not any(contact.get(key) for key in ("identifier", "email", "phone")):
        raise Invalid(tr(NO_CONTACT), "contact_id")
    return contacts.find_or_create(tx, **contact)


def _before_write(
    tx: Writing, before: Order | None, fields: dict[str, Any], apart: Mapping[str, Any]
) -> Mapping[str, Any]:
    if before is None and fields["contact_id"] is None:
        fields["contact_id"] = buyer(tx, apart.get("contact"))
    return {}


def _refuse(tx: Reading, before: Order | None, fields: Mapping[str, Any]) -> None:
    """Require a contact, except when editing an order whose contact was deleted for good."""
    if fields["contact_id"] is None and (before is None or before.contact_id is not None):
        raise Invalid(tr(NO_CONTACT), "contact_id")


def _follow_up(tx: Writing, before: Order | None, after: Order) -> None:
    # Only the view can say whether the actor sees the new order; refusing now takes it back.
    if before is None and not tx.actor.sees_everything and not _is_visible(tx, after.id):
        raise Invalid(tr("You would not see this order: give it to a contact or deal that you see."), "contact_id")
    if before is None or before.status != after.status:
        tx.run(
            """
            INSERT INTO base.order_statuses (order_id, from_status, to_status, happened_at, by_id)
            VALUES ($order_id, $from_status, $to_status, $now, $by)
            """,
            order_id=after.id,
            from_status=before.status if before else None,
            to_status=after.status,
            now=tx.now,
            by=tx.actor.id,
        )


def _is_visible(tx: Reading, order_id: int) -> bool:
    return bool(tx.rows("SELECT id FROM orders WHERE id = $id", id=order_id))


def _change_event(before: Order, after: Order) -> str:
    return "order.changed" if after.status == before.status else "order.status_changed"


def _of_contact(context: FilterContext) -> Iterable[Field]:
    found = [
        Field("contact_id", tr("Contact"), FieldType.REFERENCE, "purchase.contact_id", to="contact"),
        Field("contact_name", tr("Contact’s name"), FieldType.TEXT, "contact.name", _CONTACT),
    ]
    if context.tx.actor.has(Module.CRM):
        found.append(Field("deal_id", tr("Deal"), FieldType.REFERENCE, "purchase.deal_id", to="deal"))
    return found


def _searched(query: str) -> Clause:
    """The search condition: every word occurs in the order's search text or its contact's."""
    return words(
        query,
        """
        contains(purchase.search, {word})
        OR purchase.contact_id IN (SELECT id FROM contacts WHERE contains(search, {word}))
        """,
    )


def complete(tx: Reading, rows: list[Row]) -> None:
    """Set `warnings` in rows of orders, and clear the `deal_id` of deals that the actor may not
    see."""
    found = warnings_of(tx, rows)
    for row in rows:
        row["warnings"] = tuple(found[row["id"]])
    unnamed = {row["deal_id"] for row in rows if row["deal_id"] is not None and row["deal_title"] is None}
    hidden = unnamed - _in_bin(tx, unnamed)
    for row in rows:
        if row["deal_id"] in hidden:
            row["deal_id"] = None


def _in_bin(tx: Reading, deal_ids: set[int]) -> set[int]:
    """Those of the deals that are in the bin and visible there: they have no title here, but can be restored."""
    if not deal_ids:
        return set()
    found = tx.rows("SELECT id FROM deal_bin WHERE id IN (SELECT unnest($ids::BIGINT[]))", ids=list(deal_ids))
    return {row["id"] for row in found}


ORDER: RecordType[Order] = RecordType(
    key=later("order"),
    plural=later("orders"),
    record=Order,
    icon=":material/receipt_long:",
    alias="purchase",  # `order` is a word of SQL
    permission=Permission.MANAGE_CRM,
    module=Module.ORDERS,
    traits=frozenset({Trait.BIN, Trait.BULK, Trait.IMPORT, Trait.EXPORT, Trait.SEGMENTS, Trait.LABELS}),
    links=(BelongsTo("contact_id"), BelongsTo("deal_id")),
    hooks=Hooks(before_write=_before_write, refuse=_refuse, after=_follow_up),
    hidden=frozenset({"deal_id"}),
    extra_arguments={"contact": Buyer | None},
    about_new="Who bought is `contact_id` or `contact`. Left out, the status is pending, the source api, the currency "
    "the workspace's and the order date today.",
    logged=("contact_name",),
    change_event=_change_event,
    sorts={"id": listing.Sort("purchase.id", "BIGINT")},
    default_sort="-ordered_on",
    related_filters=_of_contact,
    searched=_searched,
    complete=complete,
    bulk_operations=at_once,
    described_by=("contact_name", "external_id", "ordered_on"),
    columns=("external_id", "source", "title", "contact_id", "deal_id"),
    import_columns={
        "contact_identifier": Text(
            label=later("Customer id"),
            limit=200,
            headers=("customer id", "contact id", "contact identifier", "customer identifier", "codigo do cliente",
                     "id do cliente"),
        ),
        "contact_email": Email(
            label=later("Email"),
            headers=("email", "e mail", "customer email", "contact email", "billing email", "email do cliente",
                     "e mail do cliente"),
            example="lia@example.com",
        ),
        "contact_phone": Phone(
            label=later("Phone"),
            headers=("phone", "customer phone", "contact phone", "billing phone", "telefone", "telefone do cliente",
                     "celular"),
        ),
    },
    import_order=("external_id", "title", "value", "currency", "status", "source", "ordered_on", "paid_on", "contact",
                  "contact_identifier", "contact_email", "contact_phone", "deal", "note"),
)  # fmt: skip
