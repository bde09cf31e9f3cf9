"""The words by which bodies and addresses name a record type, as types of Pydantic: asked of the registry each time, so
that a new type is known without another edit, and described as the enumeration that they are."""

from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticKnownError, core_schema

from crm.records import registry
from crm.records.declaration import Trait


@dataclass(frozen=True)
class PluralOf:
    """The plural of a type that has a trait: `kind: Annotated[str, PluralOf(Trait.BULK)]`."""

    trait: Trait

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self._known)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"enum": self._words(), "type": "string"}

    def _known(self, value: Any) -> str:
        words = self._words()
        if value not in words:
            *most, final = [f"'{word}'" for word in words]
            raise PydanticKnownError("literal_error", {"expected": f"{', '.join(most)} or {final}"})
        return str(value)

    def _words(self) -> list[str]:
        return [one.plural for one in registry.having(self.trait)]


@dataclass(frozen=True)
class KeyOf(PluralOf):
    """As `PluralOf`, the key of a type."""

    def _words(self) -> list[str]:
        return [one.key for one in registry.having(self.trait)]
