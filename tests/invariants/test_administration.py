"""Property 3, the half about administration: nobody ends with more than they had by their own administrative acts.

Random administrators, who also sell, manage, oversee and lend a hand, try every route that changes the organisation, with
every argument. The way round by an account of another's making is closed too: it takes a second person.
"""

from __future__ import annotations

import ast
import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.db import transaction
from tests import world
from tests.api.client import signed_in
from tests.invariants.examples import Undo, each_seed

import heli
from heli.access import grants
from heli.access import view as views
from heli.access.facts import World as Facts
from heli.access.models import Grant
from heli.api import routes
from heli.audit.models import Entry
from heli.kernel import clock
from heli.org import verbs as org
from heli.org.models import Assignment, Department, Person, Position, Project, ProjectMember
from heli.policy import checks
from heli.records import act, sql
from heli.records import reach as reaching
from heli.records.act import Action
from heli.records.sight import row_facts
from heli.records.types import TYPES

pytestmark = [pytest.mark.django_db, pytest.mark.storage]

KINDS = ("opportunity", "account")
ACTIONS = ("read", "edit", "delete", "transfer", "approve", "claim")
ADMINISTER = [{"type": "organisation", "actions": ["read", "administer"], "scope": ["all"]}]
SCOPES = ("own", "department", "below", "reports", "oversees", "project", "customer", "customer:below", "pool", "team")
STEPS = 12
WRITES = sorted(
    (route.method, route.path)
    for route in routes._all()
    if route.method != "GET"
    and (
        route.path.startswith("/organisation/")
        or route.path in ("/access/people/{id}/move", "/access/people/{id}/offboard")
    )
)


def may(person: int) -> set[tuple[Any, ...]]:
    """All that a person may do with what there is: actions on records, levels of cells, acts without a record."""
    view = views.of(person)
    found: set[tuple[Any, ...]] = set()
    for code in KINDS:
        kind, rights = TYPES[code], view.type(code)
        if rights is None:
            continue
        listed = ", ".join(f'"{c}"' for c in kind.stored)
        for values in sql.rows(f'SELECT {listed} FROM "{kind.table}" WHERE deleted_at IS NULL'):
            row = dict(zip(kind.stored, values, strict=True))
            account = row["account_id"] if kind.parent == "account" else None
            facts = row_facts(row, reaching.of_row(person, rights, row["id"], account))
            found |= {(code, row["id"], action) for action in ACTIONS if rights.decide(action, facts).allowed}
            for field in kind.fields:
                found |= {(code, row["id"], field, level) for level in range(1, rights.level(field, facts) + 1)}
    for code in ("organisation", "policy", "audit", "settings"):
        found |= {(code, action) for action in ("read", "administer", "grant") if view.may(code, action)}
    return found


def a_company(rng: random.Random) -> tuple[world.World, list[str]]:
    """The tests' company with rights in every scope, and some people who administer the organisation as well."""
    cache.clear()
    made = world.fresh()
    people = list(made.people)
    for n in range(2):
        project = Project.objects.create(name=f"P{n}").pk
        org.add_project_member(world.SETUP, project, made.people[rng.choice(people)])
    for name in people:
        kind = rng.choice(KINDS)
        line = {
            "type": kind,
            "actions": ["read", rng.choice(ACTIONS[1:5])],
            "scope": rng.sample(SCOPES, 3),
            "read": {"*": "read"},
        }
        subject = rng.choice(
            (
                ("person", str(made.people[name])), ("department", str(rng.choice(list(made.departments.values())))),
                ("project_role", "member"), ("position", str(rng.choice(list(made.positions.values())))),
            )
        )  # fmt: skip
        grants.grant_lines(world.SETUP, [line], *subject, below=rng.random() < 0.7)
    projects = list(Project.objects.values_list("pk", flat=True))
    for kind in KINDS:
        for n in range(6):
            record = act.do(made.system, Action(kind, "create", values={"name": f"{kind} {n}"})).id
            sql.execute(
                f'UPDATE "{TYPES[kind].table}" SET owner_id=%s, department_id=%s, pool_id=%s, project_id=%s WHERE id=%s',
                [
                    rng.choice((None, *made.people.values())), rng.choice(list(made.departments.values())),
                    rng.choice(("", "", "all", *(f"d{d}" for d in made.departments.values()))),
                    rng.choice((None, *projects)), record,
                ],
            )  # fmt: skip
    for department in rng.sample(list(made.departments.values()), 2):
        org.set_overseer(world.SETUP, department, made.people[rng.choice(people)])
    administrators = rng.sample(people, 3)
    for name in administrators:
        grants.grant_lines(world.SETUP, ADMINISTER, "person", str(made.people[name]))
    return made, administrators


def a_step(rng: random.Random, own: int) -> tuple[str, str, Any]:
    """Some administrative request with arguments that often fit, often about the very person who asks."""
    method, path = rng.choice(WRITES)

    def person() -> str:
        return str(
            own if rng.random() < 0.4 else rng.choice(list(Person.objects.order_by("pk").values_list("pk", flat=True)))
        )

    def department() -> str:
        return str(rng.choice(list(Department.objects.order_by("pk").values_list("pk", flat=True))))

    def some(of: Any) -> Any:
        return rng.choice(list(of.order_by("pk").values_list("pk", flat=True)) or [1])

    subject = person()
    posts = list(Assignment.objects.filter(person_id=int(subject)).values_list("pk", flat=True)) or [1]
    position = str(some(Position.objects))
    day = (clock.now() + timedelta(days=rng.choice((1, 9)))).date().isoformat()
    body: dict[str, Any] = {
        "/organisation/departments": {"name": f"N{rng.random()}", "parent": department(), "overseer": person(), "head": person()},
        "/organisation/departments/{id}": rng.choice(
            [{"parent": department()}, {"parent": None}, {"overseer": person()}, {"head": person()}, {"parent": department(), "overseer": None}]
        ),
        "/organisation/people": {"name": "New", "username": f"n{rng.random()}", "department": department(), "position": position},
        "/organisation/people/{id}": {"name": "Renamed"},
        "/organisation/people/{id}/assign": {"department": department(), "position": position},
        "/organisation/people/{id}/move": {"department": department(), "position": rng.choice((position, None))},
        "/access/people/{id}/move": {"department": department(), "position": rng.choice((position, None))},
        "/access/people/{id}/offboard": {"successor": rng.choice((None, person()))},
        "/organisation/people/{id}/end": {"assignment": str(rng.choice(posts)), "new_primary": str(rng.choice(posts))},
        "/organisation/people/{id}/primary": {"assignment": str(rng.choice(posts))},
        "/organisation/people/{id}/tokens": {"name": "T", "role": "rep", "days": 1},
        "/organisation/people/{id}/leave": {"successor": rng.choice((None, person(), str(own)))},
        "/organisation/people/{id}/deputy": {"deputy": person(), "until": day},
        "/organisation/people/{id}/manager": {"manager": rng.choice((None, person(), person()))},
        "/organisation/positions": {"name": f"P{rng.random()}"},
        "/organisation/positions/{id}": {"name": f"P{rng.random()}"},
        "/organisation/projects": {"name": f"P{rng.random()}", "lead": person()},
        "/organisation/projects/{id}": {"name": f"P{rng.random()}"},
        "/organisation/projects/{id}/members": {"person": person(), "role": rng.choice(("member", "lead"))},
        "/organisation/projects/{id}/members/{person}": {"role": rng.choice(("member", "lead", "viewer"))},
    }.get(path, {})  # fmt: skip
    if "assignment" in body and rng.random() < 0.5:
        body.pop("new_primary", None)
    later = {"/organisation/people/{id}/end": "until", "/organisation/people/{id}/move": "from"}.get(path)
    if later is not None and rng.random() < 0.3:
        body[later] = day
    member = rng.choice([None, *ProjectMember.objects.order_by("pk")])
    project = member.project_id if member is not None else "0" * 32
    place = {
        "departments": department, "positions": lambda: position, "projects": lambda: project,
    }.get(path.split("/")[2], lambda: subject)()  # fmt: skip
    about = str(member.person_id) if member is not None and rng.random() < 0.8 else subject
    return (
        method,
        path.replace("{id}", place).replace("{person}", about).replace("{deputy}", "1").replace("{token}", "0" * 32),
        body,
    )


@each_seed(4)
def test_nobody_widens_their_own_rights_by_administering(seed: int) -> None:
    rng = random.Random(seed)
    with pytest.raises(Undo), transaction.atomic():
        made, administrators = a_company(rng)
        browsers = {name: signed_in(name) for name in administrators}
        done: list[Any] = []
        for _ in range(STEPS):
            name = rng.choice(administrators)
            own = made.people[name]
            method, path, body = a_step(rng, own)
            before = may(own)
            reply = browsers[name].send(method, path, body if method != "DELETE" else None)
            assert reply.status < 500, (method, path, body, reply.body)
            done.append((name, method, path, body, reply.status))
            if reply.status == 401:  # somebody has set their password, or let them go
                administrators = [one for one in administrators if one != name]
                if not administrators:
                    break
                continue
            more = may(own) - before
            assert not more, f"{done}: {sorted(map(str, more))[:5]}"
        for power in (("organisation", "administer"), ("policy", "grant")):
            assert checks.gap(Facts.load(), *power, clock.now()) is None, (
                f"{done}: nobody {power}, now or on a day to come"
            )
        raise Undo


@pytest.fixture
def company(db: None) -> world.World:
    cache.clear()
    made = world.fresh()
    made.add("adm", "east", "manager")
    grants.grant_lines(world.SETUP, ADMINISTER, "person", str(made.people["adm"]))
    return made


@pytest.mark.parametrize(
    ("act_", "about", "body"),
    [
        ("a department comes below their own", "/organisation/departments/{west}", {"parent": "{east}"}),
        ("they oversee one", "/organisation/departments/{west}", {"overseer": "{adm}"}),
        ("people who report to others report to them", "/organisation/people/{wei}/manager", {"manager": "{mei}"}),
        ("they succeed who leaves", "/organisation/people/{boss}/leave", {"successor": "{adm}"}),
    ],
)
def test_what_would_show_them_more_is_refused_and_leaves_nothing(
    company: world.World, act_: str, about: str, body: dict[str, str]
) -> None:
    """Through the department tree, oversight, the line above them, a leaver's heritage: always another administrator."""
    org.set_overseer(world.SETUP, company.departments["finance"], company.people["boss"])
    org.set_manager(world.SETUP, company.people["mei"], company.people["adm"])
    lines = [{"type": "opportunity", "actions": ["read"], "scope": ["oversees", "reports", "below"]}]
    grants.grant_lines(world.SETUP, lines, "person", str(company.people["adm"]))
    names = {**company.departments, **company.people}
    adm = signed_in("adm")
    before, entries = may(company.people["adm"]), Entry.objects.filter(outcome="done").count()
    reply = adm.send(
        "POST" if about.count("/") > 3 else "PATCH",
        about.format(**names),
        {k: v.format(**names) for k, v in body.items()},
    )
    assert (reply.status, reply.code) == (409, "self"), act_
    assert may(company.people["adm"]) == before
    assert Entry.objects.filter(outcome="done").count() == entries


def test_what_shows_them_nothing_more_is_done(company: world.World) -> None:
    adm, names = signed_in("adm"), company.departments
    assert adm.post("/organisation/departments", {"name": "north", "parent": str(names["east"])}).status == 201
    assert adm.patch(f"/organisation/departments/{names['west']}", {"parent": str(names["support"])}).status == 200
    move = f"/organisation/people/{company.people['wei']}/move"
    assert adm.post(move, {"department": str(names["finance"])}).status == 200
    assert adm.post(move, {"department": str(names["east"])}).status == 202, "there they would see what Wei makes"


def test_the_way_round_by_another_account_takes_a_second_person(company: world.World) -> None:
    company.make("wei", "opportunity", name="W")
    adm = signed_in("adm")
    post = {"department": str(company.departments["root"]), "position": str(company.positions["management"])}
    straw = {"name": "Straw", "username": "straw", "email": "straw@example.com", **post}
    made = adm.post("/organisation/people", straw)
    assert made.status == 202 and not Person.objects.filter(username="straw").exists()
    assert adm.post("/organisation/people", {**straw, "password": "a long password!"}).places == ["password"]
    reset = adm.post(f"/organisation/people/{company.people['boss']}/reset")
    assert reset.status == 202 and signed_in("boss").get("/me").status == 200
    for one in (made, reset):
        at = f"/organisation/requests/{one.body['pending']['id']}"
        assert adm.post(f"{at}/confirm", {}).code == "own"
    assert mail.outbox == []
    told = Entry.objects.filter(actor_id=company.people["adm"], outcome="done").values_list("action", flat=True)
    assert "change.ask" in told and "person.add" not in told


def test_grants_roles_and_ceilings_change_only_where_a_decision_stands_before() -> None:
    """Their verbs decide nothing. So that nobody reaches them without a decision, only these modules may call them."""
    root = Path(heli.__file__).parent
    verbs = {
        "save_role", "close_role", "grant_role", "grant_lines", "revoke", "end_at", "end_source", "bound_source",
        "set_ceiling", "remove_ceiling", "reach", "end_reach",
    }  # fmt: skip
    found = set()
    for path in root.rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        names = {
            alias.asname or alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module == "heli.access"
            for alias in node.names
            if alias.name == "grants"
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in verbs and getattr(node.value, "id", "") in names:
                found.add(str(path.relative_to(root)))
    operators = {
        "config/commands/user.py", "config/bench/world.py", "config/bench/search.py", "config/bench/encryption.py",
        "config/scenarios/sabotage.py", "crm/bring.py", "crm/demo/rights.py", "records/import_org.py",
    }  # fmt: skip
    decided = {
        "policy/apply.py",  # a draft that others approved
        "lending/loans.py", "lending/ends.py", "lending/roles.py",  # what a lender holds, or security approves
        "flows/rights.py",  # a node's work gives what its version says, and security approves
        "lending/standing.py",  # what its lender does not hold any more ends
        "review/decide.py", "review/holdings.py",  # a reviewer takes away; a leaver's end
    }  # fmt: skip
    assert found == {*operators, *decided}
    assert Grant.objects.count() == 0
