"""The models of custom types and their fields."""

from datetime import datetime, timedelta

from pydantic import BaseModel

from crm.records.attributes import Definition

RETENTION = timedelta(days=30)


class ObjectType(BaseModel, frozen=True):
    id: int
    slug: str
    """Its name in addresses of the API; stays when the type is renamed."""
    singular: str
    plural: str
    icon: str
    primary_field: str
    """The key of the field that names a record everywhere."""
    shared: bool
    """Everybody sees every record, whatever owner-based privacy says."""
    position: int
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None = None
    deleted_by_name: str | None = None
    version: int

    @property
    def kind(self) -> str:
        """The key of its record type."""
        return f"object_{self.id}"

    @property
    def until(self) -> datetime | None:
        """Until when a deleted type can be restored."""
        return self.deleted_at and self.deleted_at + RETENTION


class Field(BaseModel, frozen=True):
    """A field of a custom type."""

    definition: Definition
    required: bool
    unique: bool
    primary: bool

    @property
    def key(self) -> str:
        return self.definition.key

    @property
    def name(self) -> str:
        return self.definition.name
