"""A viewer's compiled rights: every line they hold now, resolved to atoms. Valid for one stamp until one moment."""

from __future__ import annotations

import threading
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from typing import cast

import orjson

from heli.access import epoch, freeze
from heli.access.core.decide import TypeRights
from heli.access.core.line import Ceiling, Grip, Held, Line, Source
from heli.access.facts import PROCESS, Facts, GrantFact, Stored
from heli.access.models import Grant
from heli.access.rules import parse_lines
from heli.access.scopes import SCOPES, Carrier, Person, split
from heli.access.shapes import PAGE, SHAPES
from heli.kernel import clock
from heli.kernel.words import Words
from heli.org import tree as organisation
from heli.org import zone

SINGLE = Words("单项授权", "single grant")
LOANED = Words("临时授权", "loan")
LENT = Words("借自 {who}，到 {until}", "lent by {who}, until {until}")
LENT_NOBODY = Words("紧急授权，到 {until}", "in an emergency, until {until}")
BY_REQUEST = Words("经申请批准", "by an approved request")
MOST_SETS = 32
"""Sets of steps for which somebody's rights are kept."""
AT_WORK = Words("你的待办", "your open work")
COPIED = Words("抄送给你", "a copy to you")
AT_A_NODE = Words("流程里的一步", "a step of a process")

telling: list[Callable[[str], tuple[Words, bool]]] = []
"""What a step of a process is called, by the tag of its lines, and whether it copies the case to people instead of giving them work; the
layer that runs processes adds it at start-up."""


def step_of(tag: str) -> tuple[Words, bool]:
    """The same where that layer is not there."""
    return telling[0](tag) if telling else (AT_A_NODE, False)


@dataclass(frozen=True, slots=True)
class Subject:
    """One way in which a grant reaches the person: what it names, through which carrier, told in words."""

    kind: str
    id: str
    carrier: Carrier
    words: Words
    below: bool = False
    """Matches only grants that include departments below."""


class View:
    """The rights of one person at one stamp. Immutable; shared between threads; read by every door."""

    def __init__(
        self, person: int | None, kind: str, stamp: epoch.Stamp, until: datetime | None, held: Iterable[Held],
        ceilings: dict[str, tuple[Ceiling, ...]], tree: organisation.Tree, home: int | None = None,
        asked: Person | None = None,
    ) -> None:  # fmt: skip
        self.person = person
        self.kind = kind
        self.stamp = stamp
        self.until = until
        self.tree = tree
        self.home = home
        self.asked = asked
        """What scopes are resolved for: who this is, with their projects and reports."""
        self._ceilings = ceilings
        self._lines: dict[str, list[Held]] = defaultdict(list)
        for one in held:
            self._lines[one.line.type].append(one)
        self._types: dict[str, TypeRights | None] = {}
        self.shared: dict[object, object] = {}
        """Compiled queries of this view, kept by the read door; they live and die with it."""

    def type(self, code: str) -> TypeRights | None:
        """Rights on an object type; None when no line concerns it (or it does not exist)."""
        if code not in self._types:
            shape = SHAPES.get(code)
            lines = self._lines.get(code)
            ceilings = (*self._ceilings.get("*", ()), *self._ceilings.get(code, ()))
            self._types[code] = TypeRights(shape, lines, ceilings) if shape is not None and lines else None
        return self._types[code]

    @property
    def held(self) -> View:
        """All that the person holds, whoever looks at it (``bounded``)."""
        return self

    @property
    def by(self) -> View:
        """What whoever looks holds themselves (``bounded``)."""
        return self

    def bare(self, code: str) -> TypeRights:
        """The same where no line concerns the type: nothing, under its ceilings. KeyError when it does not exist."""
        return self.type(code) or TypeRights(
            SHAPES[code], (), (*self._ceilings.get("*", ()), *self._ceilings.get(code, ()))
        )

    def may(self, code: str, action: str) -> bool:
        """Whether some line gives this action on this type, on some row: for pages and administration."""
        rights = self.type(code)
        return rights is not None and rights.ever(action)

    @property
    def frozen(self) -> bool:
        """Whether this person is frozen: see ``access.freeze``."""
        return freeze.CEILING in self._ceilings.get("*", ())

    @cached_property
    def lines(self) -> tuple[Held, ...]:
        """Every line that is held."""
        return tuple(h for lines in self._lines.values() for h in lines)

    @cached_property
    def ceilings(self) -> tuple[Ceiling, ...]:
        """Every ceiling that bounds them."""
        return tuple(c for _, c in self.bounds)

    @property
    def bounds(self) -> tuple[tuple[str, Ceiling], ...]:
        """Every ceiling with the type that it lies over; ``*`` for all."""
        return tuple((on, c) for on, found in self._ceilings.items() for c in found)

    @cached_property
    def types(self) -> tuple[str, ...]:
        """Object types of which the person may read something."""
        return tuple(s.code for s in SHAPES if s.fields and self.may(s.code, "read"))

    @cached_property
    def pages(self) -> tuple[str, ...]:
        return tuple(s.code[len(PAGE) :] for s in SHAPES if s.code.startswith(PAGE) and self.may(s.code, "open"))

    @cached_property
    def sources(self) -> tuple[Source, ...]:
        found = {h.source.grant: h.source for h in self.lines}
        return tuple(found.values())

    def limited_to(self, role: str) -> View:
        """The same person through a token that is bound to one role: only lines that this role has too."""
        return self.with_lines(h for h in self.lines if h.source.role == role)

    def with_lines(self, held: Iterable[Held], ceilings: dict[str, tuple[Ceiling, ...]] | None = None) -> View:
        """The same person holding these lines and nothing else, under the same ceilings or under these."""
        bounds = self._ceilings if ceilings is None else ceilings
        return View(self.person, self.kind, self.stamp, self.until, held, bounds, self.tree, self.home, self.asked)


class _Cache:
    """The last views by person; a view is served only while its stamp is the current one and its moment has not come."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._views: OrderedDict[int, View] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, person: int, stamp: epoch.Stamp, moment: datetime) -> View | None:
        with self._lock:
            view = self._views.get(person)
            if view is None or view.stamp != stamp or (view.until is not None and view.until <= moment):
                return None
            self._views.move_to_end(person)
            return view

    def put(self, view: View) -> None:
        if view.person is None:
            return
        with self._lock:
            self._views[view.person] = view
            while len(self._views) > self._size:
                self._views.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._views.clear()


CACHE = _Cache(2000)


def of(person: int, stamp: epoch.Stamp | None = None) -> View:
    """The current view of a person; ``stamp`` when the caller has just read it."""
    moment = clock.now()
    now = stamp or epoch.current(person)
    both = now[:2]
    found = CACHE.get(person, both, moment)
    if found is None:
        found = build(person, both, moment)
        CACHE.put(found)
    return at_work(found, now)


def build(person: int, stamp: epoch.Stamp, moment: datetime, facts: Facts | None = None) -> View:
    """Resolve every valid grant of a person at a moment. A person who has left, or who does not exist, holds nothing.

    facts: what the company is; the tables when none are given.
    """
    known: Facts = Stored() if facts is None else facts
    kind = known.kind_of(person)
    if kind is None:
        return View(person, "nobody", stamp, None, (), {}, known.tree)
    subjects, edge = subjects_of(person, known, moment)
    grants, grant_edge = _grants(subjects, known, moment)
    reports_edge: list[datetime | None] = []

    def reports() -> frozenset[int]:
        found, later = known.reports(person, moment)
        reports_edge.append(later)
        return found

    projects = frozenset(s.carrier.project for s in subjects if s.carrier.project is not None)
    asked = Person(person, known.tree, lru_cache(maxsize=1)(reports), projects)
    names = known.names(g.giver for g, _ in grants if g.lent and g.giver is not None)
    held = [one for grant, subject in grants for one in _resolve(grant, subject, asked, names)]
    ceilings = _ceilings(kind, asked, known)
    if known.frozen(person):
        ceilings["*"] = (*ceilings.get("*", ()), freeze.CEILING)
    edges = [e for e in (edge, grant_edge, *reports_edge) if e is not None]
    home = subjects[0].carrier.department
    made = View(person, kind, stamp[:2], min(edges, default=None), held, ceilings, known.tree, home, asked)
    return at_work(made, stamp)


def at_work(view: View, stamp: epoch.Stamp) -> View:
    """The same person with the lines of the steps at which this stamp says that they have open work."""
    if len(stamp) < 3 or view.asked is None:
        return view
    kept = cast("dict[epoch.Stamp, View]", view.shared.setdefault("at work", {}))  # the last ones: work comes and goes
    found = kept.get(stamp)
    if found is None:
        carrier = Carrier(department=view.home)
        held = list(view.lines)
        for tag in stamp[2]:
            for grant, words, copies, line in STEPS.at(stamp[0], tag):
                source = Source(grant, "", words, 0, COPIED if copies else AT_WORK)
                held.append(hold(line, source, view.asked, carrier))
        found = View(
            view.person, view.kind, stamp, view.until, held, view._ceilings, view.tree, view.home, view.asked
        )  # its own kind
        if len(kept) >= MOST_SETS:
            kept.clear()
        kept[stamp] = found
    return found


type Step = tuple[int, Words, bool, Line]
"""A line of a step: the grant, what the step is called, whether it copies the case to people, the line."""


class _Steps:
    """The lines of every step of every process, by tag, for one policy epoch."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._epoch: int | None = None
        self._steps: dict[str, tuple[tuple[int, Line], ...]] = {}
        self._names: dict[str, tuple[Words, bool]] = {}

    def at(self, policy: int, tag: str) -> tuple[Step, ...]:
        with self._lock:
            if self._epoch != policy:
                self._steps, self._names, self._epoch = self._load(), {}, policy
            lines = self._steps.get(tag, ())
            if lines and tag not in self._names:  # told only of steps at which somebody is
                self._names[tag] = step_of(tag)
            return tuple((grant, *self._names[tag], line) for grant, line in lines)

    @staticmethod
    def _load() -> dict[str, tuple[tuple[int, Line], ...]]:
        found: dict[str, list[tuple[int, Line]]] = defaultdict(list)
        for pk, lines in (
            Grant.objects.filter(source__startswith=PROCESS, revoked_at=None).order_by("pk").values_list("pk", "lines")
        ):
            for line in lines_of(lines or []):
                for scope in line.scopes:
                    found[scope.removeprefix("workitem:")].append((pk, line))
        return {tag: tuple(some) for tag, some in found.items()}


STEPS = _Steps()


def for_program(lines: Iterable[Line], source: Source, facts: Facts) -> View:
    """What a program holds that is nobody in the company: these lines, under the ceilings that bound service accounts."""
    asked = Person(0, facts.tree, frozenset, frozenset())
    held = [hold(line, source, asked, Carrier()) for line in lines]
    return View(None, "service", (0, 0), None, held, _ceilings("service", asked, facts), facts.tree, None, asked)


PROJECT_ROLES = {"lead": Words("负责人", "lead"), "member": Words("成员", "member")}


def project_role(code: str) -> Words:
    """What somebody is in a project; a role of the company's own is called by its code."""
    return PROJECT_ROLES.get(code, Words(code, code))


def subjects_of(person: int, facts: Facts, moment: datetime) -> tuple[list[Subject], datetime | None]:
    """All that grants may name to reach this person now, and when this next changes."""
    tree = facts.tree
    posts = facts.posts(person)
    memberships = facts.memberships(person)
    now_posts = [p for p in posts if p.starts <= moment and (p.ends is None or p.ends > moment)]
    now_memberships = [m for m in memberships if m.starts <= moment and (m.ends is None or m.ends > moment)]
    primary = next((p for p in now_posts if p.primary), now_posts[0] if now_posts else None)
    home = Carrier(department=primary.department, key=f"a{primary.id}") if primary else Carrier()
    found = [
        Subject("person", str(person), home, Words("直接授予你", "granted to you")),
        Subject("everyone", "", home, Words("授予所有人", "granted to everyone")),
    ]
    positions = facts.positions(p.position for p in now_posts if p.position is not None)
    for post in now_posts:
        carrier = Carrier(department=post.department, key=f"a{post.id}")
        node = tree.nodes.get(post.department)
        where = Words(node.name, node.name_en or node.name) if node else Words("?", "?")
        if post.position is not None:
            job = positions[post.position]
            found.append(
                Subject("position", str(post.position), carrier, Words("{w}·{j}", "{j}, {w}").fill(w=where, j=job))
            )
        for i, one in enumerate(tree.above(post.department)):
            name = tree.nodes[one]
            words = Words(f"{name.name}的成员", f"member of {name.name_en or name.name}")
            found.append(Subject("department", str(one), carrier, words, below=i > 0))
    for membership in now_memberships:
        carrier = Carrier(department=home.department, project=membership.project, key=f"m{membership.project}")
        words = Words(
            f"项目「{membership.project_name}」·{project_role(membership.role).zh}",
            f"project {membership.project_name}, {project_role(membership.role).en}",
        )
        found.append(Subject("project_role", membership.role, carrier, words))
        found.append(Subject("project_role", f"{membership.project}:{membership.role}", carrier, words))
    spans = [(p.starts, p.ends) for p in posts] + [(m.starts, m.ends) for m in memberships]
    return found, organisation.boundary(moment, spans)


def grants_to(
    subjects: list[Subject], facts: Facts, moment: datetime, *, later: bool = False
) -> list[tuple[GrantFact, Subject]]:
    """Valid grants with the subject each came through (one grant may come through several); ``later``: also those that
    begin in future."""
    return _grants(subjects, facts, moment, later=later)[0]


def _grants(
    subjects: list[Subject], facts: Facts, moment: datetime, *, later: bool = False
) -> tuple[list[tuple[GrantFact, Subject]], datetime | None]:
    """The same, and the next boundary."""
    by_subject: dict[tuple[str, str], list[Subject]] = defaultdict(list)
    named: dict[str, list[str]] = defaultdict(list)
    for subject in subjects:
        by_subject[subject.kind, subject.id].append(subject)
        named[subject.kind].append(subject.id)
    rows = facts.grants(named, moment)
    found = [
        (grant, subject)
        for grant in rows
        if grant.open_at(moment) or (later and grant.starts > moment)
        for subject in by_subject[grant.kind, grant.subject]
        if grant.below or not subject.below
    ]
    return found, organisation.boundary(moment, [(g.starts, g.ends) for g in rows])


@lru_cache(maxsize=4096)
def _parsed(lines: bytes) -> tuple[Line, ...]:
    return parse_lines(orjson.loads(lines))


def lines_of(lines: object) -> tuple[Line, ...]:
    """Parsed lines of a stored role, grant or ceiling; parsed once per wording."""
    return _parsed(orjson.dumps(lines))


def _resolve(grant: GrantFact, subject: Subject, person: Person, names: Mapping[int, str]) -> list[Held]:
    role = grant.role
    single, via = said(grant, subject, names)
    source = Source(
        grant=grant.id,
        role=role.code if role else "",
        role_words=role.words if role else single,
        version=role.version if role else 0,
        via=via,
        carrier=subject.carrier.key,
    )
    return [hold(line, source, person, subject.carrier) for line in lines_of(grant.given)]


def said(grant: GrantFact, subject: Subject, names: Mapping[int, str]) -> tuple[Words, Words]:
    """What a grant without a role is called, and how it came to the person; a loan tells from whom and until when."""
    if not grant.lent:
        asked = grant.source.startswith("request:")
        return SINGLE, BY_REQUEST if asked and subject.kind == "person" else subject.words
    # Nobody lends to themselves: what a person opened alone was opened in an emergency.
    giver = names.get(grant.giver or 0) if str(grant.giver) != grant.subject else None
    until = zone.told(grant.ends, "%m-%d %H:%M") if grant.ends is not None else ""
    words = (LENT if giver else LENT_NOBODY).fill(who=giver, until=until)
    if subject.kind != "person":
        words = Words(f"{words.zh}（{subject.words.zh}）", f"{words.en} ({subject.words.en})")
    return LOANED, words


def hold(line: Line, source: Source, person: Person, carrier: Carrier) -> Held:
    """A line as this person holds it through this carrier."""
    grips = []
    for text in line.scopes:
        name, parameter = split(text)
        grips.append(Grip(text, SCOPES[name].resolve(person, carrier, parameter)))
    return Held(line, source, tuple(grips))


def bounded_as(kind: str, person: Person, facts: Facts) -> dict[str, tuple[Ceiling, ...]]:
    """The ceilings over people of a kind, as they would lie over this person."""
    return _ceilings(kind, person, facts)


def _ceilings(kind: str, person: Person, facts: Facts) -> dict[str, tuple[Ceiling, ...]]:
    found: dict[str, list[Ceiling]] = defaultdict(list)
    for one in facts.ceilings():
        if one.kinds is not None and kind not in one.kinds:
            continue
        source = Source(0, f"ceiling:{one.code}", one.words, 0, Words("上限", "ceiling"))
        lines = tuple(hold(line, source, person, Carrier()) for line in lines_of(one.lines))
        found[one.type].append(
            Ceiling(
                one.code,
                one.words,
                frozenset(one.actions) if one.actions is not None else None,
                lines,
                frozenset(one.roles) if one.roles is not None else None,
            )
        )
    return {k: tuple(v) for k, v in found.items()}
