"""Values of choice fields are mapped as columns are: proposed, chosen, kept, and mapped in the dry run too."""

import json

import pytest

from crm import imports
from crm.foundation.access import SYSTEM, Module
from crm.foundation.errors import Forbidden, Invalid
from crm.imports import Options
from crm.imports.values.proposals import proposed
from crm.imports.values.value_fields import value_fields
from crm.orders.declaration import ORDER
from crm.platform import files, workspace
from crm.records import attributes, registry
from tests.imports.conftest import counts, finished, reasons, rows
from tests.pages import open_page

SHOP = (
    "order_id,customer_email,status,date,price\n"
    "O1,ana@s.example,delivered,2018-05-02,29.90\n"
    "O2,bob@s.example,Shipped,2018-05-03,15.00\n"
    "O3,lia@s.example,partially_refunded,2018-05-04,44.10\n"
    "O4,lia@s.example,paid,2018-05-05,1.00\n"
)


@pytest.fixture(autouse=True)
def module_on(store, team):
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.ORDERS, True)


def statuses(store):
    return rows(store, SYSTEM, "SELECT external_id, status FROM base.orders ORDER BY external_id")


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("delivered", "paid"), ("Order shipped", "paid"), ("OUT_FOR_DELIVERY", "paid"), ("invoiced", "paid"),
        ("Entregue ao cliente", "paid"), ("refused", "failed"), ("chargeback", "refunded"),
        ("payment denied", "failed"),
        ("Payment pending", "pending"), ("authorized", "pending"), ("expired", "cancelled"),
        ("cancellled", "cancelled"),
        ("partially_refunded", None), ("not delivered", None), ("blue", None), ("-", None),
    ],
)  # fmt: skip
def test_what_shops_say_of_an_order_is_proposed_as_the_nearest_status(store, team, said, value):
    with store.reading(team.ada) as tx:
        assert proposed(value_fields(tx, ORDER, [])["status"], said) == value


def test_values_are_read_as_they_are_mapped_left_empty_or_rejected(store, team, bring):
    done = bring(
        team.marta,
        "orders",
        SHOP,
        make_contacts=True,
        values={"status": {"DELIVERED": "paid", "shipped": "", "Partially refunded": None}},
    )
    assert counts(done) == (3, 0, 0, 0, 1)
    assert statuses(store) == [("O1", "paid"), ("O2", "pending"), ("O4", "paid")]
    assert reasons(store, team.marta, done) == [
        (4, "“partially_refunded” is mapped to nothing: its rows are rejected.")
    ]


def test_the_export_of_a_shop_comes_whole_once_its_words_are_mapped(store, team, bring):
    """Two numbers of a customer, moments in the place of days, and no word that is a status."""
    content = (
        "order_id,customer_id,customer_email,order_status,order_purchase_timestamp,price\r\n"
        "O1,C1,ana@s.example,delivered,2018-05-02 10:11:12,29.90\r\n"
        "O2,C2,bob@s.example,shipped,2018-05-03 23:50:00,15.00\r\n"
        "O3,C3,lia@s.example,partially_refunded,2018-05-04 09:00:00,44.10\r\n"
    )
    values = {"status": {"delivered": "paid", "shipped": "paid", "partially_refunded": "refunded"}}
    done = bring(team.marta, "orders", content, make_contacts=True, values=values)
    assert counts(done) == (3, 0, 0, 0, 0)
    assert rows(
        store,
        SYSTEM,
        """
        SELECT
            orders.external_id, orders.status, CAST(orders.ordered_on AS VARCHAR) AS day,
            CAST(orders.value AS DECIMAL(18, 2))::VARCHAR AS value, contacts.identifier, contacts.email
        FROM base.orders
        JOIN base.contacts ON contacts.id = orders.contact_id
        ORDER BY orders.external_id
        """,
    ) == [
        ("O1", "paid", "2018-05-02", "29.90", "C1", "ana@s.example"),
        ("O2", "paid", "2018-05-03", "15.00", "C2", "bob@s.example"),
        ("O3", "refunded", "2018-05-04", "44.10", "C3", "lia@s.example"),
    ]


def test_the_values_of_a_field_that_is_none_are_refused(store, team, bring):
    done = bring(team.marta, "orders", SHOP, values={"colour": {"red": "blue"}})
    assert (done.state, "no field “colour”" in done.message) == ("failed", True)


def test_a_dry_run_lists_what_is_not_known_and_maps_it_without_starting_anew(store, team, bring):
    tried = bring(team.marta, "orders", SHOP, make_contacts=True, dry_run=True)
    assert tried.found["unknown_values"] == {
        "status": [
            {"text": "Shipped", "rows": 1, "proposed": "paid"},
            {"text": "delivered", "rows": 1, "proposed": "paid"},
            {"text": "partially_refunded", "rows": 1, "proposed": None},
        ]
    }
    values = {"status": {"delivered": "paid", "Shipped": "paid", "partially_refunded": "refunded"}}
    with store.writing(team.marta) as tx:
        assert imports.map_values(tx, tried.id, values).state == "queued"
    again = finished(store, team.marta, tried.id)
    assert (again.state, again.created, again.rejected, again.found["unknown_values"]) == ("planned", 4, 0, {})
    with store.writing(team.marta) as tx:
        imports.apply(tx, again.id)
    assert finished(store, team.marta, again.id).state == "done"
    assert dict(statuses(store))["O3"] == "refunded"


def test_values_are_mapped_while_an_import_is_planned_and_by_those_who_import(store, team, bring):
    done = bring(team.marta, "orders", SHOP, make_contacts=True)
    with pytest.raises(Invalid, match="this one is done"), store.writing(team.marta) as tx:
        imports.map_values(tx, done.id, {"status": {"delivered": "paid"}})
    tried = bring(team.marta, "orders", SHOP, dry_run=True)
    with pytest.raises(Invalid, match="no field “nope”"), store.writing(team.marta) as tx:
        imports.map_values(tx, tried.id, {"nope": {"a": "b"}})
    with pytest.raises(Forbidden), store.writing(team.rui) as tx:
        imports.map_values(tx, tried.id, {"status": {"delivered": "paid"}})


def test_priorities_stages_owners_and_lists_are_mapped_too(store, team, bring, pipeline):
    with store.writing(team.ada) as tx:
        attributes.define(tx, model="deal", name="Plan", type="list", values=["Basic", "Pro"])
    content = (
        "title,stage,priority,owner,plan\nA,Negotiating,P1,A. Rep,professional\nB,Lead,low,,Gold\nC,Lead,,,Steel\n"
    )
    tried = bring(team.ada, "deals", content, dry_run=True)
    assert {key: [one["text"] for one in found] for key, found in tried.found["unknown_values"].items()} == {
        "stage": ["Negotiating"],
        "owner": ["A. Rep"],
        "priority": ["P1"],
        "attribute:plan": ["Gold", "Steel", "professional"],
    }
    done = bring(
        team.ada,
        "deals",
        content,
        values={
            "stage": {"Negotiating": "Proposal"},
            "owner": {"A. Rep": "ana@mallard.test.example.com"},
            "priority": {"P1": "high"},
            "attribute:plan": {"professional": "Pro"},
        },
        new_values={"attribute:plan": ["Gold"]},
    )
    assert reasons(store, team.ada, done) == [
        (4, "“Steel” is not a value of the list “Plan”. It takes “Basic”, “Pro”, “Gold”.")
    ]
    found = rows(
        store,
        SYSTEM,
        """
        SELECT deal.title, stage.name, deal.priority, deal.owner_id, own.a_plan FROM base.deals AS deal
        JOIN base.stages AS stage ON stage.id = deal.stage_id JOIN base.deal_attributes AS own ON own.id = deal.id
        ORDER BY deal.title
        """,
    )
    assert found == [("A", "Proposal", "high", team.ids.ana, "Pro"), ("B", "Lead", "low", None, "Gold")]
    with store.reading(team.ada) as tx:
        assert attributes.definitions(tx, "deal")[0].values == ("Basic", "Pro", "Gold")


def test_an_owner_is_added_by_value_only_by_those_who_may(store, team, bring):
    content = "name,owner\nLia,Old Rep\nBia,Older Rep\n"
    done = bring(team.ada, "contacts", content, new_values={"owner": ["Old Rep"]})
    assert (done.created, done.rejected, done.found["made"]) == (1, 1, {"owners": 1})
    with store.reading(team.marta) as tx, pytest.raises(Forbidden):
        imports.require(tx, registry.get("contact"), Options(new_values={"owner": ["Old Rep"]}))


def test_mapped_values_are_kept_with_the_mapping_and_further_ones_join_them(store, team):
    with store.writing(team.marta) as tx:
        imports.save_mapping(tx, "orders", "Shop", Options(values={"status": {"delivered": "paid"}}))
        imports.keep_values(tx, "orders", "Shop", {"status": {"refused": "failed"}}, {})
        assert imports.may_change(tx, "orders", "Shop")
    with store.reading(team.marta) as tx:
        saved = imports.mappings(tx, "orders")["Shop"]
    assert saved.values == {"status": {"delivered": "paid", "refused": "failed"}}


# The page


def upload(store, actor, content):
    sha256, size = files.keep(store, [content.encode()], 2**30)
    with store.writing(actor) as tx:
        return files.register(tx, sha256=sha256, file_name="shop.csv", size=size)


def value_boxes(page):
    return {box.label.removeprefix("Value of "): box for box in page.selectbox if box.label.startswith("Value of ")}


def press(page, label):
    next(button for button in page.button if button.label == label).click().run()
    assert not page.exception


def test_the_page_shows_each_value_with_what_is_proposed_and_keeps_what_is_chosen(store, team):
    found = upload(store, team.marta, SHOP)
    page = open_page(store, "imports", team.marta, new="orders", upload=str(found.id))
    assert not page.exception
    assert {text: box.value for text, box in value_boxes(page).items()} == {
        "Shipped": "value:paid",
        "delivered": "value:paid",
        "partially_refunded": "reject",
        "paid": "as it is",
    }
    value_boxes(page)["partially_refunded"].select("value:refunded").run()
    value_boxes(page)["Shipped"].select("reject").run()
    assert value_boxes(page)["Shipped"].value == "reject"
    press(page, "Dry run")
    with store.reading(team.marta) as tx:
        assert imports.get(tx, 1).options.values == {
            "status": {"delivered": "paid", "partially_refunded": "refunded", "Shipped": None}
        }
    assert finished(store, team.marta, 1).rejected == 1


def test_a_new_status_of_a_later_file_is_mapped_in_its_dry_run_and_kept(store, team, bring):
    saved = Options(
        mapping={"order_id": "external_id", "customer_email": "contact_email", "status": "status",
                 "date": "ordered_on", "price": "value"},
        values={"status": {"delivered": "paid", "shipped": "paid"}},
        make_contacts=True,
    )  # fmt: skip
    with store.writing(team.marta) as tx:
        imports.save_mapping(tx, "orders", "Shop", saved)
    tried = bring(team.marta, "orders", SHOP, **{**saved.model_dump(), "dry_run": True})
    page = open_page(store, "imports", team.marta, **{"import": str(tried.id)})
    assert not page.exception
    assert list(value_boxes(page)) == ["partially_refunded"]
    value_boxes(page)["partially_refunded"].select("value:refunded").run()
    press(page, "Try again")
    assert finished(store, team.marta, tried.id).created == 4
    with store.reading(team.marta) as tx:
        assert imports.mappings(tx, "orders")["Shop"].values["status"]["partially_refunded"] == "refunded"


# The command line


def test_the_command_says_how_to_map_what_is_not_known(tmp_path):
    from typer.testing import CliRunner

    from crm.cli import app

    file = tmp_path / "deals.csv"
    file.write_text("title,priority\nA,P1\nB,someday\n")
    place = ["--store", str(tmp_path / "s")]
    tried = CliRunner().invoke(app, ["import", "deals", str(file), "--dry-run", *place])
    assert "1 row: map “P1” by --value 'priority:P1=high'." in tried.output
    mapped = ["--value", "priority:P1=high", "--value", "priority:someday="]
    done = CliRunner().invoke(app, ["import", "deals", str(file), "--dry-run", *mapped, *place])
    assert "someday" not in done.output
    rejecting = CliRunner().invoke(app, ["import", "deals", str(file), "--reject-value", "priority:P1", *place])
    assert "“P1” is mapped to nothing" in rejecting.output


def test_the_options_are_kept_as_json():
    options = Options.model_validate_json(json.dumps({"values": {"status": {"a": None, "b": ""}}}))
    assert options.values == {"status": {"a": None, "b": ""}}
