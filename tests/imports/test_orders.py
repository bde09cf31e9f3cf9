"""Orders from files: found again by source and external id, and bought by contacts that are there or are made."""

from datetime import date
from decimal import Decimal

import pytest
from typer.testing import CliRunner

from crm import contacts, deals, imports, orders
from crm.cli import app
from crm.foundation.access import SYSTEM, Module, Permission
from crm.foundation.errors import Forbidden, Invalid, ModuleOff
from crm.imports.fields import known_by
from crm.imports.planning.cleaning import choice
from crm.orders.declaration import ORDER
from crm.platform import files, workspace
from crm.platform.people import users
from crm.records.listing import ListQuery
from crm.store import Store
from crm.verify import verify
from tests.imports.conftest import counts, finished, reasons, rows
from tests.owner_privacy import owner_privacy
from tests.pages import open_page

HEADER = "external id,title,value,currency,status,order date,email\n"
LAMP = "1042,Lamp,249.90,BRL,paid,2026-11-03,lia@example.com\n"


@pytest.fixture(autouse=True)
def module_on(store, team):
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.ORDERS, True)


@pytest.fixture
def lia(store, team):
    with store.writing(team.marta) as tx:
        return contacts.create(tx, name="Lia", email="lia@example.com", phone="+5511987654321", identifier="C-1")


def every(store):
    with store.reading(SYSTEM) as tx:
        return [orders.get(tx, row["id"]) for row in tx.rows("SELECT id FROM orders ORDER BY id")]


def test_an_order_is_brought_in_with_its_buyer_amount_and_days(store, team, bring, lia):
    done = bring(team.marta, "orders", HEADER + LAMP)
    assert counts(done) == (1, 0, 0, 0, 0)
    [order] = every(store)
    assert (order.title, order.value, order.currency) == ("Lamp", Decimal("249.9"), "BRL")
    assert (order.status, order.ordered_on, order.contact_id) == ("paid", date(2026, 11, 3), lia.id)
    assert (order.source, order.external_id) == ("manual", "1042")
    assert rows(store, SYSTEM, "SELECT from_status, to_status, by_id FROM base.order_statuses") == [
        (None, "paid", team.ids.marta)
    ]


def test_the_words_of_portuguese_shops_are_understood(store, team, bring, lia):
    done = bring(
        team.marta,
        "orders",
        "número do pedido;valor total;situação;data do pedido;e-mail do cliente;origem\n"
        "77;1.234,50;Parcialmente pago;03/11/2026;lia@example.com;Loja\n"
        "78;10,00;Cancelado;25/12/2026;lia@example.com;Loja\n",
    )
    assert counts(done) == (2, 0, 0, 0, 0)
    first, second = every(store)
    assert (first.title, first.value, first.status) == ("Order 77", Decimal("1234.5"), "partially_paid")
    assert (first.ordered_on, first.source, first.currency) == (date(2026, 11, 3), "commerce", "BRL")
    assert second.status == "cancelled"


@pytest.mark.parametrize(
    ("said", "means"),
    [("Paid", "paid"), ("PAGO", "paid"), ("partially_paid", "partially_paid"), ("em atraso", "overdue"),
     ("Estornado", "refunded"), ("canceled", "cancelled"), ("Recusado", "failed"), ("aguardando pagamento", "pending")],
)  # fmt: skip
def test_a_status_is_known_in_english_and_portuguese(said, means):
    assert choice(ORDER.fields["status"], said) == means


def test_every_status_and_source_is_known_by_its_own_name():
    assert [choice(ORDER.fields["status"], one) for one in orders.STATUSES] == list(orders.STATUSES)
    assert [choice(ORDER.fields["source"], one) for one in orders.SOURCES] == list(orders.SOURCES)


def test_a_status_that_there_is_none_of_is_refused(store, team, bring, lia):
    done = bring(team.marta, "orders", HEADER + LAMP.replace("paid", "gone"))
    assert reasons(store, team.marta, done)[0][1].startswith("“gone” is not a status of an order")


@pytest.mark.parametrize(
    ("header", "field"),
    [("Order ID", "external_id"), ("Pedido", "external_id"), ("Total", "value"), ("Situação", "status"),
     ("Data da compra", "ordered_on"), ("Pago em", "paid_on"), ("Cliente", "contact"),
     ("Customer email", "contact_email"),
     ("Código do cliente", "contact_identifier"), ("Negócio", "deal"), ("Observações", "note"), ("Moeda", "currency")],
)  # fmt: skip
def test_headers_are_known_in_english_and_portuguese(header, field):
    assert known_by(ORDER, header).key == field


# Again


def test_the_same_file_again_changes_nothing(store, team, bring, lia):
    bring(team.marta, "orders", HEADER + LAMP)
    assert counts(bring(team.marta, "orders", HEADER + LAMP, on_duplicate="overwrite")) == (0, 0, 1, 0, 0)
    assert len(every(store)) == 1


def test_an_order_of_the_file_brings_the_one_that_is_there_up_to_date(store, team, bring, lia):
    bring(team.marta, "orders", HEADER + LAMP.replace("paid", "pending"))
    done = bring(team.ada, "orders", HEADER + LAMP.replace("249.90", "200"), on_duplicate="overwrite")
    assert counts(done) == (0, 1, 0, 0, 0)
    [order] = every(store)
    assert (order.value, order.status, order.version) == (Decimal(200), "paid", 2)
    assert rows(store, SYSTEM, "SELECT from_status, to_status, by_id FROM base.order_statuses ORDER BY id") == [
        (None, "pending", team.ids.marta),
        ("pending", "paid", team.ids.ada),
    ]


def test_the_same_number_from_another_source_is_another_order(store, team, bring, lia):
    bring(team.marta, "orders", HEADER + LAMP)
    done = bring(team.marta, "orders", HEADER + LAMP, constants={"source": "commerce"})
    assert counts(done) == (1, 0, 0, 0, 0)
    assert sorted(order.source for order in every(store)) == ["commerce", "manual"]


def test_what_a_webhook_brought_is_found_by_a_file_of_the_same_source(store, team, bring, lia):
    with store.writing(team.marta) as tx:
        orders.upsert(tx, source="commerce", external_id="1042", title="Lamp", value=1, status=None, contact_id=lia.id)
    done = bring(team.marta, "orders", HEADER + LAMP, constants={"source": "loja"}, on_duplicate="overwrite")
    assert counts(done) == (0, 1, 0, 0, 0)


def test_an_amount_is_never_relabelled_in_another_currency(store, team, bring, lia):
    bring(team.marta, "orders", HEADER + LAMP)
    bring(team.marta, "orders", "external id,currency\n1042,USD\n", on_duplicate="overwrite")
    assert [(order.value, order.currency) for order in every(store)] == [(Decimal("249.9"), "BRL")]


def test_two_rows_of_one_order_are_one_order_and_a_refusal(store, team, bring, lia):
    done = bring(team.marta, "orders", HEADER + LAMP + LAMP)
    assert counts(done) == (1, 0, 0, 0, 1)
    assert "already on line 2" in reasons(store, team.marta, done)[0][1]


def test_rows_without_a_number_are_orders_each(store, team, bring, lia):
    done = bring(team.marta, "orders", "title,value,email\nLamp,10,lia@example.com\nLamp,10,lia@example.com\n")
    assert counts(done) == (2, 0, 0, 0, 0)


# Who bought


@pytest.mark.parametrize("cell", ["C-1", "LIA@example.com", "(11) 98765-4321", "lia"])
def test_the_buyer_is_found_by_whatever_the_cell_holds(store, team, bring, lia, cell):
    done = bring(team.marta, "orders", f"title,value,customer\nLamp,10,{cell}\n")
    assert counts(done) == (1, 0, 0, 0, 0), reasons(store, team.marta, done)
    assert every(store)[0].contact_id == lia.id


@pytest.mark.parametrize("column", ["customer id,C-1", "email,lia@example.com", "phone,11 98765 4321"])
def test_the_buyer_is_found_by_a_column_of_its_own(store, team, bring, lia, column):
    header, cell = column.split(",")
    done = bring(team.marta, "orders", f"title,value,{header}\nLamp,10,{cell}\n")
    assert counts(done) == (1, 0, 0, 0, 0), reasons(store, team.marta, done)
    assert every(store)[0].contact_id == lia.id


def test_an_unknown_buyer_refuses_the_row_unless_it_is_to_be_made(store, team, bring):
    refused = bring(team.marta, "orders", HEADER + LAMP)
    assert counts(refused) == (0, 0, 0, 0, 1)
    assert reasons(store, team.marta, refused) == [
        (2, "No contact has the name, identifier, email or phone “lia@example.com”.")
    ]
    done = bring(team.marta, "orders", HEADER + LAMP, make_contacts=True)
    assert counts(done) == (1, 0, 0, 0, 0)
    assert done.found["made"] == {"contacts": 1}
    with store.reading(team.marta) as tx:
        made = contacts.get(tx, every(store)[0].contact_id)
    assert (made.email, made.name) == ("lia@example.com", None)


def test_buyers_who_share_a_key_are_made_once(store, team, bring):
    done = bring(
        team.marta,
        "orders",
        "external id,value,customer,email,phone,customer id\n"
        "1,10,Lia Prado,lia@example.com,,\n"
        "2,10,Lia,LIA@example.com,11 98765-4321,\n"
        "3,10,,,11 98765-4321,C-1\n"
        "4,10,Bia,bia@example.com,,\n"
        "5,10,,,,C-9\n",
        make_contacts=True,
    )
    assert counts(done) == (5, 0, 0, 0, 0), reasons(store, team.marta, done)
    made = rows(store, SYSTEM, "SELECT name, email, phone, identifier FROM base.contacts ORDER BY id")
    assert made == [
        ("Lia Prado", "lia@example.com", None, None),
        (None, None, "+5511987654321", "C-1"),
        ("Bia", "bia@example.com", None, None),
        ("C-9", None, None, "C-9"),
    ]
    assert verify(store) == []


def test_a_name_alone_makes_nobody(store, team, bring):
    done = bring(team.marta, "orders", "title,value,customer\nLamp,10,Lia Prado\n", make_contacts=True)
    assert counts(done) == (0, 0, 0, 0, 1)
    assert rows(store, SYSTEM, "SELECT count(*) FROM base.contacts") == [(0,)]


def test_a_deal_is_found_by_its_identifier(store, team, bring, lia, pipeline):
    with store.writing(team.marta) as tx:
        deal = deals.create(tx, title="Parts", identifier="D-1", pipeline_id=pipeline.id)
    done = bring(
        team.marta, "orders", "external id,value,email,deal\n1,10,lia@example.com,D-1\n2,10,lia@example.com,D-2\n"
    )
    assert counts(done) == (1, 0, 0, 0, 1)
    assert every(store)[0].deal_id == deal.id
    assert reasons(store, team.marta, done) == [(3, "No deal has the identifier “D-2”.")]


def test_a_file_of_somebody_who_may_not_see_the_deal_leaves_the_link_as_it_is(store, team, bring, pipeline, importer):
    with store.writing(team.marta) as tx:
        hers = contacts.create(tx, name="Bia", email="bia@example.com", owner_id=team.ids.ana)
        deal = deals.create(tx, title="Parts", pipeline_id=pipeline.id, owner_id=team.ids.bob)
        orders.create(tx, title="Desk", value=1, contact_id=hers.id, deal_id=deal.id, external_id="1")
    ana = importer()
    with store.reading(ana) as tx:
        [row] = orders.find(tx, ListQuery()).items
    assert row["deal_id"] is None
    text = "external id,source,title,deal\n1,manual,Large desk,\n"
    assert counts(bring(ana, "orders", text, on_duplicate="overwrite")) == (0, 1, 0, 0, 0)
    with store.reading(team.marta) as tx:
        [row] = orders.find(tx, ListQuery()).items
    assert (row["title"], row["deal_id"]) == ("Large desk", deal.id)


def test_a_new_order_needs_a_buyer_and_a_value(store, team, bring, lia):
    done = bring(team.marta, "orders", "title,value,email\nLamp,,lia@example.com\nLamp,10,\n,10,lia@example.com\n")
    assert counts(done) == (0, 0, 0, 0, 3)
    assert {reason for _, reason in reasons(store, team.marta, done)} == {
        "A new order needs a contact, a value, and a title or an external id."
    }


# Dry run and undoing


def test_a_dry_run_writes_nothing_and_tells_what_would_be(store, team, begin, lia):
    text = HEADER + LAMP + "7,Desk,10,BRL,pending,2026-11-04,bia@example.com\n"
    planned = finished(store, team.marta, begin(team.marta, "orders", text, dry_run=True, make_contacts=True).id)
    assert (planned.state, planned.created, planned.found["made"]) == ("planned", 2, {"contacts": 1})
    with store.reading(team.marta) as tx:
        found = imports.outcomes(tx, planned.id, "created")
    assert [fate.fields["contact"] for fate in found.items] == ["Lia", "(to be made)"]
    assert every(store) == []
    assert rows(store, SYSTEM, "SELECT count(*) FROM base.contacts") == [(1,)]


def test_an_import_is_undone_with_its_orders_statuses_and_the_contacts_it_made(store, team, bring, lia):
    bring(team.marta, "orders", HEADER + LAMP.replace("paid", "pending"))
    done = bring(
        team.marta,
        "orders",
        HEADER + LAMP + "7,Desk,10,BRL,pending,2026-11-04,bia@example.com\n",
        on_duplicate="overwrite",
        make_contacts=True,
    )
    assert counts(done) == (1, 1, 0, 0, 0)
    with store.reading(team.marta) as tx:
        would = imports.undo_preview(tx, done.id)
    assert (would.deleted, would.restored, would.contacts, would.left) == (1, 1, 1, 0)
    with store.writing(team.marta) as tx:
        imports.undo(tx, done.id)
    undone = finished(store, team.marta, done.id)
    assert undone.undone == {"deleted": 1, "restored": 1, "companies": 0, "contacts": 1, "labels": 0, "left": 0}
    [order] = every(store)
    assert (order.status, order.external_id, order.contact_id) == ("pending", "1042", lia.id)
    assert rows(store, SYSTEM, "SELECT to_status FROM base.order_statuses") == [("pending",)]
    assert rows(store, SYSTEM, "SELECT id FROM base.contacts") == [(lia.id,)]
    assert verify(store) == []


def test_what_was_touched_since_stays_with_its_buyer(store, team, bring):
    done = bring(team.marta, "orders", HEADER + LAMP, make_contacts=True)
    with store.writing(team.ada) as tx:
        orders.set_status(tx, every(store)[0].id, "refunded")
        imports.undo(tx, done.id)
    undone = finished(store, team.ada, done.id)
    assert undone.undone == {"deleted": 0, "restored": 0, "companies": 0, "contacts": 0, "labels": 0, "left": 1}
    assert len(every(store)) == 1


def test_an_order_that_stays_keeps_its_last_step(store, team, bring, lia):
    """Its former buyer is in the bin: it cannot point there again."""
    with store.writing(team.marta) as tx:
        contacts.create(tx, name="Bia", email="bia@example.com")
    bring(team.marta, "orders", HEADER + LAMP.replace("paid", "pending") + LAMP.replace("1042", "7"))
    changed = LAMP.replace("lia@", "bia@") + LAMP.replace("1042", "7").replace("paid", "refunded")
    done = bring(team.marta, "orders", HEADER + changed, on_duplicate="overwrite")
    assert counts(done) == (0, 2, 0, 0, 0)
    with store.writing(team.marta) as tx:
        contacts.delete(tx, lia.id)
    with store.writing(team.marta) as tx:
        imports.undo(tx, done.id)
    undone = finished(store, team.marta, done.id)
    assert (undone.undone["restored"], undone.undone["left"]) == (1, 1)
    steps = "SELECT order_id, to_status FROM base.order_statuses ORDER BY id"
    assert rows(store, SYSTEM, steps) == [(1, "pending"), (2, "paid"), (1, "paid")]


# Who may


@pytest.mark.parametrize(
    ("name", "may"), [("ada", True), ("marta", True), ("ana", False), ("rui", False), ("vera", False)]
)
def test_who_may_import_and_manage_the_crm_brings_orders(store, team, begin, name, may):
    actor = getattr(team, name)
    if may:
        assert begin(actor, "orders", HEADER + LAMP).state == "queued"
        return
    with pytest.raises(Forbidden):
        begin(actor, "orders", HEADER + LAMP)
    assert rows(store, SYSTEM, "SELECT count(*) FROM base.imports") == [(0,)]


def test_with_the_module_off_no_orders_are_brought(store, team, begin):
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.ORDERS, False)
    with pytest.raises(ModuleOff):
        begin(team.ada, "orders", HEADER + LAMP)


def test_orders_have_no_attributes_to_be_made(team, begin):
    with pytest.raises(Invalid, match="no attributes"):
        begin(team.ada, "orders", HEADER + LAMP, new_attributes={"size": "text"})


def test_a_rep_under_owner_based_privacy_brings_orders_of_their_own_contacts_alone(store, team, bring, begin, lia):
    with store.writing(team.ada) as tx:
        users.change(tx, team.ids.ana, permissions=[Permission.IMPORT])
    owner_privacy(store, team)
    hidden = bring(team.ana, "orders", HEADER + LAMP, make_contacts=True)
    assert counts(hidden) == (0, 0, 0, 0, 1)
    assert reasons(store, team.ana, hidden) == [(2, "It was bought by a contact that you may not see.")]
    own = bring(team.ana, "orders", HEADER + LAMP.replace("lia@", "own@"), make_contacts=True)
    assert counts(own) == (1, 0, 0, 0, 0)
    with store.reading(team.ana) as tx:
        assert orders.count(tx, orders.ListQuery()) == 1


@pytest.mark.parametrize("write", [imports.template_csv, imports.template_xlsx])
def test_a_template_imports_as_it_stands(store, team, bring, write):
    with store.reading(team.marta) as tx:
        template = write(tx, "orders")
    done = bring(team.marta, "orders", template, make_contacts=True)
    assert counts(done) == (1, 0, 0, 0, 0), reasons(store, team.marta, done)


def test_the_page_offers_orders_where_the_module_is_on_and_makes_buyers(store, team):
    page = open_page(store, "imports", team.marta, new="orders")
    assert "Orders" in page.segmented_control(key="kind").options
    with store.writing(team.marta) as tx:
        sha256, size = files.keep(store, [(HEADER + LAMP).encode()], 1000)
        upload = files.register(tx, sha256=sha256, file_name="orders.csv", size=size)
    page = open_page(store, "imports", team.marta, new="orders", upload=str(upload.id))
    assert not page.exception
    next(button for button in page.button if button.label == "Dry run").click().run()
    [begun] = imports_of(store, team)
    assert (begun.kind, begun.options.make_contacts, begun.options.dry_run) == ("orders", True, True)


def test_the_page_offers_no_orders_where_the_module_is_off(store, team):
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.ORDERS, False)
    page = open_page(store, "imports", team.marta, new="orders")
    assert "Orders" not in page.segmented_control(key="kind").options


def imports_of(store, team):
    with store.reading(team.marta) as tx:
        return imports.latest(tx)


def test_the_page_of_an_import_of_orders_shows_what_became_of_it(store, team, bring, lia):
    done = bring(team.marta, "orders", HEADER + LAMP)
    page = open_page(store, "imports", team.marta, **{"import": str(done.id)})
    assert not page.exception
    assert [table.value["Order"][0] for table in page.dataframe] == [f"/order?order={every(store)[0].id}#Lamp"]


def test_orders_are_brought_from_the_command_line(tmp_path):
    folder, file = tmp_path / "s", tmp_path / "orders.csv"
    file.write_text(HEADER + LAMP)
    fresh = Store(folder, threads=1)
    with fresh.writing(SYSTEM) as tx:
        workspace.switch(tx, Module.ORDERS, True)
    fresh.close()
    done = CliRunner().invoke(app, ["import", "orders", str(file), "--make-contacts", "--store", str(folder)])
    assert done.exit_code == 0, done.output
    assert "1 rows read: 1 created" in done.output or "1 row read: 1 created" in done.output
