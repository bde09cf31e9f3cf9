"""A filter while a person builds it: lines may be unfinished, groups empty. It is made from a filter, and gives one.

Every node has an id of its own, by which its widgets are known, so that removing one leaves the others as they are.
"""

import dataclasses
import itertools
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from crm.records.filters import All, Any_, Figure, Filter, Measure, Not, Operator, Related, Rule

Mode = Literal["all", "any", "none", "not_all"]
How = Literal["some", "no"] | Figure

# One count for the process: a new draft never meets the widgets of one that was closed.
_NUMBERS = itertools.count(1)
VALUELESS: tuple[Operator, ...] = ("is_empty", "is_not_empty")
"""Operators that take no value."""


def _number() -> int:
    return next(_NUMBERS)


@dataclass
class Line:
    """One condition."""

    field: str | None = None
    op: Operator | None = None
    value: Any = None
    id: int = dataclasses.field(default_factory=_number)

    @property
    def filter(self) -> Rule | None:
        """The condition; None while it is unfinished."""
        if self.field is None or self.op is None or not _is_given(self.op, self.value):
            return None
        return Rule(field=self.field, op=self.op, value=None if self.op in VALUELESS else self.value)


@dataclass
class Group:
    mode: Mode = "all"
    parts: list["Node"] = dataclasses.field(default_factory=list)
    id: int = dataclasses.field(default_factory=_number)

    @property
    def filter(self) -> Filter | None:
        """The filter of the finished parts; None where there is none."""
        of = finished(self.parts)
        if not of:
            return None
        match self.mode:
            case "all":
                return All(of=of)
            case "any":
                return Any_(of=of)
            case "none":
                return Not(of=Any_(of=of))
            case "not_all":
                return Not(of=All(of=of))


@dataclass
class Block:
    """Related records: some or none that meet all parts, or a figure over those that do, compared by `measured`."""

    relation: str
    how: How = "some"
    parts: list["Node"] = dataclasses.field(default_factory=list)
    measured: Line = dataclasses.field(default_factory=Line)
    currency: str | None = None
    id: int = dataclasses.field(default_factory=_number)

    @property
    def filter(self) -> Filter | None:
        of = finished(self.parts)
        if self.how == "some" or self.how == "no":
            found = Related(relation=self.relation, of=of)
            return Not(of=found) if self.how == "no" else found
        rule = self.measured.filter
        if rule is None:
            return None
        key = None if self.how == "count" else rule.field
        measure = Measure(figure=self.how, field=key, currency=self.currency, op=rule.op, value=rule.value)
        return Related(relation=self.relation, of=of, measure=measure)


Node: TypeAlias = Line | Group | Block


def finished(parts: list[Node]) -> tuple[Filter, ...]:
    return tuple(done for part in parts if (done := part.filter) is not None)


def drafted(given: Filter | None) -> Group:
    """The draft of a filter; one unfinished line where there is none yet."""
    if given is None:
        return Group(parts=[Line()])
    node = _node(given)
    return node if isinstance(node, Group) else Group(parts=[node])


def without(parts: list[Node], node_id: int) -> None:
    """Remove a node, wherever it stands below."""
    parts[:] = [part for part in parts if part.id != node_id]
    for part in parts:
        if not isinstance(part, Line):
            without(part.parts, node_id)


def _node(given: Filter) -> Node:
    match given:
        case Rule():
            return Line(given.field, given.op, given.value)
        case All(of=parts):
            return Group("all", [_node(part) for part in parts])
        case Any_(of=parts):
            return Group("any", [_node(part) for part in parts])
        case Related():
            return _block(given)
        case Not(of=Any_(of=parts)):
            return Group("none", [_node(part) for part in parts])
        case Not(of=All(of=parts)):
            return Group("not_all", [_node(part) for part in parts])
        case Not(of=Related(measure=None) as related):
            block = _block(related)
            block.how = "no"
            return block
        # A negated line has no mode of its own: it is a group of one, of which none is met.
        case Not(of=inner):
            return Group("none", [_node(inner)])


def _block(given: Related) -> Block:
    block = Block(given.relation, parts=[_node(part) for part in given.of])
    if given.measure:
        block.how = given.measure.figure
        # A count has no field: its line bears the relation's key, as the builder sets it.
        block.measured = Line(given.measure.field or given.relation, given.measure.op, given.measure.value)
        block.currency = given.measure.currency
    return block


def _is_given(op: Operator, value: Any) -> bool:
    if op in VALUELESS:
        return True
    if isinstance(value, tuple):
        return bool(value) and None not in value
    return value is not None and value != ""
