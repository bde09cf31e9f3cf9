"""Whatever can be done to records, picked by chance: by hand, by file, to many at once, and undone."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

from crm import companies, contacts, deals, imports, orders, worker
from crm.deals import quote
from crm.foundation.access import SYSTEM
from crm.foundation.errors import CrmError
from crm.imports import Options
from crm.pipelines import Pipeline
from crm.platform import files
from crm.records import attributes, bulk, labels, merging, registry
from crm.records.bulk import Action, Change
from crm.records.listing import ListQuery
from crm.store import Store, Writing
from crm.worker import housekeeping
from tests.people import Team

NAMES = ("Ana", "Bia", "Caio", "Dora")
CITIES = ("Recife", "Olinda", "Porto")
LABELS = ("VIP", "Press", "Old")


class World:
    def __init__(self, store: Store, team: Team, sales: Pipeline, chance: random.Random) -> None:
        self.store, self.team, self.sales, self.chance = store, team, sales, chance
        self.reason = self._first_reason()

    def do(self, step: Step) -> None:
        """What is refused leaves nothing behind."""
        with suppress(CrmError):
            step(self)

    # By hand

    def make(self) -> None:
        name = self.chance.choice(NAMES)
        with self._writing() as tx:
            match self.chance.randrange(4):
                case 0:
                    contacts.create(tx, name=name, email=self._email(), attributes={"size": self.chance.randrange(9)})
                case 1:
                    companies.create(tx, name=name, domain=f"{self.chance.randrange(6)}.example")
                case 2:
                    deals.create(
                        tx,
                        title=name,
                        pipeline_id=self.sales.id,
                        value=self.chance.choice([None, 100]),
                        contact_id=self._one(tx, "contacts"),
                    )
                case 3:
                    orders.create(tx, title=name, value=10, contact_id=self._one(tx, "contacts"))

    def edit(self) -> None:
        with self._writing() as tx:
            match self.chance.randrange(4):
                case 0:
                    contacts.edit(
                        tx,
                        self._one(tx, "contacts"),
                        city=self.chance.choice(CITIES),
                        company_id=self._one(tx, "companies"),
                        attributes={
                            "size": self.chance.choice([None, 3, 4]),
                            "level": self.chance.choice([None, "gold", "silver"]),
                        },
                    )
                case 1:
                    companies.edit(tx, self._one(tx, "companies"), description=self.chance.choice(CITIES))
                case 2:
                    deals.edit(tx, self._one(tx, "deals"), value=self.chance.choice([None, 1, 2]), priority="high")
                case 3:
                    orders.edit(tx, self._one(tx, "orders"), value=self.chance.randrange(1, 5), status="overdue")

    def label(self) -> None:
        wanted = self.chance.sample(LABELS, self.chance.randrange(3))
        with self._writing() as tx:
            if self.chance.random() < 0.5:
                contacts.set_labels(tx, self._one(tx, "contacts"), wanted)
            else:
                deals.set_labels(tx, self._one(tx, "deals"), wanted)

    def block(self) -> None:
        with self._writing() as tx:
            self.chance.choice([contacts.block, contacts.unblock])(tx, self._one(tx, "contacts"))

    def move(self) -> None:
        with self._writing() as tx:
            deal_id = self._one(tx, "deals")
            match self.chance.randrange(4):
                case 0:
                    deals.move(tx, deal_id, to_stage=self.chance.choice(self.sales.open_stages).id)
                case 1:
                    deals.win(tx, deal_id, note=self.chance.choice([None, "Good"]))
                case 2:
                    deals.lose(tx, deal_id, reason_id=self.reason)
                case 3:
                    deals.reopen(tx, deal_id)

    def line(self) -> None:
        with self._writing() as tx:
            deal_id = self._one(tx, "deals")
            lines = tx.rows("SELECT id FROM base.deal_lines WHERE deal_id = $id", id=deal_id)
            if lines and self.chance.random() < 0.5:
                quote.remove(tx, deal_id, lines[0]["id"])
            else:
                quote.add(tx, deal_id, name="Chair", unit_price=self.chance.randrange(1, 9))

    def pay(self) -> None:
        with self._writing() as tx:
            orders.set_status(tx, self._one(tx, "orders"), self.chance.choice(["paid", "pending", "refunded"]))

    def delete(self) -> None:
        of: Any
        of, table = self._type()
        with self._writing() as tx:
            of.delete(tx, self._one(tx, table))

    def restore(self) -> None:
        of: Any
        of, table = self._type()
        with self._writing() as tx:
            of.restore(tx, self._one(tx, table, "deleted_at IS NOT NULL"))

    def merge(self) -> None:
        kind, table = self.chance.choice([("contact", "contacts"), ("company", "companies")])
        with self._writing() as tx:
            merging.merge(tx, kind, self._one(tx, table), self._one(tx, table))

    def unmerge(self) -> None:
        kind = self.chance.choice(["contact", "company"])
        with self._writing() as tx:
            standing = merging.merges(tx, kind)
            if standing:
                merging.unmerge(tx, kind, self.chance.choice(standing).id)

    # Many at once

    def change_many(self) -> None:
        table = self.chance.choice(["contacts", "companies", "deals", "orders"])
        with self._writing() as tx:
            change = Change(
                action=self.chance.choice(list(bulk.operations(registry.by_plural(table)))),
                label=self.chance.choice(LABELS),
                owner_id=self.chance.choice([None, self.team.ids.ana, self.team.ids.bob]),
                company_id=self._one(tx, "companies"),
                stage_id=self.chance.choice(self.sales.open_stages).id,
                reason_id=self.reason,
                status=self.chance.choice(["paid", "pending", "refunded"]),
            )
            fitting = {
                Action.SET_OWNER: {"owner_id"},
                Action.SET_COMPANY: {"company_id"},
                Action.MOVE: {"stage_id"},
                Action.LOSE: {"reason_id"},
                Action.ADD_LABEL: {"label"},
                Action.REMOVE_LABEL: {"label"},
                Action.SET_STATUS: {"status"},
            }.get(change.action, set())
            bulk.apply(tx, table, ListQuery(), Change(**change.model_dump(include={"action", *fitting})))

    def undo_change(self) -> None:
        with self._writing() as tx:
            open_ones = [one for one in bulk.find(tx) if one.undone_at is None]
            if open_ones:
                bulk.undo(tx, self.chance.choice(open_ones).id)

    # What records are made of

    def reshape_labels(self) -> None:
        with self._writing() as tx:
            found = labels.all_of(tx)
            if len(found) < 2:
                return
            gone, other = self.chance.sample(found, 2)
            if self.chance.random() < 0.5:
                labels.merge(tx, gone.id, into=other.id)
            else:
                labels.delete(tx, gone.id)

    def reshape_lists(self) -> None:
        with self._writing() as tx:
            level = next(one for one in attributes.definitions(tx, "contact") if one.key == "level")
            values = attributes.list_values(tx, level.id)
            if not values:
                return
            value = self.chance.choice(values)
            if self.chance.random() < 0.5:
                attributes.rename_value(tx, value.id, self.chance.choice(["gold", "silver", "tin"]))
            else:
                attributes.delete_value(tx, value.id, leave_empty=True)

    def convert(self) -> None:
        with self._writing() as tx:
            size = next(one for one in attributes.definitions(tx, "contact") if one.key == "size")
            attributes.convert(tx, size.id, "text" if size.type == "number" else "number", empty_rest=True)

    def empty_bin(self) -> None:
        """Of deals or orders: what a merge did to others is forgotten with the records that were merged."""
        table = self.chance.choice(["deals", "orders"])
        with self.store.writing(SYSTEM) as tx:
            tx.run(f"UPDATE base.{table} SET deleted_at = deleted_at - INTERVAL 60 DAY WHERE deleted_at IS NOT NULL")
            housekeeping.empty_bin(tx)

    # By file

    def bring(self) -> None:
        kind = self.chance.choice(imports.kinds())
        header, row = {
            "contacts": ("email,name,city,company,labels", self._contact_row),
            "companies": ("domain,name,description", self._company_row),
            "deals": ("identifier,title,value,stage,contact_email,labels,closed", self._deal_row),
            "orders": ("external id,title,value,status,contact email", self._order_row),
        }[kind]
        content = "\n".join([header, *(row(number) for number in self.chance.sample(range(6), 3))])
        sha256, size = files.keep(self.store, [content.encode()], 2**30)
        with self._writing() as tx:
            upload = files.register(tx, sha256=sha256, file_name=f"{kind}.csv", size=size)
            options = Options(
                on_duplicate=self.chance.choice(["fill", "overwrite"]),
                make_companies=kind in ("contacts", "deals"),
                make_contacts=kind == "orders",
                leave_unknown=True,
                date_patterns={"*": "%Y-%m-%d"},
            )
            imports.begin(tx, kind, upload.id, options)
        self._work()

    def undo_import(self) -> None:
        with self._writing() as tx:
            done = tx.rows("SELECT id FROM base.imports WHERE state = 'done'")
            if done:
                imports.undo(tx, self.chance.choice(done)["id"])
        self._work()

    def _contact_row(self, number: int) -> str:
        company = self.chance.choice(["", "Nova", "Aurora"])
        labels = self.chance.choice(["", "VIP", "VIP;Press"])
        return f"{number}@x.example,{self.chance.choice(NAMES)},{self.chance.choice(CITIES)},{company},{labels}"

    def _company_row(self, number: int) -> str:
        return f"{number}.example,{self.chance.choice(NAMES)},{self.chance.choice(CITIES)}"

    def _deal_row(self, number: int) -> str:
        stage, closed = self.chance.choice([("Lead", ""), ("Offer", ""), ("Won", self.today), ("", "")])
        value, labels = self.chance.choice(["", "7", "8.50"]), self.chance.choice(["", "Old"])
        return f"D-{number},{self.chance.choice(NAMES)},{value},{stage},{number}@x.example,{labels},{closed}"

    def _order_row(self, number: int) -> str:
        status = self.chance.choice(["paid", "pending"])
        return f"{number},{self.chance.choice(NAMES)},{self.chance.randrange(1, 9)},{status},{number}@x.example"

    # Helpers

    @property
    def today(self) -> str:
        with self.store.reading(self.team.ada) as tx:
            return (tx.today - timedelta(days=0)).isoformat()

    def _writing(self) -> Any:
        return self.store.writing(self.team.ada)

    def _work(self) -> None:
        while worker.work_one(self.store):
            pass

    def _email(self) -> str:
        return f"{self.chance.randrange(6)}@x.example"

    def _type(self) -> tuple[Any, str]:
        return self.chance.choice(
            [(contacts, "contacts"), (companies, "companies"), (deals, "deals"), (orders, "orders")]
        )

    def _one(self, tx: Writing, table: str, where: str = "deleted_at IS NULL") -> int:
        found = [row["id"] for row in tx.rows(f"SELECT id FROM base.{table} WHERE {where} ORDER BY id")]
        return self.chance.choice(found) if found else 0

    def _first_reason(self) -> int:
        with self.store.reading(SYSTEM) as tx:
            return int(tx.value("SELECT min(id) FROM base.close_reasons WHERE kind = 'lost'"))


Step = Callable[[World], None]
STEPS: tuple[Step, ...] = (
    World.make,
    World.make,
    World.edit,
    World.edit,
    World.label,
    World.block,
    World.move,
    World.move,
    World.line,
    World.pay,
    World.delete,
    World.restore,
    World.merge,
    World.unmerge,
    World.change_many,
    World.change_many,
    World.change_many,
    World.undo_change,
    World.bring,
    World.bring,
    World.undo_import,
    World.reshape_labels,
    World.reshape_lists,
    World.convert,
    World.empty_bin,
)
