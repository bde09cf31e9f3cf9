"""Freezes what several people are given: lists, dictionaries and sets in it are copied for each, the rest is shared."""

import sys
from collections.abc import Callable, Collection, Iterable, Mapping, MutableMapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache
from itertools import islice
from types import NoneType
from typing import Any

import polars as pl
import pyarrow as pa
from pydantic import BaseModel

_PLAIN = (NoneType, bool, int, float, complex, str, bytes, date, datetime, time, timedelta, Decimal, Enum, type)
# By far the most of what is measured (a board's answer holds 13,000 values): an exact type is found in a set in a
# hundredth of the time that the questions below take.
_PLAINEST = frozenset({NoneType, bool, int, float, str, bytes, date, datetime, Decimal})
_SIZES = {
    type(each): sys.getsizeof(each)
    for each in (None, True, 2**30, 0.5, date.max, datetime.fromtimestamp(0, UTC), Decimal("0.1"))
}
"""{plain type: bytes of each of its values, or nearly}."""

SAMPLE = 8
"""About so many of a long tuple's values are measured for all of them: they are alike."""


@dataclass(frozen=True)
class _Copied:
    """A container of which each gets one of their own. `parts` are frozen; where `plain`, none of them is copied."""

    make: Callable[[Iterable[Any]], Any]
    parts: tuple[Any, ...]
    plain: bool

    def thawed(self) -> Any:
        return self.make(self.parts) if self.plain else self.make(thawed(part) for part in self.parts)


@dataclass(frozen=True)
class _CopiedDictionary:
    """A dictionary of which each gets one of their own; the values at the places `copied` are copied, too."""

    keys: tuple[Any, ...]
    values: tuple[Any, ...]
    copied: tuple[int, ...]

    def thawed(self) -> dict[Any, Any]:
        values = list(self.values)
        for place in self.copied:
            values[place] = values[place].thawed()
        return dict(zip(self.keys, values, strict=True))


_COPIED = (_Copied, _CopiedDictionary)


@dataclass(frozen=True)
class Frozen:
    """A value that nobody can change, and about how many bytes it holds."""

    value: Any
    size: int

    def thawed(self) -> Any:
        """The value, with lists, dictionaries and sets that are the caller's own."""
        return thawed(self.value)


def freeze(value: object) -> Frozen:
    """Raises TypeError for an object that can be changed and is no list, dictionary or set, such as a model that is
    not frozen. What stands in the fields of a frozen pydantic model is shared."""
    freezing = _Freezing()
    return Frozen(freezing.frozen(value), freezing.size)


def size_of(arguments: object) -> int:
    """About how many bytes the arguments of a call hold. What is no value, tuple or model, such as a declaration, is
    shared with the rest of the program and counts as nothing."""
    if type(arguments) in _PLAINEST:
        return sys.getsizeof(arguments)
    if isinstance(arguments, tuple | frozenset):
        step = max(len(arguments) // SAMPLE, 1)
        return sys.getsizeof(arguments) + step * sum(map(size_of, islice(arguments, 0, None, step)))
    if isinstance(arguments, BaseModel):
        return sum(map(size_of, arguments.__dict__.values()))
    return 0


def thawed(value: Any) -> Any:
    return value.thawed() if isinstance(value, _COPIED) else value


class _Freezing:
    def __init__(self) -> None:
        self.size = 0
        self._seen: set[int] = set()

    def frozen(self, value: Any) -> Any:
        if isinstance(value, _PLAIN):
            self.size += sys.getsizeof(value)
            return value
        if isinstance(value, list):
            return self._copied(list, value)
        if isinstance(value, dict):
            return self._dictionary(value)
        if isinstance(value, set):
            return self._copied(set, value)
        if isinstance(value, tuple) and type(value) is tuple:
            copied = self._copied(tuple, value)
            return value if copied.plain else copied
        if is_dataclass(value) and not isinstance(value, type):
            return self._dataclass(value)
        self._measure(value, strict=True)
        return value

    def _dictionary(self, value: dict[Any, Any]) -> _CopiedDictionary:
        keys, values = (self._parts(part) for part in (value, value.values()))
        copied = tuple(place for place, each in enumerate(values) if isinstance(each, _COPIED))
        return _CopiedDictionary(keys, values, copied)

    def _parts(self, values: Iterable[Any]) -> tuple[Any, ...]:
        # Of a list's rows nearly every value is plain: asked here, it saves a call for each.
        parts = tuple(each if type(each) in _PLAINEST else self.frozen(each) for each in values)
        self.size += sys.getsizeof(parts) + sum(map(sys.getsizeof, parts))
        return parts

    def _copied(self, make: Callable[[Iterable[Any]], Any], values: Iterable[Any]) -> _Copied:
        parts = self._parts(values)
        return _Copied(make, parts, not any(isinstance(part, _COPIED) for part in parts))

    def _dataclass(self, value: Any) -> Any:
        of = type(value)
        if not _is_frozen(of):
            raise TypeError(f"{of.__name__} can be changed, so it cannot be given to several people")
        self.size += sys.getsizeof(value)
        names = [each.name for each in fields(of) if each.init]
        parts = tuple(self.frozen(getattr(value, name)) for name in names)
        if not any(isinstance(part, _COPIED) for part in parts):
            return value
        return _Copied(lambda own: of(**dict(zip(names, own, strict=True))), parts, plain=False)

    def _measure(self, value: Any, *, strict: bool) -> None:
        """Add the size of an object that is shared."""
        if id(value) in self._seen:
            return
        self._seen.add(id(value))
        self.size += sys.getsizeof(value)
        of: Any = type(value)
        if isinstance(value, tuple | frozenset) or (not strict and isinstance(value, list | set)):
            self._measure_each(value, strict=strict)
        elif _is_frozen_model(of):
            self._measure_each(value.__dict__.values(), strict=False)
        elif isinstance(value, pl.DataFrame):
            self.size += int(value.estimated_size())
        elif isinstance(value, pa.Table):
            self.size += int(value.nbytes)
        elif is_dataclass(value) and _is_frozen(type(value)):
            self._measure_all((getattr(value, each.name) for each in fields(value)), strict=False)
        elif isinstance(value, Mapping) and not (strict and isinstance(value, MutableMapping)):
            self._measure_each(value.values(), strict=strict)
        elif strict and not isinstance(value, _PLAIN) and not callable(value):
            raise TypeError(f"a {type(value).__name__} can be changed, so it cannot be given to several people")

    def _measure_each(self, values: Collection[Any], *, strict: bool) -> None:
        step = len(values) // SAMPLE
        # What is shared has to be looked at whole.
        if strict or step < 2:
            self._measure_all(values, strict=strict)
            return
        before = self.size
        self._measure_all(islice(values, 0, None, step), strict=False)
        self.size += (step - 1) * (self.size - before)

    def _measure_all(self, values: Iterable[Any], *, strict: bool) -> None:
        for each in values:
            of = type(each)
            if of in _SIZES:
                self.size += _SIZES[of]
            elif of in _PLAINEST:
                self.size += sys.getsizeof(each)
            else:
                self._measure(each, strict=strict)


@cache
def _is_frozen_model(of: Any) -> bool:
    # Asked of each card of a board, and the question takes longer than all the card's values.
    return issubclass(of, BaseModel) and bool(of.model_config.get("frozen"))


def _is_frozen(of: Any) -> bool:
    return bool(of.__dataclass_params__.frozen)
