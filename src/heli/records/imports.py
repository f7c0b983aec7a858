"""Running an import: what a profile plans is written through the organisation's verbs and the bulk write door.

A second run of the same files creates and updates nothing. What an import wrote is remembered, so that a later run
tells a person's edits from its own values: edits are kept and flagged, values that nobody touched follow the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from heli.access.viewer import Viewer
from heli.audit import log
from heli.kernel.errors import Conflict, Invalid, Problem
from heli.kernel.words import Words
from heli.org.models import Company
from heli.org.verbs import set_company
from heli.records import sql
from heli.records.import_keys import Keys
from heli.records.import_memory import Memory
from heli.records.import_org import OrganisationImport
from heli.records.import_records import RecordImport
from heli.records.import_report import Report
from heli.records.profiles import ORGANISATION, Profile, Progress, plan_rows
from heli.records.profiles.model import Constant
from heli.records.types import TYPES

NO_TYPE = Words("没有类型“{make}”", 'there is no type "{make}"')
NO_FIELD = Words("{make} 没有字段“{name}”", '{make} has no field "{name}"')
CURRENCY = Words(
    "这份数据以 {theirs} 计价，而公司的本位币是 {ours}；请先换算，或导入到另一个 HELI_HOME",
    "these files count in {theirs}, but the company counts in {ours}; convert them first, or use another HELI_HOME",
)


def run(
    viewer: Viewer,
    profile: Profile,
    folder: Path,
    *,
    dry_run: bool = False,
    progress: Callable[[Progress], None] | None = None,
    before: Callable[[], None] | None = None,
) -> Report:
    """Import a folder as the system; returns what was created, updated, flagged and rejected.

    ``before`` is run first (it brings the shipped roles); ``dry_run`` does everything in one transaction that is undone,
    so it reports the same numbers, and other writers wait for it. Raises ProfileError or TableError (Invalid) before
    anything is written when the profile or a file cannot be used, Conflict when the files count in another currency.
    """
    check(profile)
    with _undone() if dry_run else nullcontext():
        if before is not None:
            before()
        _company(viewer, profile)
        with sql.rare_checkpoints():
            return _run(viewer, profile, folder, progress)


@contextmanager
def _undone() -> Iterator[None]:
    with log.transaction():
        yield
        transaction.set_rollback(True)


def _run(viewer: Viewer, profile: Profile, folder: Path, progress: Callable[[Progress], None] | None) -> Report:
    report = Report(profile)
    memory = Memory(profile.name)
    keys = Keys(memory)
    organisation = OrganisationImport(viewer.actor, memory, keys, report)
    records = RecordImport(viewer, profile, memory, keys, report)
    zone = timezone.get_current_timezone()
    for planned in plan_rows(
        profile, folder, lambda kind, key: keys.one(kind, key) is not None, zone=zone, progress=progress
    ):
        report.take(planned)
        if not planned.target or planned.rejections:
            continue
        full = (organisation if planned.target in ORGANISATION else records).add(planned)
        if full:
            organisation.flush()
            records.flush()
    organisation.flush()
    records.flush()
    return report


def check(profile: Profile) -> None:
    """Whether every type and field that the profile fills exists. Raises Invalid naming each place."""
    problems: list[Problem] = []
    for target in (*profile.fixed, *(target for plan in profile.files for target in plan.targets)):
        if target.make in ORGANISATION:
            continue
        kind = TYPES.get(target.make)
        place = f"{profile.source}:{target.place.line}:{target.place.column}"
        if kind is None:
            problems.append(Problem(place, "unknown", NO_TYPE.fill(make=target.make)))
            continue
        for one in target.fields:
            if one.name not in kind.fields:
                where = f"{profile.source}:{one.place.line}:{one.place.column}"
                problems.append(Problem(where, "unknown", NO_FIELD.fill(make=target.make, name=one.name)))
    if problems:
        raise Invalid(problems)


def _company(viewer: Viewer, profile: Profile) -> None:
    """A new installation takes its name and currency from the profile; an existing one must count in the same money."""
    company = Company.objects.order_by("pk").first()
    if company is None:
        set_company(viewer.actor, name=_name(profile), currency=profile.currency)
    elif profile.currency is not None and company.currency != profile.currency:
        raise Conflict(CURRENCY.fill(theirs=profile.currency, ours=company.currency), code="currency")


def _name(profile: Profile) -> str:
    """The name of the fixed department that has none above it, else the profile's title."""
    for target in profile.fixed:
        fields = {one.name: one.source for one in target.fields}
        name = fields.get("name")
        if target.make == "department" and "parent" not in fields and isinstance(name, Constant):
            return str(name.value)
    return profile.title.en
