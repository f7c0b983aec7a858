"""From a seed and a day to the whole company, always the same."""

from __future__ import annotations

import datetime as dt

from heli.crm.demo import customers, money, organisation, sales, service
from heli.crm.demo.chance import Chance
from heli.crm.demo.company import SEED, DemoCompany
from heli.crm.demo.story import Story

ORDER = (
    "product", "campaign", "account", "contact", "opportunity", "lead", "quote", "contract", "order", "payment",
    "invoice", "ticket", "satisfaction", "feedback", "activity", "task",
)  # fmt: skip
"""In this order every link leads backwards."""


def generate(today: dt.date, seed: int = SEED) -> DemoCompany:
    """The company as it stands on `today`; nothing that has happened is later than the day before."""
    chance = Chance(seed)
    people = organisation.people(chance)
    projects = organisation.projects(chance, people, today)
    story = Story(chance, today, people, projects)
    customers.products(story)
    customers.campaigns(story)
    customers.accounts(story)
    customers.contacts(story)
    customers.leads(story)
    won = sales.deals(story)
    sales.customers_of_won(story, won)
    money.money(story, won)
    sales.activities(story)
    service.tickets(story, won)
    service.tasks(story)
    rows = {type_: tuple(story.rows[type_]) for type_ in ORDER}
    return DemoCompany(organisation.departments(people), tuple(people), projects, rows)
