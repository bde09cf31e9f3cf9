"""Pydantic types for the words that name a record type in bodies and URLs. Each value is checked against the registry,
so that a new type is known without another edit; schemas describe the words as an enumeration."""

from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticKnownError, core_schema

from crm.records import registry
from crm.records.declaration import RecordType, Trait


@dataclass(frozen=True)
class PluralOf:
    """The plural of a type that has a trait: `kind: Annotated[str, PluralOf(Trait.BULK)]`. For a custom type its slug
    and its key do, too; the value is the plural all the same."""

    trait: Trait

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self._known)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"enum": self.described(), "type": "string"}

    def described(self) -> list[str]:
        """The words that everybody may know of: those of custom types are described to their team alone."""
        return [self.word(of) for of in self._types() if not of.custom]

    def word(self, of: RecordType[Any]) -> str:
        return of.plural

    def _known(self, value: Any) -> str:
        known = self._types()
        for of in known:
            if value == self.word(of) or (of.custom and value in (of.slug, of.key, of.plural)):
                return self.word(of)
        *most, final = [f"'{of.slug or self.word(of)}'" for of in known]
        # The error of a Literal, which these words would be if types were not registered.
        raise PydanticKnownError("literal_error", {"expected": f"{', '.join(most)} or {final}"})

    def _types(self) -> list[RecordType[Any]]:
        return registry.having(self.trait)


@dataclass(frozen=True)
class KeyOf(PluralOf):
    """The key of a type that has a trait."""

    def word(self, of: RecordType[Any]) -> str:
        return of.key


@dataclass(frozen=True)
class Compared(KeyOf):
    """The key of a type whose records are compared for duplicates."""

    trait: Trait = Trait.MERGE

    def _types(self) -> list[RecordType[Any]]:
        return [of for of in super()._types() if of.duplicate_rules]
