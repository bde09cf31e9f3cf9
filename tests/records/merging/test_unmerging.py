"""Taking a merge back: everything is as it was, but for what somebody changed since."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm import companies, contacts, deals, pipelines
from crm.contacts import CONTACT
from crm.foundation.access import SYSTEM
from crm.foundation.errors import Duplicate, NotFound
from crm.records import attributes, labels, merging, notes
from crm.store import Store
from crm.verify import verify
from crm.worker import housekeeping
from tests.owner_privacy import owner_privacy
from tests.people import Team

TRACES = {"events", "merges", "merge_rows", "migrations", "sessions"}
TIMES = {"version", "updated_at"}


def everything(store: Store) -> dict[str, list[str]]:
    """{table: its rows} of all that is stored but the log, the merges themselves, versions and times of change."""
    with store.reading(SYSTEM) as tx:
        names = tx.rows("SELECT table_name AS name FROM duckdb_tables() WHERE schema_name = 'base' ORDER BY 1")
        return {
            row["name"]: sorted(
                json.dumps({k: str(v) for k, v in found.items() if k not in TIMES}, sort_keys=True)
                for found in tx.rows(f"FROM base.{row['name']}")
            )
            for row in names
            if row["name"] not in TRACES
        }


texts = st.one_of(
    st.none(), st.sampled_from(["Ana", "Álvaro", "O’Neil", "a 'quoted' one", "x" * 300, "🦆", "0", "null"])
)
emails = st.one_of(st.none(), st.sampled_from(["a", "b"]))
phones = st.one_of(st.none(), st.sampled_from(["+5511987654321", "+5511987654322"]))
values = st.fixed_dictionaries(
    {},
    optional={
        "text": st.sampled_from(["one", "", "“two”", "null", "'"]),
        "number": st.one_of(st.decimals(min_value=-(10**15) + 1, max_value=10**15 - 1, places=4), st.just(0)),
        "money": st.decimals(min_value=-1000, max_value=1000, places=4),
        "day": st.dates(min_value=date(1900, 1, 1), max_value=date(2200, 12, 31)),
        "tick": st.booleans(),
    },
)
people = st.fixed_dictionaries(
    {
        "name": texts,
        "email": emails,
        "phone": phones,
        "identifier": st.one_of(st.none(), st.sampled_from(["C-1", "C-2"])),
        "city": texts,
        "attributes": values,
        "labels": st.sets(st.sampled_from(["vip", "press", "old"])),
        "blocked": st.booleans(),
        "deals": st.integers(0, 2),
        "notes": st.integers(0, 2),
        "company": st.booleans(),
    }
)


def ground(tx: Any) -> tuple[int, int]:
    """A pipeline, a company, attributes and labels; no contacts, those of the example before go."""
    gone = (
        "contact_labels",
        "contact_attributes",
        "contacts",
        "deals",
        "notes",
        "stage_events",
        "merges",
        "merge_rows",
    )
    for table in gone:  # merges too: an example that was given up in its midst left one
        tx.run(f"DELETE FROM base.{table}")
    if attributes.definitions(tx, "contact"):
        return 1, 1
    kinds = {"Text": "text", "Number": "number", "Money": "currency", "Day": "date", "Tick": "checkbox"}
    for name, kind in kinds.items():
        attributes.define(tx, model="contact", name=name, type=kind)
    labels.get_or_create(tx, ["vip", "press", "old"])
    return pipelines.create(tx, "Sales", ["Lead"]).id, companies.create(tx, name="Aurora").id


def make(tx: Any, given_: dict[str, Any], number: int, pipeline_id: int, company_id: int) -> int:
    """A contact as drawn; keys that two of them share are made different."""
    email = f"{given_['email']}{number}@example.com" if given_["email"] else None
    phone = given_["phone"][:-1] + str(number) if given_["phone"] else None
    made = contacts.create(
        tx,
        name=given_["name"] or (None if email or phone else "Somebody"),
        email=email,
        phone=phone,
        identifier=f"{given_['identifier']}-{number}" if given_["identifier"] else None,
        city=(given_["city"] or "")[:100] or None,
        company_id=company_id if given_["company"] else None,
        attributes=given_["attributes"],
    )
    contacts.set_labels(tx, made.id, given_["labels"])
    if given_["blocked"]:
        contacts.block(tx, made.id)
    for title in range(given_["deals"]):
        deals.create(tx, title=f"Deal {title}", pipeline_id=pipeline_id, contact_id=made.id)
    for text in range(given_["notes"]):
        notes.add(tx, "contact", made.id, f"Note {text}")
    return made.id


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(one=people, two=people, third=people, picks=st.data())
def test_merging_and_taking_it_back_leaves_everything_as_it_was(
    store: Store, one: dict[str, Any], two: dict[str, Any], third: dict[str, Any], picks: st.DataObject
) -> None:
    """Two merges in a row, into the same survivor or of the survivor, taken back in reverse."""
    with store.writing(SYSTEM) as tx:
        pipeline_id, company_id = ground(tx)
    with store.writing(SYSTEM) as tx:
        a, b, c = (make(tx, drawn, n, pipeline_id, company_id) for n, drawn in enumerate((one, two, third)))
    before = everything(store)
    for survivor, absorbed in picks.draw(st.sampled_from([[(a, b), (a, c)], [(a, b), (c, a)]])):
        fields = [*CONTACT.merged, "attribute:text", "attribute:number", "attribute:money"]
        take = picks.draw(st.dictionaries(st.sampled_from(fields), st.sampled_from([survivor, absorbed])))
        for field in ("name", "email", "phone"):
            take.pop(field, None)  # an empty one may be chosen of all three, which is refused
        with store.writing(SYSTEM) as tx:
            planned = merging.preview(tx, "contact", survivor, absorbed, take)
            after = merging.merge(tx, "contact", survivor, absorbed, take=take)
        assert after.model_dump(exclude=TIMES) == planned.result.model_dump(exclude=TIMES)
    with store.reading(SYSTEM) as tx:
        standing = tx.rows("SELECT id FROM base.merges WHERE undone_at IS NULL ORDER BY id DESC")
    for row in standing:
        with store.writing(SYSTEM) as tx:
            assert merging.unmerge(tx, "contact", row["id"]).stayed == ()
    assert everything(store) == before


def test_companies_come_apart_with_their_contacts_deals_and_notes(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        attributes.define(tx, model="company", name="Size", type="number")
        sales = pipelines.create(tx, "Sales", ["Lead"])
        one = companies.create(tx, name="Aurora", domain="aurora.example.com")
        two = companies.create(tx, name="Aurora Ltda", domain="aurora.example.net", attributes={"size": 3})
        contacts.create(tx, name="Ana", company_id=one.id)
        contacts.create(tx, name="Bob", company_id=two.id)
        deals.create(tx, title="Light", pipeline_id=sales.id, company_id=two.id)
        notes.add(tx, "company", two.id, "A note")
    before = everything(store)
    with store.writing(team.ana) as tx:
        merging.merge(tx, "company", one.id, two.id, take={"domain": two.id, "name": two.id})
    with store.writing(team.ana) as tx:
        (merge,) = merging.merges(tx, "company")
        merging.unmerge(tx, "company", merge.id)
    assert everything(store) == before
    assert verify(store) == []


def test_what_was_changed_since_stays_and_is_listed(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        sales_id = pipelines.create(tx, "Sales", ["Lead"]).id
    with store.writing(team.ana) as tx:
        one = contacts.create(tx, name="Ana", city="Recife")
        two = contacts.create(tx, name="Ana S.", city="Natal", country="Brasil", phone="+5511987654321")
        moved = deals.create(tx, title="Moved", pipeline_id=sales_id, contact_id=two.id)
        merging.merge(tx, "contact", one.id, two.id, take={"city": two.id})
    with store.writing(team.bob) as tx:
        contacts.edit(tx, one.id, city="Belém")
        new = deals.create(tx, title="New", pipeline_id=sales_id, contact_id=one.id)
        deals.edit(tx, moved.id, contact_id=None)
        (merge,) = merging.merges_into(tx, "contact", one.id)
        foreseen = merging.would_stay(tx, "contact", merge.id)
        undone = merging.unmerge(tx, "contact", merge.id)
        assert deals.get(tx, new.id).contact_id == one.id
        assert deals.get(tx, moved.id).contact_id is None
    assert list(undone.stayed) == foreseen
    assert foreseen == [
        "City was changed since and stays as it is.",
        "1 of the deals that moved is elsewhere by now, or gone.",
    ]
    assert (undone.survivor.city, undone.survivor.country, undone.survivor.phone) == ("Belém", None, None)
    assert (undone.absorbed.city, undone.absorbed.phone) == ("Natal", "+5511987654321")


def test_a_key_that_somebody_else_took_meanwhile_keeps_the_merge_as_it_is(store: Store, team: Team) -> None:
    with store.writing(team.ana) as tx:
        one = contacts.create(tx, name="Ana", email="ana@example.com")
        two = contacts.create(tx, name="Ana S.", email="ana.s@example.com")
        merging.merge(tx, "contact", one.id, two.id)
        contacts.create(tx, name="Third", email="ana.s@example.com")
        (merge,) = merging.merges(tx, "contact")
    with pytest.raises(Duplicate, match="already belongs to “Third”"), store.writing(team.ana) as tx:
        merging.unmerge(tx, "contact", merge.id)
    with store.reading(team.ana) as tx:
        assert merging.merges(tx, "contact") == [merge]
    assert verify(store) == []


def test_a_merge_is_taken_back_once_and_both_timelines_tell_it(store: Store, team: Team) -> None:
    with store.writing(team.ana) as tx:
        one, two = contacts.create(tx, name="Ana"), contacts.create(tx, name="Ana S.")
        merging.merge(tx, "contact", one.id, two.id)
        (merge,) = merging.merges(tx, "contact")
        merging.unmerge(tx, "contact", merge.id)
        names = {row["name"] for row in tx.rows("SELECT name FROM base.events WHERE subject_kind = 'contact'")}
        with pytest.raises(NotFound):
            merging.unmerge(tx, "contact", merge.id)
    assert {"contact.unmerged", "contact.woken"} <= names


def test_labels_that_became_one_meanwhile_keep_no_merge_from_coming_apart(store: Store, team: Team) -> None:
    with store.writing(team.ana) as tx:
        one, two = contacts.create(tx, name="Ana"), contacts.create(tx, name="Ana S.")
        contacts.set_labels(tx, one.id, ["press"])
        contacts.set_labels(tx, two.id, ["press", "vip"])
        merging.merge(tx, "contact", one.id, two.id)
    with store.writing(team.ada) as tx:
        press, vip = labels.all_of(tx)
        labels.merge(tx, press.id, into=vip.id)
    with store.writing(team.ana) as tx:
        (merge,) = merging.merges(tx, "contact")
        foreseen = merging.would_stay(tx, "contact", merge.id)
        undone = merging.unmerge(tx, "contact", merge.id)
        assert contacts.get(tx, one.id).labels == contacts.get(tx, two.id).labels == ("vip",)
    assert list(undone.stayed) == foreseen
    assert verify(store) == []


def test_what_a_column_can_no_longer_hold_is_not_put_back(store: Store, team: Team) -> None:
    """A type, a list value and a company that are gone since the merge."""
    with store.writing(team.ada) as tx:
        since = attributes.define(tx, model="contact", name="Since", type="text")
        level = attributes.define(tx, model="contact", name="Level", type="list", values=["gold", "silver"])
        old, new = companies.create(tx, name="Old"), companies.create(tx, name="New")
        one = contacts.create(tx, name="Ana", company_id=old.id, attributes={"since": "long ago", "level": "gold"})
        two = contacts.create(
            tx, name="Ana S.", company_id=new.id, attributes={"since": "2024-05-01", "level": "silver"}
        )
        take = dict.fromkeys(["company_id", "attribute:since", "attribute:level"], two.id)
        merging.merge(tx, "contact", one.id, two.id, take=take)
    with store.writing(team.ada) as tx:
        attributes.convert(tx, since.id, "date", empty_rest=True)
        gold = attributes.list_values(tx, level.id)[0]
        attributes.delete_value(tx, gold.id)
        companies.delete(tx, old.id)
        tx.run("UPDATE base.companies SET deleted_at = deleted_at - INTERVAL 60 DAY WHERE id = $id", id=old.id)
        housekeeping.empty_bin(tx)
    with store.writing(team.ada) as tx:
        (merge,) = merging.merges(tx, "contact")
        foreseen = merging.would_stay(tx, "contact", merge.id)
        undone = merging.unmerge(tx, "contact", merge.id)
    assert list(undone.stayed) == foreseen
    assert {sentence.split(" was ")[0] for sentence in foreseen} == {"Company", "Since", "Level"}
    assert undone.survivor.company_id == new.id
    assert undone.survivor.attributes["level"] == "silver"
    assert verify(store) == []


def test_only_who_saw_both_or_made_the_merge_takes_it_back(store: Store, team: Team) -> None:
    """What a manager merged into Ana's record from Bob's shows her no more of his than the survivor does."""
    with store.writing(team.ana) as tx:
        one, two = contacts.create(tx, name="Ana’s"), contacts.create(tx, name="Ana’s too")
    with store.writing(team.bob) as tx:
        theirs = contacts.create(tx, name="Bob’s", city="Natal")
    owner_privacy(store, team)
    with store.writing(team.marta) as tx:
        merging.merge(tx, "contact", one.id, theirs.id, take={"city": one.id})
        merge_id = merging.merges(tx, "contact")[0].id
    with store.reading(team.ana) as tx:
        assert (merging.merges(tx, "contact"), merging.merges_into(tx, "contact", one.id)) == ([], [])
    with store.writing(team.ana) as tx, pytest.raises(NotFound):
        merging.unmerge(tx, "contact", merge_id)
    with store.writing(team.ana) as tx:
        merging.merge(tx, "contact", one.id, two.id)
        (own,) = merging.merges(tx, "contact")
        assert merging.unmerge(tx, "contact", own.id).absorbed.id == two.id
    with store.writing(team.marta) as tx:
        assert merging.unmerge(tx, "contact", merge_id).absorbed.city == "Natal"
