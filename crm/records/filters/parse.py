"""Reading a filter from a URL or a request, and writing it back, within limits."""

from collections.abc import Iterator

from pydantic import TypeAdapter, ValidationError

from crm.foundation.errors import Invalid
from crm.records.filters.model import All, Any_, Filter, Not, Related, Rule

LONGEST = 20_000
DEEPEST = 8
MOST_RULES = 100

_ADAPTER: TypeAdapter[Filter] = TypeAdapter(Filter)


def parse(text: str | None) -> Filter | None:
    """The filter that a JSON text stands for; None where there is no text. Invalid where it makes no filter."""
    if not text:
        return None
    if len(text) > LONGEST:
        raise Invalid(f"The filter is {len(text):,} characters long; the limit is {LONGEST:,}.", "filter")
    try:
        asked = _ADAPTER.validate_json(text)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in fault["loc"])
        raise Invalid(
            f"The filter cannot be read{f' at {place}' if place else ''}: {fault['msg']}.", "filter"
        ) from None
    return checked(asked)


def dump(asked: Filter | None) -> str:
    """The JSON text of a filter, as short as it can be; empty for no filter."""
    return _ADAPTER.dump_json(asked, exclude_none=True).decode() if asked else ""


def checked(asked: Filter) -> Filter:
    """The filter, if it is not too deep and not too long."""
    depths = list(_depths(asked, 1))
    if max(depths) > DEEPEST:
        raise Invalid(f"The filter is nested more than {DEEPEST} levels deep.", "filter")
    if len(depths) > MOST_RULES:
        raise Invalid(f"The filter has more than {MOST_RULES} conditions.", "filter")
    return asked


def mentioned(asked: Filter) -> frozenset[str]:
    """The keys of all fields and relations that a filter asks about, at whatever depth."""
    match asked:
        case All(of=parts) | Any_(of=parts):
            return frozenset().union(*map(mentioned, parts))
        case Not(of=inner):
            return mentioned(inner)
        case Related(of=parts):
            own = {asked.relation, *([asked.measure.field] if asked.measure and asked.measure.field else [])}
            return frozenset(own).union(*map(mentioned, parts))
        case Rule():
            return frozenset({asked.field})


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
