"""Loading the demo company into an empty installation, in one transaction."""

from __future__ import annotations

from heli.access.viewer import Viewer
from heli.audit import log
from heli.crm.demo import cases, drafting, flow_history, lending, people, processes, rights, use
from heli.crm.demo.company import PASSWORD, DemoCompany, Project, Row
from heli.crm.demo.generate import generate
from heli.crm.demo.personas import PERSONAS
from heli.crm.demo.records import Bringer
from heli.crm.install import install
from heli.kernel import clock
from heli.kernel.actor import Actor
from heli.org.models import Project as Team
from heli.records import act
from heli.records.act import Action


def load() -> tuple[str, str]:
    """Bring roles, organisation and two years of records. Returns the user name and password to show.

    All or nothing. Raises Conflict where people work here already under the same names.
    """
    demo = generate(clock.today())
    with log.transaction():
        install(people.BY)
        ids = people.load(demo)
        bringer = Bringer(_system(), ids)
        bringer.bring("project", [_project(demo, one) for one in demo.projects])
        people.join_projects(demo, ids, bringer.real)
        for one in demo.projects:
            if one.status == Team.FINISHED:  # only now: a finished project takes no members
                act.do(bringer.viewer, Action("project", "edit", bringer.real[one.id], {"status": Team.FINISHED}))
        for type_, rows in demo.rows.items():
            bringer.bring(type_, rows)
        rights.load(demo, ids)
        lending.load(ids.people)
        flow_history.load()
        processes.load(ids.people)
        cases.load(ids.people)
        flow_history.waiting()
        drafting.load(ids.people)
        use.load()
    return PERSONAS[0].username, PASSWORD


def _system() -> Viewer:
    return Viewer(None, "system", "system", "system", Actor(None, "system: demo", "demo", via="demo"), None, "demo")


def _project(demo: DemoCompany, one: Project) -> Row:
    leader = one.members[0][0]
    home = next(p.posts[0].department for p in demo.people if p.username == leader)
    values = {
        "name": one.name,
        "code": one.code,
        "status": "active" if one.status == Team.FINISHED else one.status,
        "goal": one.goal,
        "starts_on": str(one.starts_on),
        "ends_on": str(one.ends_on),
    }
    return Row("project", one.id, leader, home, values, one.created_at, one.created_at, leader)
