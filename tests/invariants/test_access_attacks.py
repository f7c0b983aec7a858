"""What a dishonest colleague would try at the doors, and what they get."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from tests import world

from heli.access import epoch, grants
from heli.access import view as views
from heli.audit.models import Entry
from heli.kernel import clock
from heli.kernel.errors import Conflict, Invalid, NotFound, Refused
from heli.records import act, store
from heli.records.act import Action
from heli.records.sight import kind_of

pytestmark = [pytest.mark.django_db, pytest.mark.storage]

CUSTOMER = [
    {"type": "contact", "actions": ["read", "create", "edit"], "scope": ["customer"], "read": {"*": "read"}},
    {"type": "account", "actions": ["read"], "scope": ["all"]},
]


@pytest.fixture
def company() -> world.World:
    return world.fresh()


def give(company: world.World, name: str, *lines: dict[str, Any]) -> None:
    grants.grant_lines(world.SETUP, list(lines), "person", str(company.people[name]))


def test_nobody_writes_the_keys_that_rights_hang_on(company: world.World) -> None:
    deal = company.make("ann", "opportunity", name="A")
    for key in ("owner", "department", "pool"):
        value = "all" if key == "pool" else str(company.people["wei"])
        with pytest.raises(Refused) as refused:
            company.do("ann", "opportunity", "edit", deal, **{key: value})
        assert refused.value.code == "readonly"
        with pytest.raises(Refused):
            company.make("ann", "opportunity", name="B", **{key: value})
    for hidden in ("account_owner_id", "account_id", "deleted_at", "version", "id", "name_key"):
        with pytest.raises(Invalid) as unknown:
            company.do("ann", "opportunity", "edit", deal, **{hidden: "1"})
        assert unknown.value.problems[0].code == "unknown"


def test_a_record_cannot_be_moved_to_a_customer_out_of_scope(company: world.World) -> None:
    company.add("joe", "west", None)
    give(company, "joe", *CUSTOMER)
    mine = act.do(company.system, Action("account", "create", values={"name": "Mine"})).id
    act.do(company.system, Action("account", "assign", mine, {"owner": str(company.people["joe"])}))
    theirs = company.make("ann", "account", name="Theirs")
    contact = company.make("joe", "contact", name="Carl", account=mine)
    company.do("mei", "account", "edit", theirs, name="Theirs still")
    # A contact scoped by its customer alone: the move would leave the scope, so it is refused on the row after.
    act.do(company.system, Action("contact", "transfer", contact, {"owner": str(company.people["wei"])}))
    with pytest.raises(Refused):
        company.do("joe", "contact", "edit", contact, account=theirs)
    assert company.list("joe", "contact")[0]["account"]["id"] == mine
    with pytest.raises(Refused):
        company.make("joe", "contact", name="Spy", account=theirs)


def test_nobody_joins_a_team_by_themselves(company: world.World) -> None:
    deal = company.make("ann", "opportunity", name="A")
    with pytest.raises(Refused) as refused:
        company.do("ann", "opportunity", "team_add", deal, person=str(company.people["ann"]))
    assert refused.value.code == "oneself"


def test_who_shares_an_account_opens_no_more_than_they_hold(company: world.World) -> None:
    account = company.make("ann", "account", name="Acme")
    wei = str(company.people["wei"])
    for types in ("opportunity", "contract", "contact ticket"):
        with pytest.raises(Refused) as refused:
            company.do("ann", "account", "team_add", account, person=wei, types=types)
        assert refused.value.code == "not_yours", types
    company.do("ann", "account", "team_add", account, person=wei, types="contact", edit=True)
    give(
        company,
        "ann",
        {"type": "opportunity", "actions": ["read"], "scope": ["customer"], "where": [["stage", "=", "new"]]},
    )
    with pytest.raises(Refused):
        company.do("ann", "account", "team_add", account, person=wei, types="opportunity")
    give(company, "ann", {"type": "opportunity", "actions": ["read"], "scope": ["customer"]})
    company.do("ann", "account", "team_add", account, person=wei, types="opportunity")
    with pytest.raises(Refused):
        company.do("ann", "account", "team_add", account, person=wei, types="opportunity", edit=True)


def test_a_rehearsed_reveal_shows_nothing(company: world.World) -> None:
    contact = company.make("ann", "contact", name="Carl", mobile="13800001234")
    viewer = company.as_("ann")
    done = act.do(viewer, Action("contact", "reveal", contact, {"field": "mobile"}, dry_run=True))
    assert done.answer == {}
    assert not Entry.objects.filter(action="reveal").exists()
    assert act.do(viewer, Action("contact", "reveal", contact, {"field": "mobile"})).answer["value"]
    assert Entry.objects.filter(action="reveal").count() == 1


def test_sensitive_values_form_no_groups(company: world.World) -> None:
    company.make("ann", "contact", name="Carl", mobile="13800001234")
    with pytest.raises(Invalid) as refused:
        store.query(company.as_("ann"), "contact").count(by="mobile")
    assert refused.value.problems[0].code == "sensitive"


def test_a_masked_value_is_neither_revealed_nor_asked_for(company: world.World) -> None:
    contact = company.make("ann", "contact", name="Carl", mobile="13800001234")
    company.add("joe", "west", None)
    give(company, "joe", {"type": "contact", "actions": ["read"], "scope": ["all"], "read": {"sensitive": "masked"}})
    with pytest.raises(Refused):
        company.do("joe", "contact", "reveal", contact, field="mobile")
    query = store.query(company.as_("joe"), "contact")
    for asked in ({"mobile": "13800001234"}, {"mobile": {"starts": "138"}}, {"mobile": None}):
        with pytest.raises(Invalid):
            query.where(asked)
    for ask in (lambda: query.sort("mobile"), lambda: query.count(by="mobile"), lambda: query.count(total="mobile")):
        with pytest.raises(Invalid):
            ask()


def test_links_to_unseen_and_absent_records_answer_alike(company: world.World) -> None:
    theirs = company.make("wei", "account", name="Theirs")
    said = set()
    for target in (theirs, "0" * 32):
        with pytest.raises(Invalid) as refused:
            company.make("ann", "opportunity", name="A", account=target)
        said.add(str(refused.value))
    assert len(said) == 1
    for verb in ("edit", "delete", "transfer", "team_add", "reveal", "restore", "claim"):
        answers = set()
        for target in (theirs, "0" * 32):
            with pytest.raises(NotFound) as missing:
                company.do("ann", "account", verb, target, name="x")
            answers.add(str(missing.value))
        assert len(answers) == 1


def test_an_empty_hidden_cell_does_not_show_in_an_edit(company: world.World) -> None:
    deal = company.make("ann", "opportunity", name="A", amount="1.00")
    company.add("joe", "west", None)
    give(
        company, "joe",
        {"type": "opportunity", "actions": ["read", "edit"], "scope": ["all"], "read": {"name": "hidden"}, "write": ["competitor"]},
    )  # fmt: skip
    kind = kind_of("opportunity")
    with connection.cursor() as cursor:
        cursor.execute(f'UPDATE "{kind.table}" SET name=%s WHERE id=%s', ["", deal])
    company.do("joe", "opportunity", "edit", deal, competitor="X")


def test_a_probe_of_a_unique_value_leaves_a_trace(company: world.World) -> None:
    company.make("ann", "account", name="Acme")
    with pytest.raises(Conflict):
        company.make("wei", "account", name="Acme")
    entry = Entry.objects.filter(outcome="refused").get()
    assert entry.actor_id == company.people["wei"]


def test_rights_that_end_while_a_viewer_is_at_hand_do_not_write(company: world.World) -> None:
    deal = company.make("ann", "opportunity", name="A")
    company.add("joe", "west", None)
    grants.grant_lines(
        world.SETUP, [{"type": "opportunity", "actions": ["read", "edit"], "scope": ["all"]}],
        "person", str(company.people["joe"]), ends=clock.now() + timedelta(minutes=1),
    )  # fmt: skip
    viewer = company.as_("joe")
    act.do(viewer, Action("opportunity", "edit", deal, {"competitor": "X"}))
    with clock.later(seconds=61), pytest.raises(NotFound):
        act.do(viewer, Action("opportunity", "edit", deal, {"competitor": "Y"}))


def test_a_view_from_an_undone_transaction_is_never_served(company: world.World) -> None:
    joe = company.add("joe", "west", None)
    everything = [{"type": "opportunity", "actions": ["read"], "scope": ["all"]}]
    with transaction.atomic():
        grants.grant_lines(world.SETUP, everything, "person", str(joe))
        assert views.of(joe).may("opportunity", "read")
        transaction.set_rollback(True)
    grants.grant_lines(world.SETUP, [{**everything[0], "type": "product"}], "person", str(joe))
    assert not views.of(joe).may("opportunity", "read")


def test_an_epoch_is_held_even_before_its_first_change(company: world.World) -> None:
    joe = company.add("joe", "west", None)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM access_epoch")
    with transaction.atomic():
        assert epoch.hold(joe) == epoch.current(joe) == (0, 0)
        with connection.cursor() as cursor:
            cursor.execute("SELECT COUNT(*) FROM access_epoch")
            assert cursor.fetchone()[0] == (2 if connection.vendor == "postgresql" else 0)


def test_a_claimed_record_cannot_be_claimed_again(company: world.World) -> None:
    account = act.do(company.system, Action("account", "create", values={"name": "Free"})).id
    with connection.cursor() as cursor:
        cursor.execute(
            f'UPDATE "{kind_of("account").table}" SET pool_id=%s, owner_id=NULL WHERE id=%s', ["all", account]
        )
    first, second = company.as_("ann"), company.as_("wei")
    act.do(first, Action("account", "claim", account))
    with pytest.raises((NotFound, Refused)):
        act.do(second, Action("account", "claim", account))
    with pytest.raises((NotFound, Refused)):
        act.do(first, Action("account", "claim", account))


def test_a_program_bounded_by_a_role_stays_bounded_when_rights_change(company: world.World) -> None:
    deal = company.make("ann", "opportunity", name="A")
    viewer = company.as_("mei")
    assert viewer.view is not None
    bound = replace(viewer, role="rep", view=viewer.view.limited_to("rep"))
    epoch.bump_policy()
    with pytest.raises(NotFound):
        act.do(bound, Action("opportunity", "edit", deal, {"competitor": "X"}))
