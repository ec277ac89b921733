"""Searches: by text (SQL LIKE, as without Elasticsearch) and by condition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.sandbox.zammad.wire import Call, unprocessable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from runner.sandbox.zammad.state import State
    from runner.sandbox.zammad.store import Row

_MODELS = {
    "tickets": "Ticket",
    "users": "User",
    "organizations": "Organization",
    "groups": "Group",
}


def find(state: State, call: Call, table: str, text_columns: tuple[str, ...]) -> list[Row]:
    """Return all rows of a table that match the call's condition and query.

    Args:
        state: the server.
        call: has ``condition``, ``query`` or both.
        table: which rows.
        text_columns: where the query is looked for, anywhere and in any case.

    Raises:
        Failure: 422 for a condition on a column that is not there.
    """
    rows: Iterable[Row] = state.store.tables.named(table).values()
    condition = call.params.get("condition")
    if isinstance(condition, dict) and condition:
        rows = _by_condition(state, table, condition)
    query = call.text("query").strip().lower()
    if query and query != "*":
        indexed = bool(state.settings.value("es_url")) and table == "tickets" and not condition
        rows = [row for row in rows if not (indexed and row["id"] in state.not_indexed)]
        rows = [
            row
            for row in rows
            if any(query in str(row.get(column) or "").lower() for column in text_columns)
        ]
    return list(rows)


def _by_condition(state: State, table: str, condition: Row) -> list[Row]:
    tests = [
        (name.partition(".")[2], operator, value) for name, operator, value in tests_of(condition)
    ]
    wants_all = str(condition.get("operator", "AND")).upper() != "OR"
    for name, _, _ in tests:
        _require_column(state, table, name)
    rows = _candidates(state, table, tests) if wants_all else None
    if rows is None:
        rows = list(state.store.tables.named(table).values())
    quantifier: Callable[[Iterable[bool]], bool] = all if wants_all else any
    return [
        row
        for row in rows
        if quantifier(holds(row.get(name), operator, value) for name, operator, value in tests)
    ]


def tests_of(condition: Row) -> list[tuple[str, str, Any]]:
    """Return the tests of a condition: ``ticket.column``, operator, value."""
    if isinstance(condition.get("conditions"), list):
        nested = condition["conditions"]
        return [(str(t["name"]), str(t["operator"]), t.get("value")) for t in nested]
    return [
        (str(name), str(test.get("operator")), test.get("value"))
        for name, test in condition.items()
    ]


def _require_column(state: State, table: str, name: str) -> None:
    known = {row["name"] for row in state.added_attributes.get(_MODELS[table], ())}
    sample = next(iter(state.store.tables.named(table).values()), {})
    if name not in known and name not in sample and name != "tags":
        raise unprocessable(
            f"PG::UndefinedColumn: ERROR:  column {table}.{name} does not exist", human=False
        )


def _candidates(state: State, table: str, tests: list[tuple[str, str, Any]]) -> list[Row] | None:
    """Use an index where there is one: the ticket number, a user's email or login."""
    for name, operator, value in tests:
        if operator not in ("is", "is any of"):
            continue
        wanted = [str(item) for item in (value if isinstance(value, list) else [value])]
        identifiers = _indexed(state, table, name, wanted)
        if identifiers is not None:
            rows = state.store.tables.named(table)
            return [rows[identifier] for identifier in identifiers]
    return None


def _indexed(state: State, table: str, name: str, wanted: list[str]) -> list[int] | None:
    store = state.store
    if (table, name) == ("tickets", "number"):
        return [store.numbers[number] for number in wanted if number in store.numbers]
    if (table, name) == ("users", "email"):
        return [holder for email in wanted for holder in store.emails.get(email.lower(), ())]
    if (table, name) == ("users", "login"):
        return [store.logins[login.lower()] for login in wanted if login.lower() in store.logins]
    return None


def holds(actual: Any, operator: str, wanted: Any) -> bool:
    """Return whether one test holds; texts compare in any case, as PostgreSQL's ILIKE."""
    test = _OPERATORS.get(operator)
    if test is None:
        raise unprocessable(f"Invalid operator '{operator}' for condition", human=False)
    actuals = [_word(item) for item in (actual if isinstance(actual, list) else [actual])]
    wanteds = [_word(item) for item in (wanted if isinstance(wanted, list) else [wanted])]
    return test(actuals, wanteds)


def _any_in(actuals: list[str], wanteds: list[str]) -> bool:
    return any(item in actuals for item in wanteds)


def _part_of(actuals: list[str], wanteds: list[str]) -> bool:
    return any(item in actual for item in wanteds for actual in actuals)


def _is_set(actuals: list[str], wanteds: list[str]) -> bool:
    del wanteds
    return any(actuals)


_OPERATORS: dict[str, Callable[[list[str], list[str]], bool]] = {
    "is": _any_in,
    "is any of": _any_in,
    "contains one": _any_in,
    "is not": lambda actuals, wanteds: not _any_in(actuals, wanteds),
    "is none of": lambda actuals, wanteds: not _any_in(actuals, wanteds),
    "contains one not": lambda actuals, wanteds: not _any_in(actuals, wanteds),
    "contains all": lambda actuals, wanteds: set(wanteds) <= set(actuals),
    "contains all not": lambda actuals, wanteds: not set(wanteds) <= set(actuals),
    "contains": _part_of,
    "contains not": lambda actuals, wanteds: not _part_of(actuals, wanteds),
    "starts with": lambda actuals, wanteds: actuals[0].startswith(tuple(wanteds)),
    "starts with one of": lambda actuals, wanteds: actuals[0].startswith(tuple(wanteds)),
    "ends with": lambda actuals, wanteds: actuals[0].endswith(tuple(wanteds)),
    "ends with one of": lambda actuals, wanteds: actuals[0].endswith(tuple(wanteds)),
    "is set": _is_set,
    "not set": lambda actuals, wanteds: not _is_set(actuals, wanteds),
    "before (absolute)": lambda actuals, wanteds: bool(actuals[0]) and actuals[0] < wanteds[0],
    "after (absolute)": lambda actuals, wanteds: actuals[0] > wanteds[0],
}


def _word(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).lower()
