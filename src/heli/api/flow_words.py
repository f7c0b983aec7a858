"""What codes in definitions of processes are called, for one reader: each as far as they may know that there is such a thing."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from heli.access.view import project_role
from heli.access.viewer import Viewer
from heli.api.flow_said import event_words
from heli.flows import acts, blank, looking
from heli.flows.core.lexicon import Lexicon
from heli.flows.drafts import may_design
from heli.flows.finding import may_administer
from heli.flows.matters import MATTERS
from heli.flows.models import Process
from heli.insight import company
from heli.kernel.words import Words
from heli.org.models import Position
from heli.records import fields as f
from heli.records.reasons import ACTIONS
from heli.records.types import TYPES
from heli.records.verbs import verb_of

BUILT_IN = {
    acts.EDIT: Words("修改", "change"), acts.CREATE: Words("新建", "create"), acts.DELETE: Words("删除", "delete"),
    acts.CHANGE: Words("写入提议的内容", "write what was proposed"),
}  # fmt: skip


def lexicon(viewer: Viewer, *, people: bool) -> Lexicon:
    """Fields and acts of records that this viewer may make a process about, the organisation for who draws or confirms; whoever looks
    after processes or confirms them knows all of them. ``people``: whether they may know the company's people."""
    view = viewer.view
    every = may_administer(view) or (view is not None and view.may("policy", "grant"))
    draws = every or may_design(view)

    def known(type_: str) -> bool:
        return type_ in TYPES and (every or blank.usable(view, type_))

    def field(type_: str, code: str) -> f.Field | None:
        one = TYPES[type_].fields.get(code) if known(type_) else None
        rights = view.type(type_) if view is not None else None
        shown = every or (rights is not None and rights.best_level(code) > 0)
        return one if shown else None

    return _lexicon(every, known, field, organisation=draws, people=draws and people)


def everything(*, company: bool) -> Lexicon:
    """All of it, for whoever works on the machine itself; ``company``: whether there is one to ask."""

    def known(type_: str) -> bool:
        return type_ in TYPES

    def field(type_: str, code: str) -> f.Field | None:
        return TYPES[type_].fields.get(code) if type_ in TYPES else None

    return _lexicon(True, known, field, organisation=company, people=company, processes=company)


def _lexicon(
    every: bool, known: Callable[[str], bool], field: Callable[[str, str], f.Field | None], *,
    organisation: bool, people: bool, processes: bool = True,
) -> Lexicon:  # fmt: skip

    def act(code: str, type_: str) -> Words | None:
        matter = MATTERS.get(type_)
        if matter is not None:
            return matter.steps.get(code)
        if code in BUILT_IN:
            return BUILT_IN[code]
        verb = verb_of(type_, code) if known(type_) else None
        return verb.words if verb is not None else ACTIONS.get(code)

    @cache
    def call(what: str, code: str, of: str) -> Words | None:
        type_, _, rest = of.partition(".")
        match what:
            case "type":
                return TYPES[code].words if known(code) else MATTERS[code].words if code in MATTERS and every else None
            case "field":
                one = field(of, code)
                return one.words if one is not None else None
            case "option":
                one = field(type_, rest)
                option = one.option(code) if isinstance(one, f.Choice) else None
                return option.words if option is not None else None
            case "act":
                return act(code, of)
            case "param":
                verb = verb_of(type_, rest) if known(type_) else None
                return verb.params[code].words if verb is not None and code in verb.params else None
            case "event":
                kind = looking.of_record(code)
                return event_words(code) if kind is not None and known(kind.code) else None
            case "value":
                return MATTERS[of].values.get(code) if of in MATTERS and every else None
            case "process" if processes:
                found = Process.objects.filter(code=code).first()
                return found.words if found is not None else None
            case "project_role":
                return project_role(code)
        return _organisation(what, code) if (people if what == "person" else organisation) else None

    def leads(type_: str, code: str) -> str:
        one = field(type_, code) if type_ in TYPES else None
        return one.target if isinstance(one, f.Link) else ""

    return Lexicon(call, leads)


def _organisation(what: str, code: str) -> Words | None:
    world = company.now().world
    if what == "position":
        found = Position.objects.filter(pk=world.position_codes.get(code, 0)).first()
        return Words(found.name, found.name_en or found.name) if found is not None else None
    if what == "role":
        role = world.roles.get(code)
        return role.words if role is not None else None
    if what == "department":
        node = next((one for one in world.tree.nodes.values() if one.code == code), None)
        return Words(node.name, node.name_en or node.name) if node is not None else None
    if what == "person":
        person = next((one for one in world.people.values() if one.username == code), None)
        return Words(person.name, person.name) if person is not None else None
    return None
