"""Pydantic types for the words that name a record type in bodies and URLs. Each value is checked against the registry,
so that a new type is known without another edit; schemas describe the words as an enumeration."""

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
            # The error of a Literal, which these words would be if types were not registered.
            raise PydanticKnownError("literal_error", {"expected": f"{', '.join(most)} or {final}"})
        return str(value)

    def _words(self) -> list[str]:
        return [one.plural for one in registry.having(self.trait)]


@dataclass(frozen=True)
class KeyOf(PluralOf):
    """The key of a type that has a trait."""

    def _words(self) -> list[str]:
        return [one.key for one in registry.having(self.trait)]
