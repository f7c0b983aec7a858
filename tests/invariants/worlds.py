"""The harness of property 7: two worlds that differ only in what one person may not see, and everything that they may ask.

Both worlds are the same database: the second has the difference written in a savepoint that is undone. What cannot be
silent is a register, ``docs/disclosures.md``; the worlds do not differ in it.
"""

from __future__ import annotations

import contextlib
import io
import random
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import orjson
from django.db import transaction
from tests.api.client import Api

from heli.access.core.line import Level
from heli.access.viewer import Viewer
from heli.api import routes
from heli.audit import pending
from heli.config import cli
from heli.guard import ledger
from heli.kernel import clock, ids
from heli.kernel.errors import HeliError
from heli.org.models import Person
from heli.records import act, hooks, reach, related, search, sql, store, write
from heli.records import fields as f
from heli.records.act import Action
from heli.records.models import Comment
from heli.records.sight import row_facts
from heli.records.types import TYPES, ObjectType

ABSENT = "0" * 32
CURSOR = re.compile(rb'"next":"[^"]+"')


# -- the difference ---------------------------------------------------------------------------------------------


def all_rows(kind: ObjectType) -> list[dict[str, Any]]:
    listed = ", ".join(f'"{c}"' for c in kind.stored)
    return [
        dict(zip(kind.stored, row, strict=True)) for row in sql.rows(f'SELECT {listed} FROM "{kind.table}" ORDER BY id')
    ]


def levels(viewer: Viewer, kind: ObjectType, row: dict[str, Any]) -> dict[str, Level] | None:
    """What the viewer sees of a row, decided in process; None when it is not visible."""
    rights = viewer.view.type(kind.code) if viewer.view is not None else None
    if rights is None or not rights.read:
        return None
    account = row["account_id"] if kind.parent == "account" else None
    facts = row_facts(row, reach.of_row(viewer.person, rights, row["id"], account))
    if not rights.decide("read", facts).allowed:
        return None
    return {code: rights.level(code, facts) for code in kind.fields}


def other_value(rng: random.Random, one: f.Field, value: Any) -> Any:
    """Another value of the same kind, or the same when this kind is left alone."""
    if (
        one.column.endswith("_id")
        or one.code in ("stage", "status", "created_at", "updated_at")
        or one.readonly
        or one.flow
    ):
        return value
    if isinstance(one, f.Phone):
        return f"139{rng.randint(10**7, 10**8 - 1)}"
    if isinstance(one, f.Money):
        return rng.choice((1, 77_700, 99_999_900, value))
    if type(one) is f.LongText:
        return rng.choice(("hidden words", "other hidden words", value))
    if type(one) is f.Email:
        return f"hidden{rng.randint(1, 99)}@example.com"
    if type(one) is f.Choice:
        return rng.choice([option.value for option in one.options])
    if type(one) is f.Date:
        return clock.today() + timedelta(days=rng.randint(-400, 400))
    if type(one) is f.Number:
        return rng.choice((max(one.lowest, 0), value))
    if type(one) is f.Text:
        return rng.choice(("AAA hidden", "zzz hidden", "Acme hidden")) + (f" {rng.random()}" if one.unique else "")
    return value


PARTS = ("name", "status", "ends_on")
"""What says of a project which it is and whether it has ended."""


def differ(viewer: Viewer, seed: int, kinds: Sequence[str]) -> int:
    """Change what the viewer may not see, everywhere; returns how much was changed."""
    rng = random.Random(seed)
    changed = 0
    labelled = disclosed_labels(viewer, kinds)
    for code in kinds:
        kind = TYPES[code]
        if code == "project" and viewer.view is not None and viewer.view.may("organisation", "administer"):
            continue  # the register's entry ``projects``
        named = (
            code == "project" and viewer.view is not None and viewer.view.may("policy", "read")
        )  # its entry ``parts``
        for row in all_rows(kind):
            seen = levels(viewer, kind, row)
            for field, one in kind.fields.items():
                if (field == kind.title and row["id"] in labelled) or (named and field in PARTS):
                    continue
                new = other_value(rng, one, row[one.column])
                level = Level.HIDDEN if seen is None else seen[field]
                if (
                    new == row[one.column]
                    or level == Level.READ
                    or (level == Level.MASKED and one.mask(new) != one.mask(row[one.column]))
                ):
                    continue
                columns = write.columns(kind, {field: new})
                if levels(viewer, kind, {**row, **columns}) != seen:
                    continue  # a condition looks at this cell: the change would show or hide the row
                write.update(kind, row["id"], columns)
                row.update(columns)
                changed += 1
            _follow(kind, row)
            if seen is None and not named:
                changed += _around(rng, kind, row, may_go=row["id"] not in labelled and code != "project")
    return changed


def disclosed_labels(viewer: Viewer, kinds: Sequence[str]) -> set[str]:
    """Records whose title is told by a label link of a record that the viewer sees: the register's entry ``label``."""
    found: set[str] = set()
    for code in kinds:
        kind = TYPES[code]
        links = [one for one in kind.fields.values() if isinstance(one, f.Link) and one.label]
        for row in all_rows(kind):
            seen = levels(viewer, kind, row)
            if seen is not None:
                found |= {row[one.column] for one in links if seen[one.code] == Level.READ and row[one.column]}
    return found


def _follow(kind: ObjectType, row: dict[str, Any]) -> None:
    """What the write door brings along, but for the last activity of a customer: a company-wide field (see the register)."""
    if kind.code != "activity":
        hooks.written.fire(kind, row)


def _around(rng: random.Random, kind: ObjectType, row: dict[str, Any], *, may_go: bool) -> int:
    """More of the invisible: twins, remarks, other people's reach, deletions.

    No project goes: its end takes rights from its members, which tells who sees a record (the register's entry ``who``).
    """
    twin = {**row, "id": ids.uuid7()}
    for code, one in kind.fields.items():
        if one.unique:
            twin |= write.columns(kind, {code: f"twin {rng.random()}"})
    write.insert(kind, twin)
    Comment.objects.create(type=kind.code, record_id=row["id"], author_id=1, body="hidden")
    related.sync(kind, twin)
    _follow(kind, twin)
    if may_go and rng.random() < 0.3:
        write.update(kind, row["id"], {"deleted_at": clock.now()})
    return 1


# -- the answers ------------------------------------------------------------------------------------------------


def told(ask: Callable[[], Any]) -> bytes:
    """An answer as bytes: a refusal with all its words."""
    try:
        return orjson.dumps(ask(), default=str, option=orjson.OPT_NON_STR_KEYS)
    except HeliError as error:
        problems = [(p.place, p.code, p.words.json()) for p in getattr(error, "problems", ())]
        return orjson.dumps([type(error).__name__, error.code, error.words.json(), problems], default=str)


def door_answers(viewer: Viewer, records: dict[str, list[str]]) -> dict[str, bytes]:
    answers: dict[str, bytes] = {}

    def ask(name: str, question: Callable[[], Any]) -> None:
        answers[name] = told(question)

    for code, some in records.items():
        for sort in ("name", "-amount", "amount,name", "-updated_at", "-name,amount", "-annual_revenue", "subject"):
            ask(f"list {code} {sort}", lambda c=code, s=sort: page(viewer, c, s))
        for given in (
            {"name": {"contains": "hidden"}}, {"amount": {">=": "700"}}, {"or": [{"name": "Secret"}, {"amount": {"<": "700"}}]},
            {"amount": None}, {"name": {"!=": "A1"}}, {"mobile": {"starts": "139"}}, {"competitor": None},
        ):  # fmt: skip
            ask(f"filter {code} {given}", lambda c=code, g=given: store.query(viewer, c).where(g).ids())
        for by in (None, "owner", "account", "stage", "department", "name", "amount", "mobile"):
            for total in (None, "amount"):
                ask(
                    f"count {code} {by} {total}", lambda c=code, b=by, t=total: repr(store.query(viewer, c).count(b, t))
                )
        for key in ("Secret", "AAA hidden", "Acme", "West"):
            ask(f"find {code} {key}", lambda c=code, k=key: store.query(viewer, c).find(k))
        for record in (*some, ABSENT):
            ask(f"one {code} {record}", lambda c=code, r=record: shown(viewer, c, r))
            for verb, values in (
                ("edit", {"name": "x"}), ("edit", {"amount": "1.00"}), ("edit", {"nmae": "x"}), ("delete", {}), ("restore", {}),
                ("reveal", {"field": "mobile"}), ("reveal", {"field": "amount"}), ("transfer", {"owner": "1"}), ("claim", {}),
            ):  # fmt: skip
                action = Action(code, verb, record, values, dry_run=True)
                ask(f"act {code} {record} {verb} {values}", lambda a=action: act.do(viewer, a).answer)
    for text in ("hidden", "Secret", "138", "A", "AAA", "139"):
        ask(f"search {text}", lambda t=text: [repr(h) for h in search.find(viewer, t)])
    return answers


def page(viewer: Viewer, code: str, sort: str) -> Any:
    got, after = [], None
    for _ in range(20):
        found = store.query(viewer, code).sort(sort).page(2, after)
        got.append((found.items, found.access, found.next is not None))
        after = found.next
        if after is None:
            break
    return got


def shown(viewer: Viewer, code: str, record: str) -> Any:
    one = store.query(viewer, code).one(record)
    return one.values, one.access, act.etag(one)


COUNTED = ("/access/people/{id}/holdings",)
"""Routes that tell how many records somebody owns, seen or unseen: registered as ``leaving``, and the worlds differ in them."""
QUERIES = {
    "/search": ("?q=hidden", "?q=Secret", "?q=A", "?q=139"),
    "/why": (),
    "/organisation/people": ("", "?q=a", "?limit=3"),
    "/flows/trial/cases": ("?type=loan_request", "?type=loan_request&q=1"),
    "/audit": ("",), "/pulse": ("",),
    "/access/reviews/growth": ("?kind=person&key=1", "?kind=company", "?kind=department&key=2"),
}  # fmt: skip


def addresses(records: dict[str, list[str]]) -> Iterator[str]:
    """Every GET route with everything that fits into it."""
    for route in routes._all():
        if route.method != "GET" or route.path == "/openapi.json" or route.path in COUNTED:
            continue
        code = route.path.split("/")[2] if route.path.startswith("/records/") else ""
        if code and code not in records:
            continue
        if route.path.startswith("/access/") and route.path in INSIGHT:
            yield from insight_addresses(route.path, records)
            continue
        if route.path == "/why":
            colleague = Person.objects.order_by("pk").values_list("pk", flat=True)[5]
            for kind, some in records.items():
                for record in (*some, ABSENT):
                    for action in ("read", "edit", "transfer"):
                        yield f"/why?action={action}&type={kind}&id={record}"
                    yield f"/why?action=read&type={kind}&id={record}&beside={colleague}"
                    yield f"/why?action=read&type={kind}&id={record}&field=amount"
        elif route.path.startswith("/flows/records/{type}/{id}"):
            end = route.path.removeprefix("/flows/records/{type}/{id}")
            yield from (
                f"/flows/records/{kind}/{one}{end}" for kind, some in records.items() for one in (*some, ABSENT)
            )
        elif "/analytics" in route.path:
            asked = (
                ("?one=1&other=1",)
                if route.path.endswith("/versions")
                else ("", "?days=30", "?department=2", "?version=1")
            )
            yield from (route.path.replace("{code}", code) + q for code in ("deal", "ghost") for q in asked)
        elif "{code}" in route.path:
            yield from (route.path.replace("{code}", code).replace("{number}", "1") for code in ("deal", "ghost"))
        elif "{id}" in route.path:
            for record in (*records.get(code, ["1", "3"]), ABSENT):
                yield route.path.replace("{id}", record).replace("{file}", "1").replace("{comment}", "1")
        elif "{batch}" in route.path:
            for batch in ("1", "999999"):
                yield route.path.replace("{batch}", batch).replace("{item}", "1")
        elif "{role}" in route.path:
            yield from (route.path.replace("{role}", role) for role in ("rep", "ghost"))
        elif route.path.endswith("/count"):
            yield from (route.path + q for q in ("", "?by=owner", "?by=stage&sum=amount", "?sum=amount"))
        elif code:
            yield from (
                route.path + q
                for q in ("", "?sort=-amount", "?sort=name&limit=2", "?filter=%7B%22name%22%3A%22AAA+hidden%22%7D")
            )
        else:
            assert "{" not in route.path, f"what fits into {route.path}?"
            yield from (route.path + q for q in QUERIES.get(route.path, ("",)))


INSIGHT = ("/access/why", "/access/fixes", "/access/absent", "/access/who", "/access/people/{id}/rights")


def insight_addresses(path: str, records: dict[str, list[str]]) -> Iterator[str]:
    """Explanations about oneself and others, now and in the past; of a record its field of money, or its title.

    Of each type its deals are asked about one by one, of other types two records: the rules are the same.
    """
    people = [str(pk) for pk in Person.objects.order_by("pk").values_list("pk", flat=True)[:7]]
    past = clock.now().isoformat().replace("+", "%2B")
    if path == "/access/people/{id}/rights":
        yield from (path.replace("{id}", one) for one in (people[0], ABSENT))
        return
    if path == "/access/absent":
        yield from (f"{path}?page={one}" for one in ("policy", "access"))
        yield from (
            f"{path}?figure={one}"
            for one in ("open_deals", "open_amount", "due_amount", "accounts", "queue", "mentions")
        )
    for kind, some in records.items():
        money = "amount" if "amount" in TYPES[kind].fields else TYPES[kind].title
        if path == "/access/absent":
            yield from (f"{path}?type={kind}{q}" for q in ("", "&action=approve", f"&field={money}", f"&sum={money}"))
        for record in (*(some if kind == "opportunity" else some[:2]), ABSENT):
            about = f"{path}?type={kind}&id={record}"
            if path == "/access/who":
                yield from (about + q for q in ("", f"&field={money}", "&action=edit"))
            elif path == "/access/absent":
                yield f"{about}&action=transfer"
            elif path == "/access/fixes":
                yield f"{about}&field={money}&action=read&person={people[0]}"
            else:
                yield f"{about}&action=read&field={money}&beside={people[5]}"
                yield f"{about}&action=edit&person={people[2]}&beside={people[3]}"
        for record in (*some[:2], ABSENT) if path in ("/access/who", "/access/why") else ():
            yield f"{path}?type={kind}&id={record}&action=read&at={past}"


HEADERS = ("ETag", "Content-Type", "Content-Disposition", "Link", "Cache-Control", "Location")


def route_answers(api: Api, asked: Iterable[str]) -> dict[str, bytes]:
    answers = {}
    for address in asked:
        reply = api.http.get("/api/v1" + address)
        body = CURSOR.sub(b'"next":"..."', reply.getvalue())
        assert reply.status_code < 500, (address, body)
        head = orjson.dumps([reply.status_code, {h: reply.headers.get(h) for h in HEADERS}])
        answers[address] = head + re.sub(rb'"(request_id|now|milliseconds)":("[^"]*"|\d+)', b"", body)
    return answers


@contextmanager
def undone() -> Iterator[None]:
    ledger.forget()  # what one world has been asked is remembered in memory too
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def leaks(ask: Callable[[], dict[str, bytes]], viewer: Viewer, seed: int, kinds: Sequence[str]) -> list[str]:
    """Answers that differ between the worlds."""
    with undone():
        one = ask()
    with undone():
        assert differ(viewer, seed, kinds) > 5
        other = ask()
    assert set(one) == set(other)
    return [f"{name}: {_where(one[name], other[name])}" for name in one if one[name] != other[name]]


def _where(one: bytes, other: bytes) -> str:
    """The place where two answers part."""
    at = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return f"{one[max(0, at - 120) : at + 60]!r} / {other[max(0, at - 20) : at + 60]!r}"


# -- writes, and the command line -----------------------------------------------------------------------------


def write_requests(code: str, record: str, tag: str) -> Iterator[tuple[str, str, Any, dict[str, str]]]:
    """Every write that has a route for this type, about one record: method, path, body, headers."""
    matched = {"HTTP_IF_MATCH": tag}
    for route in routes._all():
        parts = route.path.split("/")
        if route.method == "GET" or parts[1] != "records" or parts[2] != code or route.form is not None:
            continue
        path = route.path.replace("{id}", record).replace("{file}", "1")
        title = TYPES[code].title
        for body in {
            "PATCH": ({title: "Changed"}, {"amount": "1.00"}, {"account": ABSENT}, {"nmae": "x"}, {"body": "seen?"}),
            "DELETE": (None,),
            "POST": (
                ({title: "Made anew"}, {title: ""}, {"account": record})
                if "{id}" not in path and route.path.endswith(code)
                else ({}, {"owner": "2"}, {"body": "seen?"}, {"field": "phone"}, {"person": "2", "types": "contact"}, {"reason": "x"})
            ),
        }[route.method]:  # fmt: skip
            yield route.method, path, body, matched if route.if_match or route.method in ("PATCH", "DELETE") else {}
    yield "POST", f"/flows/records/{code}/running", {"items": [record, ABSENT]}, {}


def write_answers(api: Api, asked: Sequence[tuple[str, str, Any, dict[str, str]]]) -> dict[str, bytes]:
    """What each write is told, every one in a world of its own: a refusal to the byte, a success by its status."""
    answers = {}
    for method, path, body, headers in asked:
        with undone():
            sent = {"content_type": "application/json"} if body is not None else {}
            token = {"HTTP_X_CSRFTOKEN": api.http.cookies["csrftoken"].value}
            reply = api.http.generic(
                method, "/api/v1" + path, orjson.dumps(body) if body is not None else b"", **sent, **headers, **token
            )
            said = re.sub(rb'"request_id":"[^"]*"', b"", reply.getvalue()) if reply.status_code >= 400 else b""
            answers[f"{method} {path} {body}"] = b"%d " % reply.status_code + said
            assert reply.status_code < 500, (method, path, body, said)
        pending.forget()
    return answers


def command_answers(username: str, kinds: Sequence[str], records: dict[str, list[str]]) -> dict[str, bytes]:
    """``heli list``, ``count`` and ``why`` as one person."""
    answers = {}
    commands = cli.modules()
    for code in kinds:
        for arguments in (
            ["list", code], ["list", code, "--sort=-updated_at", "--limit", "3"], ["count", code], ["count", code, "--by", "owner"],
            ["count", code, "--by", "status", "--sum", "amount"],
            ["list", code, "--filter", orjson.dumps({TYPES[code].title: {"contains": "hidden"}}).decode()],
            *(["why", action, code, record] for record in records[code] for action in ("read", "edit")),
            ["why", "read", code, "AAA hidden"],
        ):  # fmt: skip
            told = io.StringIO()
            try:
                with contextlib.redirect_stdout(told):
                    args = cli.parser(commands).parse_args([*arguments, "--as", username, "--json"])
                    status = commands[args.command].run(args)
            except HeliError as error:
                status = cli.FAILED
                told.write(str(cli.failure(error)))
            answers[" ".join(arguments)] = re.sub(r'"next": *"[^"]*"', "", f"{status} {told.getvalue()}").encode()
    return answers
