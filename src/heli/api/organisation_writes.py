"""Changing people and their posts, for who holds ``organisation: administer``. The verbs below check, audit and tell."""

from __future__ import annotations

from heli.api import organisation, password_mail, shape
from heli.api.common import ref
from heli.api.org_common import (
    CONFLICT,
    DAY,
    ID,
    MAYBE_REF,
    REF,
    TAG,
    about,
    change,
    day,
    guarded,
    known,
    not_self,
    number,
    person_answer,
)
from heli.api.own_rights import OWN_REACH
from heli.api.route import Answer, Call, Route
from heli.audit import log
from heli.kernel import clock
from heli.kernel.errors import Invalid, NotFound, Problem
from heli.kernel.words import Words
from heli.org import verbs as org
from heli.org.models import Assignment, Deputy, Person
from heli.review import holdings, leaving

OWN_RIGHTS = Words(
    "不能给自己增加任职，请另一位管理员操作", "nobody gives themselves a post: ask another administrator"
)
OWN_LEAVING = Words("不能为自己办理离职", "nobody can let themselves leave")
OWN_LATER = Words(
    "不能为自己的任职约定以后的变更，请另一位管理员操作",
    "nobody arranges a later change of their own posts: ask another administrator",
)
NO_POST = Words("此人没有这个任职", "the person has no such assignment")


def add_person(call: Call) -> Answer:
    """A new person, with a first post when a department is given."""
    organisation.needs_admin(call)
    body, by = call.body, call.viewer.actor
    with log.transaction():
        if body.get("kind") == Person.SERVICE:
            pk = org.create_service_account(by, body["username"], body["name"])
        else:
            pk = org.add_person(
                by, body["username"], body["name"], email=body.get("email") or "", phone=body.get("phone") or "",
                kind=body.get("kind") or Person.EMPLOYEE, language=body.get("language") or "",
            )  # fmt: skip
            if body.get("email"):
                password_mail.send(call, Person.objects.get(pk=pk), first=True)
        if body.get("department") is not None:
            org.assign(by, pk, int(body["department"]), number(body.get("position")))
    return person_answer(call, pk, 201)


def change_person(call: Call) -> Answer:
    """Change a person's name, address or language."""
    organisation.needs_admin(call)
    pk, given = known(call), dict(call.body)
    if "name" in given:
        given["display_name"] = given.pop("name")
    org.change_person(call.viewer.actor, pk, **{k: v if v is not None else "" for k, v in given.items()})
    return person_answer(call, pk)


def assign(call: Call) -> Answer:
    """A further post."""
    organisation.needs_admin(call)
    pk, body = known(call), call.body
    not_self(call, pk, OWN_RIGHTS)
    org.assign(
        call.viewer.actor, pk, int(body["department"]), number(body.get("position")), primary=body.get("primary"),
        starts=day(body, "from"), ends=day(body, "until", end=True),
    )  # fmt: skip
    return person_answer(call, pk)


def move(call: Call) -> Answer:
    """Move a person to another department or position; acts at once everywhere."""
    organisation.needs_admin(call)
    pk, body = known(call), call.body
    not_self(call, pk, OWN_RIGHTS)
    org.move_person(
        call.viewer.actor, pk, int(body["department"]), assignment=number(body.get("assignment")),
        position=number(body.get("position")), at=day(body, "from"),
    )  # fmt: skip
    return person_answer(call, pk)


def _post_of(call: Call, pk: int) -> int:
    post = int(call.body["assignment"])
    if not Assignment.objects.filter(pk=post, person_id=pk).exists():
        raise Invalid(Problem("assignment", "unknown", NO_POST))
    return post


def end(call: Call) -> Answer:
    """End a post, now or after a last day; what else holds then needs a primary one."""
    organisation.needs_admin(call)
    pk, at = known(call), day(call.body, "until", end=True)
    post = _post_of(call, pk)
    if at is not None:
        not_self(call, pk, OWN_LATER)
    org.end_assignment(call.viewer.actor, post, at=at, new_primary=number(call.body.get("new_primary")))
    return person_answer(call, pk)


def primary(call: Call) -> Answer:
    """Make one of a person's posts the primary one; what was primary until then stays so in history."""
    organisation.needs_admin(call)
    pk = known(call)
    not_self(call, pk, OWN_RIGHTS)  # what is granted to the person follows the primary post
    org.make_primary(call.viewer.actor, _post_of(call, pk), at=day(call.body, "from"))
    return person_answer(call, pk)


def away(call: Call) -> Answer:
    """On leave: the person keeps every post and stays able to sign in."""
    organisation.needs_admin(call)
    pk = known(call)
    org.put_on_leave(call.viewer.actor, pk)
    return person_answer(call, pk)


def back(call: Call) -> Answer:
    """Back from leave."""
    organisation.needs_admin(call)
    pk = known(call)
    org.back_from_leave(call.viewer.actor, pk)
    return person_answer(call, pk)


def rehire(call: Call) -> Answer:
    """Someone who left comes back, without post or password."""
    organisation.needs_admin(call)
    pk = known(call)
    org.rehire(call.viewer.actor, pk)
    return person_answer(call, pk)


def leave(call: Call) -> Answer:
    """Let a person leave: sessions, tokens and rights end with this request."""
    organisation.needs_admin(call)
    pk, successor = known(call), number(call.body.get("successor"))
    not_self(call, pk, OWN_LEAVING)
    if successor is not None:
        not_self(call, successor, OWN_REACH)  # also lines that begin later are handed over
    with log.transaction():
        leaving.left(call.viewer.actor, pk)
        org.leave(call.viewer.actor, pk, successor=successor)
        holdings.end_personal(call.viewer.actor, pk)  # else they would hold again for who comes back
    return person_answer(call, pk)


def deputy(call: Call) -> Answer:
    """Name who acts for a person between two days."""
    organisation.needs_admin(call)
    pk, body = known(call), call.body
    ends = day(body, "until", end=True)
    assert ends is not None
    org.set_deputy(call.viewer.actor, pk, int(body["deputy"]), starts=day(body, "from") or clock.now(), ends=ends)
    return person_answer(call, pk)


def end_deputy(call: Call) -> Answer:
    """End a deputyship now."""
    organisation.needs_admin(call)
    pk, row = known(call), int(call.path["deputy"])
    if not Deputy.objects.filter(pk=row, principal_id=pk).exists():
        raise NotFound
    org.end_deputy(call.viewer.actor, row)
    return Answer(status=204)


def manager(call: Call) -> Answer:
    """Whom a person reports to; null for nobody."""
    organisation.needs_admin(call)
    pk, boss = known(call), number(call.body["manager"])
    if boss is None:
        org.end_reporting(call.viewer.actor, pk)
    else:
        not_self(call, boss, OWN_REACH)  # the scope "reports" follows this line
        org.set_manager(call.viewer.actor, pk, boss)
    return person_answer(call, pk)


_PERSON = {
    "name": shape.text(100, 1), "email": shape.nullable(shape.text(254)), "phone": shape.nullable(shape.text(32)),
    "language": {"type": "string", "enum": ["", "zh", "en"]},
}  # fmt: skip
_NEW_PERSON = {
    **_PERSON, "username": shape.text(64, 1), "kind": {"type": "string", "enum": ["employee", "contractor", "service"]},
    "department": REF, "position": REF,
}  # fmt: skip
_POST = {"department": REF, "position": MAYBE_REF}
_NOTHING = shape.record({}, required=())
ROUTES = guarded((
    Route("POST", "/organisation/people", add_person, "addPerson", "A new person", TAG, keyed=True,
          body=shape.record(_NEW_PERSON, required=("username", "name")), errors=CONFLICT, answers={201: ref("PersonPage")}),
    Route("PATCH", "/organisation/people/{id}", change_person, "changePerson", "Change a person", TAG, path_schemas=ID,
          body=change(_PERSON), errors=CONFLICT, answers={200: ref("PersonPage")}),
    about("assign", assign, "assignPerson", "A further post",
          shape.record({**_POST, "primary": {"type": "boolean"}, "from": DAY, "until": DAY}, required=("department",))),
    about("move", move, "movePerson", "Move to another post",
          shape.record({**_POST, "assignment": REF, "from": DAY}, required=("department",))),
    about("end", end, "endPost", "End a post",
          shape.record({"assignment": REF, "new_primary": MAYBE_REF, "until": DAY}, required=("assignment",))),
    about("primary", primary, "makePrimary", "Make a post the primary one",
          shape.record({"assignment": REF, "from": DAY}, required=("assignment",))),
    about("away", away, "putOnLeave", "On leave", _NOTHING),
    about("back", back, "backFromLeave", "Back from leave", _NOTHING),
    about("rehire", rehire, "rehirePerson", "Back to the company", _NOTHING),
    about("leave", leave, "leavePerson", "Leave the company", shape.record({"successor": MAYBE_REF}, required=())),
    about("deputy", deputy, "setDeputy", "Name a deputy",
          shape.record({"deputy": REF, "from": DAY, "until": {"type": "string", "format": "date"}}, required=("deputy", "until"))),
    about("manager", manager, "setManager", "Whom a person reports to", shape.record({"manager": MAYBE_REF})),
    Route("DELETE", "/organisation/people/{id}/deputies/{deputy}", end_deputy, "endDeputy", "End a deputyship", TAG,
          path_schemas={**ID, "deputy": shape.NUMBER_ID}, errors=CONFLICT, answers={204: None}),
))  # fmt: skip
