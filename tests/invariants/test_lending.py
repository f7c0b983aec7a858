"""Properties 3 and 4, about loans, through HTTP: random people ask, lend, answer, call back, keep, renew, hand over, delete,
leave and move, in random order and time.

After every step, whoever lent held it by themselves until the loan's end; and what anybody sees of any cell is what they hold
without loans, or what a loan gives that a plain model of loans, kept here, says is running.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings
from tests.api.client import Reply
from tests.api.lenders import DAY, Company, fresh
from tests.invariants.examples import Undo, each_seed
from tests.world import SETUP

from heli.access import epoch, grants
from heli.access import view as views
from heli.access.core.line import REACH, Level
from heli.access.facts import World
from heli.access.models import Grant
from heli.flows import library
from heli.flows.models import Instance, Work
from heli.insight import company
from heli.jobs.worker import drain
from heli.kernel import clock
from heli.lending.models import Loan, Request
from heli.org.verbs import assignments, leaving
from heli.records import readers
from heli.records.types import TYPES

pytestmark = [pytest.mark.django_db, pytest.mark.storage]

STEPS = 16
FIELDS = ("competitor", "probability", "amount")
PEOPLE = ("ann", "bob", "wei", "mei", "sue", "fin", "sec")


def written(code: str) -> bool:
    """Whether people write this field: the number of a deal is shown with what is lent of it, and written by nobody."""
    return not TYPES["opportunity"].fields[code].readonly


SHARE = [{"type": "opportunity", "actions": ["read", "share", "edit"], "scope": ["below"], "read": {"*": "read"}}]
ALL = [
    {"type": "opportunity", "actions": ["read", "share"], "scope": ["all"], "read": {"amount": "masked", "*": "read"}}
]
SPANS = (DAY, 3 * DAY, 9 * DAY, 20 * DAY)


@dataclass
class Lent:
    """A loan as this test believes it to be."""

    borrower: str
    lender: str
    deal: str
    fields: frozenset[str]
    action: str
    ends: datetime
    alive: bool = True


class Play:
    """One company, its deals, and the model of what is lent."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.company: Company = fresh()
        self.names = {pk: name for name, pk in self.company.people.items()}
        grants.grant_lines(SETUP, SHARE, "position", str(self.company.positions["manager"]))
        until = clock.now() + timedelta(days=6)
        grants.grant_lines(SETUP, ALL, "person", str(self.company.people["fin"]), ends=until)
        self.deals = [self.company.deal(who, probability="40") for who in ("ann", "bob", "bob", "wei")]
        self.loans: dict[int, Lent] = {}
        self.left: set[str] = set()
        self.gone: set[str] = set()

    # -- steps --------------------------------------------------------------------------------------------------

    def step(self) -> str:
        acts = [self.ask, self.ask, self.lend, self.lend, self.answer, self.answer, self.answer, self.end, self.restore,
                self.keep, self.renew, self.transfer, self.delete, self.leave, self.move, self.rights]  # fmt: skip
        act = self.rng.choice(acts)
        act()
        drain()
        return act.__name__

    def who(self) -> str:
        return self.rng.choice([name for name in PEOPLE if name not in self.left])

    def terms(self) -> dict[str, Any]:
        rng = self.rng
        return {
            "type": "opportunity", "record": rng.choice(self.deals), "action": rng.choice(("read", "read", "edit")),
            "fields": rng.sample(FIELDS, rng.randint(0 if rng.random() < 0.2 else 1, 2)), "seconds": rng.choice(SPANS),
            "reason": "because",
        }  # fmt: skip

    def ask(self) -> None:
        body = self.terms()
        if self.rng.random() < 0.2:
            body["borrower"] = str(self.company.people[self.who()])
        self.fine(self.company.at(self.who()).post("/access/requests", body))

    def lend(self) -> None:
        body = self.terms() | {"borrower": str(self.company.people[self.rng.choice(PEOPLE)])}
        row = readers.row_of(TYPES["opportunity"], body["record"])
        owner = self.names.get(row["owner_id"]) if row is not None else None
        # Mostly who could lend; often who only borrowed it.
        holders = [one.borrower for one in self.loans.values() if one.deal == body["record"]]
        who = self.rng.choice([owner, owner, "mei", "fin", *holders[-2:], self.who()])
        self.fine(self.company.at(who if who and who not in self.left else self.who()).post("/access/loans", body))

    def answer(self) -> None:
        waiting = list(Request.objects.filter(state__in=Request.WAITING).order_by("pk"))
        if not waiting:
            return
        one = self.rng.choice(waiting)
        # Mostly whoever it waits for, so that much is lent; else anybody.
        who = self.names.get(one.approver_id or 0, "") if self.rng.random() < 0.7 else ""
        if one.state == Request.CONFIRMING and self.rng.random() < 0.7:
            who = "sec"
        elif one.state == Request.PROPOSED and self.rng.random() < 0.7:
            who = self.names[one.borrower_id or 0]
        if not who or who in self.left:
            who = self.who()
        verb = {Request.CONFIRMING: "confirm", Request.PROPOSED: "consent"}.get(one.state, "approve")
        body: dict[str, Any] = {}
        if verb == "approve" and self.rng.random() < 0.4:
            body = {"seconds": self.rng.choice(SPANS)}
        if self.rng.random() < 0.1:
            verb, body = "refuse", {"text": "no"}
        self.fine(self.company.at(who).post(f"/access/requests/{one.pk}/{verb}", body))

    def end(self) -> None:
        pk = self.some()
        if pk and self.fine(self.company.at(self.near(pk)).post(f"/access/loans/{pk}/end")):
            self.loans[pk].alive = False

    def restore(self) -> None:
        pk = self.some()
        if pk:
            self.fine(self.company.at(self.near(pk)).post(f"/access/loans/{pk}/restore"))

    def keep(self) -> None:
        asked = list(Loan.objects.exclude(keeper_id=None).order_by("pk"))
        if not asked:
            return
        one = self.rng.choice(asked)
        who = self.names[one.keeper_id or 0] if self.rng.random() < 0.8 else self.who()
        if who in self.left:
            return
        on = self.rng.random() < 0.7
        # Kept or not, the former loan is over: a new one stands in its place.
        if self.fine(self.company.at(who).post(f"/access/loans/{one.pk}/keep", {"go_on": on})):
            self.loans[one.pk].alive = False

    def renew(self) -> None:
        pk = self.some()
        if pk and self.loans[pk].borrower not in self.left:
            who = self.company.at(self.loans[pk].borrower)
            self.fine(who.post(f"/access/loans/{pk}/renew", {"seconds": self.rng.choice(SPANS), "reason": "more"}))

    def transfer(self) -> None:
        deal, to = self.rng.choice(self.deals), self.who()
        row = readers.row_of(TYPES["opportunity"], deal)
        if row is None or row["owner_id"] == self.company.people[to]:
            return
        who = self.company.at("mei")
        seen = who.get(f"/records/opportunity/{deal}")
        if seen.status == 200:
            body = {"owner": str(self.company.people[to])}
            if self.fine(who.post(f"/records/opportunity/{deal}/actions/transfer", body, If_Match=seen.etag)):
                self.ended(lambda one: one.deal == deal)

    def delete(self) -> None:
        deal = self.rng.choice(self.deals)
        row = readers.row_of(TYPES["opportunity"], deal)
        owner = self.names.get(row["owner_id"], "") if row is not None else ""
        who = self.company.at(owner if owner and owner not in self.left else self.who())
        seen = who.get(f"/records/opportunity/{deal}")
        if seen.status == 200 and self.fine(who.delete(f"/records/opportunity/{deal}", If_Match=seen.etag)):
            self.ended(lambda one: one.deal == deal)
            with transaction.atomic():
                back = who.post(f"/records/opportunity/{deal}/restore", {})
            assert back.status in (200, 403), back.body
            if back.status != 200:
                self.gone.add(deal)

    def leave(self) -> None:
        who = self.rng.choice(
            [name for name in ("ann", "bob", "wei", "sue", "fin") if name not in self.left] or ["sue"]
        )
        if who in self.left:
            return
        leaving.leave(SETUP, self.company.people[who])
        self.left.add(who)
        self.ended(lambda one: one.borrower == who)
        week = clock.now() + timedelta(days=7)
        for one in self.loans.values():
            if one.lender == who:
                one.ends = min(one.ends, week)

    def move(self) -> None:
        who = self.rng.choice([name for name in ("ann", "bob", "mei") if name not in self.left] or [""])
        if who:
            place = self.company.departments[self.rng.choice(("east", "west", "east1"))]
            position = self.company.positions["manager" if who == "mei" else "rep"]
            try:
                with transaction.atomic():
                    assignments.move_person(SETUP, self.company.people[who], place, position=position)
            except Exception as error:  # noqa: BLE001  # to where they are already
                assert "Conflict" in type(error).__name__ or "Invalid" in type(error).__name__, error

    def rights(self) -> None:
        """What managers lend by is taken from them, or given to them again."""
        subject = {"subject_kind": "position", "subject_id": str(self.company.positions["manager"])}
        given = Grant.objects.filter(**subject, role=None, revoked_at=None).first()
        if given is None:
            grants.grant_lines(SETUP, SHARE, "position", subject["subject_id"])
        else:
            grants.revoke(SETUP, given.pk)

    # -- help ---------------------------------------------------------------------------------------------------

    def some(self) -> int:
        return self.rng.choice([*self.loans, 0])

    def near(self, pk: int) -> str:
        """Mostly one of the two whom it concerns."""
        one = self.loans[pk]
        chosen = self.rng.choice((one.borrower, one.lender, self.who()))
        return chosen if chosen not in self.left else self.who()

    def ended(self, concerned: Any) -> None:
        for one in self.loans.values():
            if concerned(one):
                one.alive = False

    def fine(self, reply: Reply) -> bool:
        """Done; or refused with a word, never broken."""
        assert reply.status in (200, 201, 204) or (400 <= reply.status < 500 and reply.body["message"]["zh"]), (
            reply.body
        )
        return reply.status < 300

    # -- what must hold -----------------------------------------------------------------------------------------

    def check(self) -> None:
        world = World.load()
        bare = replace(world, all_grants={pk: g for pk, g in world.all_grants.items() if not g.lent})
        for loan in Loan.objects.order_by("pk"):
            if loan.pk not in self.loans:
                self.held(loan, bare)
                if loan.request is not None and loan.request.renews_id in self.loans:
                    self.loans[loan.request.renews_id].alive = False
                self.loans[loan.pk] = Lent(
                    self.names[loan.borrower_id or 0], self.names[loan.lender_id or 0], loan.record_id,
                    frozenset(loan.fields), loan.action, loan.ends,
                )  # fmt: skip
        for pk, one in self.loans.items():
            # Who has left lends on for a week; everybody else as long as they hold it, and not again when they come to.
            if one.alive and one.lender not in self.left and not self.holds(one, bare):
                one.alive = False
                assert not Loan.objects.get(pk=pk).running(), (one, "outlives what its lender holds")
        self.cases()
        asked = {(one.borrower, one.deal) for one in list(self.loans.values())[-8:]}
        asked.add((self.who(), self.rng.choice(self.deals)))
        for name, deal in sorted(asked):
            if name not in self.left:
                self.sees(name, deal, bare)

    def cases(self) -> None:
        """Each request's case stands at the step that it waits for, as the work of whose turn it is, and ends with it."""
        for one in Request.objects.order_by("pk"):
            case = Instance.objects.get(record_id=one.pk)
            if one.state not in Request.WAITING:
                assert case.state != Instance.RUNNING, (one.pk, one.state)
                continue
            definition = library.definition(case.version)
            open_ = Work.objects.filter(instance=case, state=Work.OPEN).order_by("number")
            steps = {definition.nodes[work.node].id for work in open_}
            people = {work.person_id for work in open_}
            step = {Request.PROPOSED: "consent", Request.CONFIRMING: "confirm"}.get(one.state, "approve")
            assert case.state == Instance.RUNNING and not one.held and steps <= {step}, (one.pk, one.state, steps)
            if one.state == Request.OPEN:
                here = {pk for pk in one.asked if self.names[pk] not in self.left}
                assert people == here, (one.pk, people, here)
            elif one.state == Request.PROPOSED:
                assert people == {one.borrower_id}
            else:
                not_ = {one.borrower_id, one.asker_id, one.approver_id}
                assert people == set(company.now().may("policy", "grant")) - not_, (one.pk, people)

    def holds(self, one: Lent, bare: World) -> bool:
        """Whether its lender holds now, by themselves, what they lent."""
        lender = self.company.people[one.lender]
        row = readers.row_of(TYPES["opportunity"], one.deal)
        rights = views.build(lender, epoch.current(lender), clock.now(), bare).type("opportunity")
        if row is None or rights is None:
            return False
        facts = {**row, REACH: frozenset()}
        reads = all(rights.level(code, facts) == Level.READ for code in one.fields)
        edits = one.action != "edit" or all(
            rights.decide_field("edit", code, facts).allowed for code in one.fields if written(code)
        )
        return rights.decide("share", facts).allowed and reads and edits

    def held(self, loan: Loan, bare: World) -> None:
        """Property 3: a loan is cut from what its lender holds by themselves, from its first to its last moment."""
        lender = loan.lender_id
        assert lender is not None and lender != loan.borrower_id
        row = readers.row_of(TYPES["opportunity"], loan.record_id)
        assert row is not None
        facts = {**row, REACH: frozenset()}
        for moment in (loan.starts, loan.ends - timedelta(seconds=1)):
            rights = views.build(lender, epoch.current(lender), moment, bare).type("opportunity")
            assert rights is not None and rights.decide("share", facts).allowed, (loan.pk, moment)
            for code in loan.fields:
                assert rights.level(code, facts) == Level.READ, (loan.pk, code, moment)
                if loan.action == "edit" and written(code):
                    assert rights.decide_field("edit", code, facts).allowed, (loan.pk, code, moment)
        if set(loan.fields) & {"amount"}:
            assert loan.ends - loan.starts <= timedelta(days=14), "confidential"

    def sees(self, name: str, deal: str, bare: World) -> None:
        """Property 4: what is seen over HTTP is what is held without loans and what runs, at this very statement."""
        reply = self.company.at(name).get(f"/records/opportunity/{deal}")
        assert reply.status in (200, 404), reply.body
        row = readers.row_of(TYPES["opportunity"], deal)
        if row is None:
            assert reply.status == 404
            return
        person = self.company.people[name]
        rights = views.build(person, epoch.current(person), clock.now(), bare).bare("opportunity")
        facts = {**row, REACH: frozenset()}
        running = [
            one for one in self.loans.values()
            if one.alive and one.borrower == name and one.deal == deal and clock.now() < one.ends
        ]  # fmt: skip
        visible = rights.decide("read", facts).allowed
        assert (reply.status == 200) == (visible or bool(running)), (name, deal, running)
        for code in FIELDS:
            level = rights.level(code, facts) if visible else Level.HIDDEN
            lent = any(code in one.fields for one in running)
            said = reply.body["access"].get(code, "hidden") if reply.status == 200 else "hidden"
            expected = Level.READ if lent else level
            assert (said in ("read", "edit")) == (expected == Level.READ), (name, deal, code, said, running)
            assert (said == "hidden") == (expected == Level.HIDDEN), (name, deal, code, said, running)
            edits = any(code in one.fields and one.action == "edit" for one in running)
            own = visible and level == Level.READ and rights.decide_field("edit", code, facts).allowed
            own = own or (
                lent
                and rights.decide("edit", facts).allowed
                and rights.decide_field("edit", code, facts).reason in ("", "level")
            )
            assert (said == "edit") == (edits or own), (name, deal, code, said, running)


@each_seed(5)
def test_nobody_lends_beyond_and_every_end_acts(seed: int) -> None:
    rng = random.Random(seed)
    try:
        with transaction.atomic(), override_settings(SESSION_COOKIE_AGE=120 * DAY):
            play = Play(rng)
            now = clock.now()
            done = []
            with clock.at(now):
                for _ in range(4):
                    play.lend()
                    play.check()
            for _ in range(STEPS):
                now += timedelta(seconds=rng.choice((1, 30, 3600, DAY, 2 * DAY, 5 * DAY)))
                with clock.at(now):
                    done.append(play.step())
                    play.check()
            raise Undo
    except Undo:
        pass
