"""Queries that are asked with every request: their SQL is made once, and only their values change.

Django makes the SQL of a query anew each time, which takes several times as long as the database takes to answer. What
is asked by every turn of every field app needn't.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet


class Again:
    """A query of one form. build: makes it of its values, each of which must be used as it is and change no part of
    the SQL: no lists, no None, nothing that is worked out from them.

    examples: two values of the type of each, different from one another and from what else the query holds.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Any]], *examples: tuple[Any, Any]) -> None:
        """Nothing is asked yet."""
        self._build, self._examples = build, examples
        # a compiler belongs to a connection, and a connection to a thread
        self._local = threading.local()

    def __call__(self, *values: Any) -> list[Any]:
        """What the database holds now, as the query would give it."""
        # a connection that was closed has another inside it when it is open again
        connection.ensure_connection()
        if getattr(self._local, "connection", None) is not connection.connection:
            self._prepare()
        compiler, places = self._local.compiler, self._local.places
        parameters = list(self._local.parameters)
        for place, value in enumerate(values):
            plain = _plain(value)
            for position in places[place]:
                parameters[position] = plain
        sql = self._local.sql
        compiler.as_sql = lambda *arguments, **named: (sql, tuple(parameters))
        return list(self._local.query._iterable_class(self._local.query))

    def _prepare(self) -> None:
        first = [example[0] for example in self._examples]
        query: Any = self._build(*first)
        compiler = query.query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        places = []
        for place, (_, other) in enumerate(self._examples):
            changed: Any = self._build(*first[:place], other, *first[place + 1 :])
            again, others = changed.query.get_compiler(connection=connection).as_sql()
            same = again == sql and len(others) == len(parameters)
            found = [at for at, (a, b) in enumerate(zip(parameters, others, strict=False)) if a != b]
            if not same or not found:
                raise ValueError(f"value {place} changes the form of the query, or isn't used in it as it is")
            places.append(found)
        query.query.get_compiler = lambda *arguments, **named: compiler
        self._local.query, self._local.compiler, self._local.sql = query, compiler, sql
        self._local.parameters, self._local.places = parameters, places
        self._local.connection = connection.connection


def _plain(value: Any) -> Any:
    """A value as the database takes it."""
    if isinstance(value, dt.datetime):
        return connection.ops.adapt_datetimefield_value(value)
    if isinstance(value, dt.date):
        return connection.ops.adapt_datefield_value(value)
    if isinstance(value, UUID) and not connection.features.has_native_uuid_field:
        return value.hex
    return value
