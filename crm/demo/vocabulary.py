"""The names of demo data, from data/vocabulary.toml, and random choices."""

import random
import tomllib
from functools import cache

from pydantic import BaseModel

from crm.foundation.access import Role
from crm.foundation.settings import ROOT

FILE = ROOT / "data" / "vocabulary.toml"


class Country(BaseModel, frozen=True):
    share: int
    cities: dict[str, str]
    """{city: telephone area}."""
    first: list[str]
    last: list[str]
    surnames: int = 1
    """The most surnames of a person, a mother's before a father's."""


class CompanyWords(BaseModel, frozen=True):
    first: list[str]
    second: list[str]


class Vocabulary(BaseModel, frozen=True):
    mail_hosts: list[str]
    teams: dict[str, list[str]]
    """{team: its reps}."""
    others: dict[Role, str]
    """One person for each role but rep."""
    companies: CompanyWords
    people: dict[str, Country]
    """{ISO 3166 code: country}."""


@cache
def vocabulary() -> Vocabulary:
    return Vocabulary(**tomllib.loads(FILE.read_text("utf-8")))


def weighted(chance: random.Random, shares: dict[str, int]) -> str:
    """A random key, weighted by the shares."""
    return chance.choices(list(shares), weights=list(shares.values()))[0]
