"""A writer is killed with SIGKILL before and after each of its statements, and around its commit: all of it, or nothing.

The program forks a child for each point. The child does one act through the write door and dies at its n-th statement; the
parent then compares every table with what it was. The last child lives, and its act is there once: row, event, audit.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.invariants import stage

type State = dict[str, list[tuple[Any, ...]]]
MOST = 400


def state() -> State:
    """Every table, but for remembered epochs and the cache."""
    from django.db import connection

    with connection.cursor() as cursor:
        tables = [t for t in connection.introspection.table_names(cursor) if not t.startswith(("django_", "cache"))]
        found: State = {}
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')
            found[table] = sorted(cursor.fetchall(), key=repr)
    return found


def changed(before: State, after: State) -> set[str]:
    return {table for table in before if before[table] != after[table]}


def die_at(point: int, *, before: bool) -> None:
    """Have this process killed at its so-manieth statement or commit, before it is sent or after it was answered."""
    from django.db import connection

    left = point

    def strike() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def wrapper(run: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal left
        left -= 1
        if left == 0 and before:
            strike()
        result = run(sql, params, many, context)
        if left == 0:
            strike()
        return result

    connection.ensure_connection()
    connection.execute_wrappers.append(wrapper)
    commit = connection._commit

    def last() -> None:
        nonlocal left
        left -= 1
        if left == 0 and before:
            strike()
        commit()
        if left == 0:
            strike()

    connection._commit = last


class Act:
    """One act to be killed in: who, what; and whether it is done or refused."""

    def __init__(
        self, who: str, kind: str, verb: str, record: str | None, values: dict[str, Any], *, refused: bool = False
    ) -> None:
        self.who, self.kind, self.verb, self.record, self.values, self.refused = (
            who,
            kind,
            verb,
            record,
            values,
            refused,
        )

    def do(self, company: Any, *, dry_run: bool = False) -> None:
        from heli.kernel.errors import HeliError
        from heli.records import act
        from heli.records.act import Action

        try:
            act.do(company.as_(self.who), Action(self.kind, self.verb, self.record, self.values, dry_run=dry_run))
            assert not self.refused
        except HeliError:
            if not self.refused:
                raise


def acts(company: Any) -> dict[str, Act]:
    """Acts of every shape: new rows with numbers and links, keys that spread to other tables, copies, teams, refusals."""
    from tests import world

    from heli.access import grants
    from heli.records import act, sql
    from heli.records.act import Action

    lines = [
        {
            "type": "lead",
            "actions": ["read", "create", "edit", "convert", "claim", "move"],
            "scope": ["all"],
            "read": {"*": "read"},
        },
        {"type": "opportunity", "actions": ["read", "win", "create", "edit"], "scope": ["own"], "read": {"*": "read"}},
        {
            "type": "account",
            "actions": ["read", "create", "delete", "transfer", "share"],
            "scope": ["own"],
            "read": {"*": "read"},
        },
        {"type": "account", "actions": ["assign"], "scope": ["all"]},
        {"type": "contact", "actions": ["read", "create"], "scope": ["own"], "read": {"*": "read"}},
        {"type": "activity", "actions": ["read", "create"], "scope": ["own"]},
    ]
    grants.grant_lines(world.SETUP, lines, "person", str(company.people["ann"]))
    account = company.make("ann", "account", name="Acme")
    deals = [company.make("ann", "opportunity", name=f"D{n}", account=account) for n in range(4)]
    gone = company.make("ann", "opportunity", name="Gone")
    company.do("ann", "opportunity", "delete", gone)
    lead = company.make("ann", "lead", name="Lead", company="New Ltd", contact_name="Carl", phone="13800001111")
    sql.execute("UPDATE crm_lead SET stage='contacted' WHERE id=%s", [lead])
    pooled = act.do(company.system, Action("lead", "create", values={"name": "Pooled"})).id
    sql.execute("UPDATE crm_lead SET owner_id=NULL, pool_id='all' WHERE id=%s", [pooled])
    wei = str(company.people["wei"])
    return {
        "create": Act("ann", "opportunity", "create", None, {"name": "New", "account": account, "amount": "5.00"}),
        "edit": Act("ann", "opportunity", "edit", deals[0], {"name": "Changed", "amount": "7.00"}),
        "an account changes hands": Act("ann", "account", "transfer", account, {"owner": wei}),
        "a lead becomes three": Act("ann", "lead", "convert", lead, {}),
        "claim": Act("ann", "lead", "claim", pooled, {}),
        "a refusal": Act("ann", "opportunity", "edit", deals[1], {"stage": "won"}, refused=True),
        "restore": Act("ann", "opportunity", "restore", gone, {}),
        "team": Act("ann", "opportunity", "team_add", deals[2], {"person": wei, "edit": True}),
        "an activity moves its customer": Act(
            "ann", "activity", "create", None, {"subject": "Call", "opportunity": deals[3]}
        ),
    }


def kill(company: Any, names: str) -> object:
    """Every act at every point; what was killed, and what was wrong after."""
    known = acts(company)
    said: dict[str, Any] = {}
    for name in names.split("|") if names != "all" else known:
        said[name] = one_act(company, known[name])
    return {"acts": said, "audit": stage.audit_is_whole()}


def careless(company: Any, names: str) -> object:
    """The same with a write door that commits a change before it is told: the harness must see it."""
    from django.db import connection

    from heli.records import write

    announce = write.announce

    def too_late(*args: Any, **kwargs: Any) -> None:
        connection._commit()
        announce(*args, **kwargs)

    known = acts(company)
    write.announce = too_late
    return one_act(company, known[names])


def one_act(company: Any, one: Act) -> dict[str, Any]:
    if not one.refused:
        one.do(company, dry_run=True)
    began = state()
    wrong: list[str] = []
    kills = late = 0
    for point in range(1, MOST):
        for before in (True, False):
            pid = stage.fork(lambda p=point, b=before: (die_at(p, before=b), one.do(company)))
            status = os.waitpid(pid, 0)[1]
            now = state()
            if not os.WIFSIGNALED(status):
                if status:
                    wrong.append(f"the act failed at {point}")
                elif not changed(began, now):
                    wrong.append("the act left nothing")
                return {"kills": kills, "late": late, "wrong": wrong + half(began, now, one)}
            kills += 1
            if changed(began, now):
                wrong += [f"{'before' if before else 'after'} {point}: {w}" for w in half(began, now, one)]
                late += 1
                if before:
                    wrong.append(f"written although killed before statement {point} was sent")
                return {"kills": kills, "late": late, "wrong": wrong}
    return {"kills": kills, "late": late, "wrong": [*wrong, "it never ended"]}


def half(before: State, after: State, one: Act) -> list[str]:
    """What is there of the act must be all of it: its audit entry, and unless it was refused its row and its event."""
    found = []
    entries = len(after["audit_entry"]) - len(before["audit_entry"])
    events = len(after["jobs_event"]) - len(before["jobs_event"])
    table = f"crm_{one.kind}"
    touched = {t for t in changed(before, after) if not t.startswith(("audit_", "jobs_", "access_epoch"))}
    if one.refused:
        if entries != 1 or events or touched:
            found.append(f"a refusal left {entries} entries, {events} events, {sorted(touched)}")
    elif entries < 1 or events != entries or not (touched & {table, "access_reach"}):
        found.append(f"{entries} entries, {events} events, {sorted(touched)}")
    return found


if __name__ == "__main__":
    stage.say(globals()[sys.argv[1]](stage.open_company(), sys.argv[2]))
    sys.exit()

import pytest  # noqa: E402 - the program above has no use for it

pytestmark = [pytest.mark.storage]


def killed(folder: Path, names: str, least: int) -> None:
    said = stage.program(__file__, folder, "kill", names, seconds=580)
    assert said["acts"]
    for name, one in said["acts"].items():
        assert one["wrong"] == [], name
        assert one["kills"] >= least, (name, one)
        assert one["late"] == 1, f"{name}: no child died between its commit and its answer"
    assert said["audit"]["ok"], said["audit"]


def test_a_killed_writer_leaves_all_or_nothing(tmp_path: Path) -> None:
    killed(tmp_path, "an account changes hands|a refusal", 10)


def test_a_change_that_is_committed_before_it_is_told_is_found(tmp_path: Path) -> None:
    assert stage.program(__file__, tmp_path, "careless", "restore")["wrong"]


@pytest.mark.torture
def test_a_killed_writer_leaves_all_or_nothing_whatever_it_did(tmp_path: Path) -> None:
    killed(tmp_path, "all", 10)
