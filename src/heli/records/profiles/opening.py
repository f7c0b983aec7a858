"""Before the first row: every file opened, every column that the profile names found; what is wrong said at once."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import Path

from heli.kernel.errors import Problem
from heli.kernel.words import Words
from heli.records.profiles.indexes import OtherFiles, open_file
from heli.records.profiles.model import Column, FilePlan, Lookup, Profile
from heli.records.profiles.template import Template
from heli.records.profiles.yaml import ProfileError
from heli.records.tables import Table, TableError
from heli.records.tables.table import shown


def open_all(profile: Profile, folder: Path, others: OtherFiles) -> dict[str, Table]:
    """The profile's files by name; optional ones that are absent are left out.

    Raises TableError for the folder, ProfileError naming every file that is missing or unreadable, or every column that
    a file lacks.
    """
    if not folder.is_dir():
        raise TableError(str(folder), "no_folder", Words("没有这个文件夹", "there is no such folder"))
    plans = {plan.name: plan for plan in profile.files}
    needed = others.columns()
    tables: dict[str, Table] = {}
    problems: list[Problem] = []
    for name in [*plans, *(file for file in needed if file not in plans)]:
        plan = plans.get(name)
        if plan and plan.optional and name not in needed and not (folder / name).exists():
            continue
        try:
            tables[name] = open_file(folder, name, plan)
        except TableError as error:
            problems.extend(error.problems)
    if problems:
        raise ProfileError(problems)
    for name, table in tables.items():
        named = dict.fromkeys(sorted(needed.get(name, ())), 0) | dict(_named(plans[name]) if name in plans else ())
        for column, line in named.items():
            if column not in table.headings:
                problems.append(_lacks(table, column, f"{profile.source}:{line}" if line else ""))
    if problems:
        raise ProfileError(problems)
    return {name: table for name, table in tables.items() if name in plans}


def _lacks(table: Table, column: str, where: str) -> Problem:
    zh, en = f"没有“{shown(column)}”列", f'has no column "{shown(column)}"'
    near = difflib.get_close_matches(column, table.headings, n=1)
    if near:
        zh, en = f"{zh}；是不是“{shown(near[0])}”？", f'{en}; did you mean "{shown(near[0])}"?'
    if where:
        zh, en = f"{zh}（{where}）", f"{en} ({where})"
    return Problem(table.name, "no_column", Words(zh, en))


def _named(plan: FilePlan) -> Iterator[tuple[str, int]]:
    """Every heading that the plan names of its own file, with the profile's line."""
    for target in plan.targets:
        for name in target.key.columns if target.key else ():
            yield name, target.place.line
        for condition in target.when:
            yield condition.column, condition.place.line
        for one in target.fields:
            source = one.source
            if isinstance(source, Template):
                for name in source.columns:
                    yield name, one.place.line
            elif isinstance(source, Column | Lookup):
                yield one.column, one.place.line
    for check in plan.checks:
        yield check.column, check.place.line
        if check.test == "not_before":
            yield check.other, check.place.line
        for condition in check.when:
            yield condition.column, condition.place.line
