"""Parses a filter from a URL or request, within limits, and dumps it back."""

from collections.abc import Iterator

from pydantic import TypeAdapter, ValidationError

from crm.foundation.errors import Invalid
from crm.records.filters.model import All, Any_, Filter, Not, Related, Rule

LONGEST = 20_000
DEEPEST = 8
MOST_RULES = 100

_ADAPTER: TypeAdapter[Filter] = TypeAdapter(Filter)


def parse(text: str | None) -> Filter | None:
    """The filter of a JSON text, None for an empty one. Raises Invalid where it is no filter."""
    if not text:
        return None
    if len(text) > LONGEST:
        raise Invalid(f"The filter is {len(text):,} characters long; the limit is {LONGEST:,}.", "filter")
    try:
        query = _ADAPTER.validate_json(text)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in fault["loc"])
        raise Invalid(
            f"The filter cannot be read{f' at {place}' if place else ''}: {fault['msg']}.", "filter"
        ) from None
    return checked(query)


def dump(query: Filter | None) -> str:
    """The shortest JSON text of a filter; empty for none."""
    return _ADAPTER.dump_json(query, exclude_none=True).decode() if query else ""


def checked(query: Filter) -> Filter:
    """The filter. Raises Invalid where it is too deep or too long."""
    depths = list(_depths(query, 1))
    if max(depths) > DEEPEST:
        raise Invalid(f"The filter is nested more than {DEEPEST} levels deep.", "filter")
    if len(depths) > MOST_RULES:
        raise Invalid(f"The filter has more than {MOST_RULES} conditions.", "filter")
    return query


def mentioned(query: Filter) -> frozenset[str]:
    """The keys of all fields and relations in a filter, at any depth."""
    match query:
        case All(of=parts) | Any_(of=parts):
            return frozenset().union(*map(mentioned, parts))
        case Not(of=inner):
            return mentioned(inner)
        case Related(of=parts):
            own = {query.relation, *([query.measure.field] if query.measure and query.measure.field else [])}
            return frozenset(own).union(*map(mentioned, parts))
        case Rule():
            return frozenset({query.field})


def _depths(part: Filter, depth: int) -> Iterator[int]:
    yield depth
    match part:
        case All(of=parts) | Any_(of=parts) | Related(of=parts):
            for inner in parts:
                yield from _depths(inner, depth + 1)
        case Not(of=inner):
            yield from _depths(inner, depth + 1)
        case Rule():
            return
