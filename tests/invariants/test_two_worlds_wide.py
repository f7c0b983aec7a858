"""Property 7 over everything: the shipped roles, all object types, every route with reads and writes, the command line.

One company with records of every type; each case takes a person, changes what they may not see, and asks a sample of all
that can be asked. The torture suite asks thousands of such samples.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from tests import world
from tests.api.client import Api, signed_in
from tests.invariants import examples, worlds
from tests.invariants.test_two_worlds import PLANTS
from tests.invariants.worlds import ABSENT

from heli.access import view as views
from heli.crm.bring import bring
from heli.kernel import clock
from heli.kernel.errors import HeliError
from heli.kernel.words import Words
from heli.org import verbs as org
from heli.org.models import Person, Position, Project
from heli.records import act, related, sql, work
from heli.records import fields as f
from heli.records.act import Action
from heli.records.printed import Printer
from heli.records.types import TYPES, ObjectType

pytestmark = [pytest.mark.django_db, pytest.mark.storage]

KINDS = tuple(kind.code for kind in TYPES)
POSTS = {
    "rep": ("east", "sales_rep"), "rep2": ("east", "sales_rep"), "far": ("west", "sales_rep"), "lead": ("east", "sales_manager"),
    "mark": ("root", "marketing_specialist"), "help": ("west", "support_agent"), "prod": ("root", "product_manager"),
    "fin": ("root", "accountant"), "law": ("root", "legal_counsel"), "head": ("root", "managing_director"),
    "audit": ("root", "auditor"), "adm": ("root", "system_administrator"), "sec": ("root", "security_administrator"),
    "free": ("west", "sales_rep"), "plain": ("east", "engineer"),
}  # fmt: skip
ASKERS = ("rep", "far", "lead", "mark", "help", "prod", "fin", "law", "audit", "adm", "sec", "free", "plain")
"""``head`` sees everything; nothing could differ for them."""
RECORDS = 5
SAMPLE = 50


def some_value(rng: random.Random, one: f.Field, number: int) -> Any:
    """A value as JSON that fits most fields of its kind; None leaves it out."""
    if isinstance(one, f.Choice) and not isinstance(one, f.Choices):
        return rng.choice(one.options).value
    if isinstance(one, f.Phone):
        return f"1380000{number:04d}"
    if isinstance(one, f.Email):
        return f"a{number}@example.com"
    for kind, value in (
        (f.Money, f"{100 * number}.00"),
        (f.Date, "2026-05-01"),
        (f.LongText, f"words {number}"),
        (f.Percent, "50"),
    ):
        if isinstance(one, kind):
            return value
    if type(one) is f.Text:
        return f"{one.code} {number}"
    return None


def a_record(rng: random.Random, made: world.World, kind: ObjectType, number: int, known: dict[str, list[str]]) -> str:
    """A record of any type at any owner's, in any department, pool and project, linked to whatever there is."""
    values: dict[str, Any] = {}
    for code, one in kind.fields.items():
        if one.readonly or one.flow or code == "project":
            continue
        value = rng.choice(known.get(one.target) or [None]) if type(one) is f.Link else some_value(rng, one, number)
        if value is not None and (one.required or code == kind.title or rng.random() < 0.7):
            values[code] = value
    record = act.do(made.system, Action(kind.code, "create", values=values)).id
    pool = rng.random() < 0.2 and kind.code in act.POOLED
    owner = None if pool else rng.choice([made.people[name] for name in POSTS])
    keys = {
        "owner_id": owner, "department_id": made.departments[rng.choice(("east", "west", "root"))], "pool_id": "all" if pool else "",
        "project_id": record if kind.code == "project" else rng.choice((None, *known.get("project", ()))),
    }  # fmt: skip
    sets = ", ".join(f'"{name}"=%s' for name in keys)
    sql.execute(f'UPDATE "{kind.table}" SET {sets} WHERE id=%s', [*keys.values(), record])
    row = next(one for one in worlds.all_rows(kind) if one["id"] == record)
    related.sync(kind, row)
    return record


@pytest.fixture
def company(db: None) -> Iterator[world.World]:
    cache.clear()
    views.CACHE.clear()
    rng = random.Random(4)
    with clock.at(clock.now().replace(microsecond=0)):
        made = world.World.__new__(world.World)
        made.departments, made.people, made.positions = {}, {}, {}
        bring(world.SETUP)
        made.departments["root"] = org.create_department(world.SETUP, "Company")
        for name in ("east", "west"):
            made.departments[name] = org.create_department(world.SETUP, name, made.departments["root"])
        made.positions = dict(Position.objects.values_list("code", "pk"))
        for name, (department, job) in POSTS.items():
            made.add(name, department, job)
        Person.objects.filter(username="free").update(kind="contractor")
        for name in ("rep", "rep2", "plain"):
            org.set_manager(world.SETUP, made.people[name], made.people["lead"])
        known: dict[str, list[str]] = {}
        for code in ("project", "product", "campaign", "account", *KINDS):
            if code not in known:
                known[code] = [a_record(rng, made, TYPES[code], n, known) for n in range(1, RECORDS + 1)]
        for name, project in (("rep", 0), ("plain", 0), ("help", 1)):
            org.add_project_member(world.SETUP, Project.objects.order_by("pk")[project].pk, made.people[name])
        for account in known["account"][:2]:
            owner = Action("account", "team_add", account, {"person": str(made.people["help"]), "types": "contact"})
            act.do(made.system, owner)
        yield made


class Browsers:
    """Who has signed in so far."""

    def __init__(self) -> None:
        self.known: dict[str, Api] = {}

    def __getitem__(self, name: str) -> Api:
        if name not in self.known:
            self.known[name] = signed_in(name)
        return self.known[name]


def check(company: world.World, browsers: Browsers, seed: int, planted: tuple[Any, str, Any] | None = None) -> None:
    """One case: a person, a difference, a sample of questions; and what they do not see answers as what is not there."""
    rng = random.Random(seed)
    name = ASKERS[seed % len(ASKERS)]
    api, viewer = browsers[name], company.as_(name)
    kinds = rng.sample(KINDS, 3)
    records = {code: [row["id"] for row in worlds.all_rows(TYPES[code])] for code in KINDS}
    sampled = {code: rng.sample(records[code], 2) for code in KINDS}
    addresses = list(worlds.addresses(sampled))
    addresses = rng.sample(addresses, min(SAMPLE, len(addresses)))
    tags = {r: api.get(f"/records/{code}/{r}").headers.get("ETag", '"x"') for code in kinds for r in sampled[code]}
    writes = [one for code in kinds for r in sampled[code] for one in worlds.write_requests(code, r, tags[r])]
    writes = rng.sample(writes, min(SAMPLE, len(writes)))

    def ask() -> dict[str, bytes]:
        with pytest.MonkeyPatch.context() as patch:
            if planted is not None:
                patch.setattr(*planted)
            views.CACHE.clear()
            try:
                return {
                    **worlds.route_answers(api, addresses),
                    **worlds.write_answers(api, writes),
                    **worlds.command_answers(name, kinds[:1], sampled),
                }
            finally:
                views.CACHE.clear()

    assert worlds.leaks(ask, viewer, seed, KINDS) == [], f"{name}, seed {seed}"
    for code in kinds:
        rows = worlds.all_rows(TYPES[code])
        unseen = [row["id"] for row in rows if worlds.levels(viewer, TYPES[code], row) is None]
        if unseen:
            _as_absent(api, code, rng.choice(unseen), rng)


def _as_absent(api: Api, code: str, record: str, rng: random.Random) -> None:
    reads = [a for a in worlds.addresses({code: [record]}) if record in a]
    writes = [one for one in worlds.write_requests(code, record, '"x"') if record in one[1]]
    reads, writes = rng.sample(reads, min(6, len(reads))), rng.sample(writes, min(12, len(writes)))
    answers = worlds.route_answers(api, [*reads, *(a.replace(record, ABSENT) for a in reads)])
    answers |= worlds.write_answers(api, [*writes, *((m, p.replace(record, ABSENT), b, h) for m, p, b, h in writes)])
    for asked, answer in answers.items():
        if record in asked:
            absent = answers[asked.replace(record, ABSENT)]
            assert answer.replace(record.encode(), ABSENT.encode()) == absent, asked


def test_every_type_answers_alike_in_both_worlds(company: world.World) -> None:
    browsers = Browsers()
    for seed in range(int(os.environ.get("HELI_EXAMPLES", "8"))):
        check(company, browsers, seed)


@pytest.mark.torture
def test_every_type_answers_alike_in_thousands_of_worlds(
    company: world.World, capsys: pytest.CaptureFixture[str]
) -> None:
    browsers = Browsers()
    seeds = range(examples.FIRST, examples.FIRST + examples.CASES)
    for seed in seeds:
        try:
            check(company, browsers, seed)
        except BaseException as error:
            error.add_note(f"again: HELI_SEED={seed} HELI_CASES=1 pytest -m torture -k thousands_of_worlds")
            raise
    with capsys.disabled():
        print(f"\ntwo worlds of all types: {len(seeds)} seeds from {seeds.start}", flush=True)  # noqa: T201


def _names_what_is_refused(viewer: Any, kind: ObjectType, action: str, row: Any, field: str | None = None) -> HeliError:
    return HeliError(Words(repr(row), repr(row)))


LEAKS: dict[str, tuple[Any, str, Any]] = {
    "records are not checked": PLANTS["records are not checked"],
    "refusals of writes tell the row": (work, "refusal", _names_what_is_refused),
    "the command line prints all": (Printer, "rows", lambda self, items: [*items, *worlds.all_rows(self.kind)]),
}


@pytest.mark.parametrize("plant", LEAKS)
def test_a_planted_leak_is_found_here_too(company: world.World, plant: str) -> None:
    browsers = Browsers()
    for seed in range(6 * len(ASKERS)):
        try:
            check(company, browsers, seed, LEAKS[plant])
        except AssertionError:
            return
    pytest.fail(f"the harness does not see that {plant}")


def test_the_company_has_all_that_differs(company: world.World) -> None:
    """Records of all types, seen and unseen by most who ask: else nothing would be tested."""
    assert len(KINDS) == 17
    for name in ("rep", "lead", "help", "mark"):
        viewer = company.as_(name)
        seen = {
            code: [worlds.levels(viewer, TYPES[code], row) is not None for row in worlds.all_rows(TYPES[code])]
            for code in KINDS
        }
        assert sum(map(any, seen.values())) >= 7, (name, seen)
        assert sum(not all(one) for one in seen.values()) >= 8, (name, seen)
