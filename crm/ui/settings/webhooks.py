"""Settings › Webhooks: the secrets that other systems sign orders with, and the messages that came in."""

import math
from datetime import datetime

import polars as pl
import streamlit as st

from crm.foundation.access import Module
from crm.foundation.language import later, tr
from crm.foundation.sealing import KEY_FILE
from crm.platform import mail
from crm.ui import session, words
from crm.ui.auth import confirming
from crm.webhooks import inbound
from crm.webhooks.inbound import Delivery, Secret

PAGE = 20
NAMES = {"webhook": later("Webhook"), "commerce": later("Shop"), "payments": later("Payments")}
EXPLANATIONS = {
    "webhook": later("Any other system."),
    "commerce": later("A shop: its orders as they are placed and changed."),
    "payments": later("A payment provider: what was paid, refunded or failed."),
}


def show() -> None:
    with session.reading() as tx:
        actor, now = tx.actor, tx.now
        secrets = inbound.live(tx) if actor.has(Module.ORDERS) else []
    if not actor.has(Module.ORDERS):
        st.info(
            tr("Orders come in by webhook once the module “Orders” is on, under Modules."), icon=":material/webhook:"
        )
        return
    st.caption(
        tr("Other systems send orders here, signed as Standard Webhooks has it, each source with a secret of its own.")
    )
    st.code(mail.address_of("/api/v1/hooks/orders"), language=None)
    for source in inbound.SOURCES:
        _source(source, [secret for secret in secrets if secret.source == source], now)
    st.subheader(tr("Incoming messages"), anchor=False)
    _deliveries(actor.time_zone)


def _source(source: str, secrets: list[Secret], now: datetime) -> None:
    current = next((secret for secret in secrets if secret.ends_at is None), None)
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            with st.container(gap=None, width="stretch"):
                st.markdown(f"**{tr(NAMES[source])}**")
                st.caption(
                    tr(EXPLANATIONS[source]) if not secrets else "; ".join(_describe(secret, now) for secret in secrets)
                )
            pressed = st.button(
                tr("New secret") if current else tr("Create a secret"),
                key=f"make-{source}",
                icon=":material/key:",
                help=tr("The one before works for a day more.") if current else None,
            )
            for secret in secrets:
                st.button(
                    tr("Revoke") if secret.ends_at is None else tr("Revoke the former"),
                    key=f"end-{secret.id}",
                    icon=":material/key_off:",
                    type="tertiary",
                    on_click=session.attempt,
                    args=(inbound.end, secret.id),
                )
        if pressed:
            confirming.run_confirmed(f"webhook-{source}", lambda: _make(source))


def _make(source: str) -> None:
    made = session.attempt(inbound.make, source)
    if made:
        st.success(tr("This is the secret. It is shown once."), icon=":material/key:")
        st.code(made, language=None)


def _describe(secret: Secret, now: datetime) -> str:
    ago, name = words.plain(words.ago(secret.created_at, now)), words.plain(secret.created_by_name)
    if secret.ends_at is None:
        text = tr("Secret made {ago} by {name}", ago=ago, name=name)
    else:
        ends = words.ago(secret.ends_at, now)
        text = tr("the former, made {ago} by {name}, ends {ends}", ago=ago, name=name, ends=ends)
    shut = tr("cannot be opened: put {file} back beside the store, or end it", file=KEY_FILE)
    return text if secret.readable else f"{text} :orange[{shut}]"


def _deliveries(time_zone: str) -> None:
    with session.reading() as tx:
        total = inbound.count(tx)
    if not total:
        st.caption(tr("Nothing yet. What is not signed is refused and not kept."))
        return
    pages = math.ceil(total / PAGE)
    where = st.empty()
    page = st.pagination(pages, key="deliveries-page") if pages > 1 else 1
    with session.reading() as tx:
        found = inbound.recent(tx, limit=PAGE, offset=(page - 1) * PAGE)
    where.dataframe(
        _table(found, time_zone), hide_index=True, height="content", alt=tr("Messages that came in by webhook")
    )


def _table(found: list[Delivery], time_zone: str) -> pl.DataFrame:
    return pl.DataFrame(
        {
            tr("When"): [words.moment(delivery.received_at, time_zone) for delivery in found],
            tr("From"): [tr(NAMES[delivery.source]) for delivery in found],
            tr("Result"): [_result(delivery) for delivery in found],
            tr("Order"): [delivery.order_title for delivery in found],
            tr("Message"): [delivery.message_id for delivery in found],
        },
        schema=dict.fromkeys((tr("When"), tr("From"), tr("Result"), tr("Order"), tr("Message")), pl.String),
    )


def _result(delivery: Delivery) -> str:
    if delivery.reason is None:
        return tr("Made") if delivery.created else tr("Updated")
    if delivery.status < 400:
        return tr("Left as it is: {reason}", reason=tr(delivery.reason))
    return tr("Refused ({status}): {reason}", status=delivery.status, reason=tr(delivery.reason))
