"""Erasing a person for good: nothing of them is left, nothing of others is lost."""

import json

import pytest

from crm import companies, contacts, deals, exports, orders
from crm.foundation.access import SYSTEM, Module
from crm.foundation.errors import Forbidden, Invalid, NotFound
from crm.platform import backups, mail, notices, workspace
from crm.platform.mail import Attachment
from crm.privacy import erasing
from crm.privacy.erasing.log import BLOTTED
from crm.records import attributes as custom
from crm.records import feed, labels, notes, segments
from crm.records.attributes import AttributeType
from crm.records.filters import Rule
from crm.records.listing import ListQuery
from crm.verify import verify
from tests.privacy.conftest import EMAIL, NAME, in_the_bytes, in_the_tables


def test_the_person_is_everywhere_before(store, world):
    tables = {line.split(".")[0] for line in in_the_tables(store)}
    assert {"contacts", "contact_attributes", "events", "notes", "deals", "companies", "uploads"} <= tables
    assert {"import_rejects"} <= tables
    assert any(name.startswith("uploads/") for name in in_the_bytes(store.folder))


def test_nothing_of_the_person_is_left_in_any_table_file_or_byte(store, world, erase):
    store.back_up()
    assert len(in_the_bytes(store.folder)) > 2
    receipt = erase(world.lia.id)
    assert receipt.state == "done"
    assert in_the_tables(store) == []
    (backup,) = receipt.backups
    backups.drop(store, SYSTEM, [backup])
    assert in_the_bytes(store.folder) == []
    assert verify(store) == []
    store.close()
    assert in_the_bytes(store.folder) == []


def test_what_is_of_others_stays_without_the_person(store, team, world, erase):
    erase(world.lia.id)
    with store.reading(team.ada) as tx:
        deal = deals.get(tx, world.deal_id)
        assert (deal.title, deal.contact_id, deal.value) == ("Chairs for [erased]", None, 1200)
        company = companies.get(tx, world.company_id)
        assert company.description == "[erased] introduced us; ask [erased]."
        assert contacts.get(tx, world.rui.id).attributes["nickname"] == "cousin of [erased]"
        (note,) = notes.of(tx, "deal", world.deal_id)
        assert note.text == "Call [erased] or [erased],\n[erased]"
        assert tx.value("SELECT count(*) FROM base.contact_labels") == 0
        assert tx.value("SELECT count(*) FROM labels") == 1


def test_a_mail_that_waits_goes_for_what_its_attachment_says(store, team, world, erase, monkeypatch):
    monkeypatch.setenv("CRM_SMTP_URL", "smtp://127.0.0.1:1")
    with store.writing(SYSTEM) as tx:
        for words in (f"Deals of {NAME}", "Deals of others"):
            paper = Attachment("board.pdf", "application/pdf", b"%PDF", words)
            mail.post(tx, team.ids.ana, "Board", "See it", [paper])
    erase(world.lia.id)
    with store.reading(SYSTEM) as tx:
        assert [row["words"] for row in tx.rows("SELECT words FROM base.mail_attachments")] == ["Deals of others"]
        assert tx.value("SELECT count(*) FROM base.mails") == 1


@pytest.mark.parametrize("in_the_bin", [False, True])
def test_a_deal_that_lost_its_contact_is_known_to_have_none(store, team, world, erase, in_the_bin):
    def has_contact():
        with store.reading(team.ada) as tx:
            return next(one.has_contact for one in deals.known(tx, tx.now) if one.deal_id == world.deal_id)

    assert has_contact()
    if in_the_bin:
        with store.writing(team.ada) as tx:
            deals.delete(tx, world.deal_id)
    erase(world.lia.id)
    if in_the_bin:
        with store.writing(team.ada) as tx:
            deals.restore(tx, world.deal_id)
    assert not has_contact()


def test_the_log_tells_what_happened_and_not_to_whom(store, team, world, erase):
    with store.reading(SYSTEM) as tx:
        before = tx.rows("SELECT seq, name, actor_name, happened_at, hash FROM base.events ORDER BY seq")
    receipt = erase(world.lia.id)
    with store.reading(SYSTEM) as tx:
        after = tx.rows(
            "SELECT seq, name, actor_name, happened_at, hash FROM base.events WHERE seq <= $last ORDER BY seq",
            last=before[-1]["seq"],
        )
        own = tx.rows(
            "SELECT particulars FROM base.events WHERE subject_kind = 'contact' AND subject_id = $id "
            "AND name <> 'contact.erased'",
            id=world.lia.id,
        )
    assert after == before
    assert {row["particulars"] for row in own} == {json.dumps({"erasure": receipt.id})}
    assert receipt.counts["blotted"]["events"] > len(own)


def test_the_receipt_counts_and_names_nobody(store, team, world, erase):
    receipt = erase(world.lia.id)
    removed = receipt.counts["removed"]
    assert (removed["contacts"], removed["contact_attributes"], removed["notes"], removed["attachments"]) == (
        1,
        1,
        1,
        1,
    )
    assert receipt.counts["unlinked"] == {"deals": 1}
    assert removed["imported files"] == 1
    assert (receipt.contact_number, receipt.created_by_name) == (world.lia.id, "Ada")
    assert receipt.created_at <= receipt.erased_at <= receipt.finished_at
    with store.reading(team.ada) as tx:
        (told,) = [notice.text for notice in notices.of_actor(tx) if "erased" in notice.text]
    assert told == f"Contact {world.lia.id} was erased for good. The receipt is number {receipt.id}."


def test_the_preview_says_what_goes(store, team, world):
    with store.reading(team.ada) as tx:
        found = erasing.preview(tx, world.lia.id)
    assert found.shown_name == NAME
    assert (found.rows["notes"], found.rows["attachments"], found.unlinked) == (1, 1, {"deals": 1})
    assert found.mentions.keys() >= {"deals", "companies", "notes", "contact_attributes", "uploads"}
    assert (found.files, found.imports) == (("zqcanary.txt",), ("zqcanary list.csv",))
    assert found.shared == ()


def test_a_name_that_others_bear_stays_in_texts_and_is_said_so(store, team, world, erase):
    with store.writing(team.ada) as tx:
        other = contacts.create(tx, name=NAME, email="namesake@example.com")
        lia = erasing.preview(tx, world.lia.id)
        assert lia.shared == (NAME,)
    erase(world.lia.id)
    with store.reading(team.ada) as tx:
        assert contacts.get(tx, other.id).name == NAME
        assert deals.get(tx, world.deal_id).title == f"Chairs for {NAME}"
        assert tx.value("SELECT count(*) FROM base.events WHERE contains(particulars, $email)", email=EMAIL) == 0


def test_a_file_that_another_record_holds_too_stays(store, team, world, erase):
    from tests.privacy.conftest import _attach

    _attach(store, team, "contact", world.rui.id, b"zqcanary in a file", "same.txt")
    erase(world.lia.id)
    with store.reading(SYSTEM) as tx:
        (upload,) = tx.rows("SELECT * FROM base.uploads WHERE file_name = 'same.txt'")
    assert (store.folder / "uploads" / upload["sha256"]).read_bytes() == b"zqcanary in a file"
    assert verify(store) == []


def test_a_contact_in_the_bin_can_be_erased(store, team, world, erase):
    with store.writing(team.ada) as tx:
        contacts.delete(tx, world.lia.id)
    assert erase(world.lia.id).state == "done"
    assert in_the_tables(store) == []


def test_it_asks_whether_one_is_sure(store, team, world):
    with pytest.raises(Invalid, match="Type ERASE"), store.writing(team.ada) as tx:
        erasing.begin(tx, world.lia.id, sure="yes")


def test_asked_twice_it_is_one_erasure(store, team, world):
    with store.writing(team.ada) as tx:
        first = erasing.begin(tx, world.lia.id, sure=erasing.SURE)
        assert erasing.begin(tx, world.lia.id, sure=erasing.SURE) == first


@pytest.mark.parametrize("who", ["marta", "ana", "rui", "vera"])
def test_only_administrators_erase_and_read_receipts(store, team, world, who):
    actor = getattr(team, who)
    with pytest.raises(Forbidden), store.writing(actor) as tx:
        erasing.begin(tx, world.lia.id, sure=erasing.SURE)
    with pytest.raises(Forbidden), store.reading(actor) as tx:
        erasing.preview(tx, world.lia.id)
    with pytest.raises(Forbidden), store.reading(actor) as tx:
        erasing.receipts(tx)


def test_nobody_is_not_found(store, team):
    with pytest.raises(NotFound), store.writing(team.ada) as tx:
        erasing.begin(tx, 999, sure=erasing.SURE)


def test_a_phone_number_that_was_made_a_number_leaves_the_feed_readable(store, team, world, erase):
    with store.writing(team.ada) as tx:
        field = custom.define(tx, model="deal", name="Call back", type=AttributeType.TEXT)
        deals.edit(tx, world.deal_id, attributes={field.key: "11987654321"})
        custom.convert(tx, field.id, AttributeType.NUMBER)
    erase(world.lia.id)
    with store.reading(SYSTEM) as tx:
        told = [change for change in feed.changes(tx) if change.payload.get("cause") == "attribute.converted"]
    assert [change.after for change in told] == [{f"attribute:{field.key}": BLOTTED}]


def test_keys_that_named_one_person_after_the_other_stay_apart(store, team, world, erase):
    """Some shops call an order by its buyer's address."""
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.ORDERS, True)
    with store.writing(team.ada) as tx:
        bea = contacts.create(tx, name="Beatriz Lobo", email="beatriz@lobo.com")
        made = []
        for who in (world.lia, bea):
            bought = orders.create(tx, title="Lamp", value=1, contact_id=world.rui.id, external_id=who.email)
            label = labels.create(tx, f"ask {who.email}")
            deal = deals.create(tx, title="Lamp", pipeline_id=1, identifier=f"of {who.email}")
            made.append((bought.id, label.id, deal.id))
    assert [erase(who).state for who in (world.lia.id, bea.id)] == ["done", "done"]
    with store.reading(team.ada) as tx:
        for order_id, label_id, deal_id in made:
            assert orders.get(tx, order_id).external_id == f"{BLOTTED}-{order_id}"
            assert labels.get(tx, label_id).name == f"ask {BLOTTED}-{label_id}"
            assert deals.get(tx, deal_id).identifier == f"of {BLOTTED}-{deal_id}"
    assert verify(store) == []


def test_values_of_a_list_that_named_two_persons_are_one_in_the_end(store, team, world, erase):
    """The records that hold them know them by what they are called."""
    with store.writing(team.ada) as tx:
        told = custom.define(tx, model="contact", name="Told by", type=AttributeType.LIST)
        bea = contacts.create(tx, name="Beatriz Lobo", email="beatriz@lobo.com")
        custom.add_values(tx, told.id, [NAME, "Beatriz Lobo", "a friend"])
        first = contacts.create(tx, name="One", attributes={"told_by": NAME})
        second = contacts.create(tx, name="Two", attributes={"told_by": "Beatriz Lobo"})
    assert [erase(who).state for who in (world.lia.id, bea.id)] == ["done", "done"]
    with store.reading(team.ada) as tx:
        names = custom.get(tx, told.id).values
        kept = [contacts.get(tx, one.id).attributes["told_by"] for one in (first, second)]
    assert sorted(names) == [BLOTTED, "a friend"]
    assert kept == [BLOTTED, BLOTTED]
    assert verify(store) == []


@pytest.mark.parametrize(
    ("name", "key", "identifier"), [("Newsletter", "newsletter", "newsletter"), ("Top 10", "top_10", "top_10")]
)
def test_an_attribute_that_is_called_as_a_person_keeps_its_key_and_its_values(
    store, team, world, erase, name, key, identifier
):
    with store.writing(team.ada) as tx:
        custom.define(tx, model="contact", name=name, type=AttributeType.TEXT)
        beside = contacts.create(tx, name="One", attributes={key: "weekly"})
        zed = contacts.create(tx, name="Zed Zulu", identifier=identifier)
    assert erase(zed.id).state == "done"
    with store.reading(team.ada) as tx:
        assert contacts.get(tx, beside.id).attributes[key] == "weekly"
        assert b"weekly" in exports.export(tx, "contacts", "csv", ListQuery())


def test_a_person_who_is_called_as_the_product_calls_things_takes_none_of_them_along(store, team, world, erase):
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.ORDERS, True)
    with store.writing(team.ada) as tx:
        in_brazil = Rule(field="country", op="contains", value="Brazil")
        segment = segments.create(tx, kind="contacts", name="Brazilians", filter=in_brazil)
        orders.create(tx, source="commerce", external_id="A-1", title="Chair", value=10, contact_id=world.rui.id)
        for identifier in ("commerce", "contains", "country"):
            contacts.create(tx, name="Zed Zulu", identifier=identifier)
        zeds = [row["id"] for row in tx.rows("SELECT id FROM contacts WHERE name = 'Zed Zulu'")]
    for zed in zeds:
        assert erase(zed).state == "done"
    with store.writing(team.ada) as tx:
        again = {"title": "Chair", "value": 12, "status": "paid", "contact_id": world.rui.id}
        orders.upsert(tx, source="commerce", external_id="A-1", **again)
        assert tx.value("SELECT count(*) FROM orders WHERE title = 'Chair'") == 1
        assert segments.get(tx, segment.id).filter == segment.filter
