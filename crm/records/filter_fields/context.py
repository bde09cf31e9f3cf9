"""One look at what can be filtered by now: people, teams, labels, stages and attributes are each read at most once, and
only where they are wanted."""

from dataclasses import dataclass
from functools import cached_property

from crm.pipelines import all_of
from crm.platform.people import users
from crm.records import attributes, labels
from crm.records.filters import Field, FieldType
from crm.store import Reading


@dataclass(frozen=True)
class Look:
    """`keys` are the fields and relations that a filter mentions; None where everything is wanted."""

    tx: Reading
    keys: frozenset[str] | None = None

    def wants(self, key: str) -> bool:
        return self.keys is None or key in self.keys

    def choice(self, key: str, label: str, sql: str, options: str, within: str = "{condition}") -> list[Field]:
        """A field whose values are chosen from `options`, a property of this look; none where it is not wanted."""
        if not self.wants(key):
            return []
        return [Field(key, label, FieldType.REFERENCE, sql, within, options=getattr(self, options))]

    def dear(self, view: str) -> str:
        """SQL to stand behind FROM: a view that is dear to read, read once however many conditions ask for it. The
        view itself where everything is wanted, since that is kept for longer than the look lasts."""
        if self.keys is None:
            return view
        self.tx.lay_once(f"{view}_now", f"SELECT * FROM {view}")
        return f"temp.{view}_now"

    def attributes(self, model: str, owner: str, *, prefix: str = "", label: str = "") -> dict[str, Field]:
        """As `attributes.fields`."""
        if self.keys is None or any(key.startswith(f"{prefix}attribute:") for key in self.keys):
            return attributes.fields(self.tx, model, owner, prefix=prefix, label=label)
        return {}

    @cached_property
    def people(self) -> dict[int, str]:
        """Everybody, those too who left: records may still be theirs."""
        return {person.id: person.name for person in users.everyone(self.tx)}

    @cached_property
    def teams(self) -> dict[int, str]:
        return {row["id"]: row["name"] for row in self.tx.rows("SELECT id, name FROM teams ORDER BY name")}

    @cached_property
    def labels(self) -> dict[int, str]:
        return {label.id: label.name for label in labels.all_of(self.tx)}

    @cached_property
    def products(self) -> dict[int, str]:
        """Those too that are sold no longer: deals may still hold them."""
        rows = self.tx.rows("SELECT id, sku, name FROM products ORDER BY lower(name), id")
        return {row["id"]: f"{row['sku']}: {row['name']}" for row in rows}

    @cached_property
    def pipelines(self) -> dict[int, str]:
        return {row["id"]: row["name"] for row in self.tx.rows("SELECT id, name FROM pipelines ORDER BY position, id")}

    @cached_property
    def stages(self) -> dict[int, str]:
        """With the pipeline's name before each."""
        return {stage.id: f"{pipeline.name}: {stage.name}" for pipeline in all_of(self.tx) for stage in pipeline.stages}

    @cached_property
    def close_reasons(self) -> dict[int, str]:
        rows = self.tx.rows("SELECT id, kind, name FROM close_reasons ORDER BY kind, position")
        return {row["id"]: f"{row['kind'].title()}: {row['name']}" for row in rows}
