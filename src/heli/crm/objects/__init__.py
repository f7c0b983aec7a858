"""The object types that ship, one file each. A new one is a new file and a line here."""

from heli.crm.objects.account import Account
from heli.crm.objects.activity import Activity
from heli.crm.objects.campaign import Campaign
from heli.crm.objects.contact import Contact
from heli.crm.objects.contract import Contract
from heli.crm.objects.feedback import Feedback
from heli.crm.objects.invoice import Invoice
from heli.crm.objects.lead import Lead
from heli.crm.objects.opportunity import Opportunity
from heli.crm.objects.order import Order
from heli.crm.objects.payment import Payment
from heli.crm.objects.product import Product
from heli.crm.objects.project import Project
from heli.crm.objects.quote import Quote
from heli.crm.objects.satisfaction import Satisfaction
from heli.crm.objects.task import Task
from heli.crm.objects.ticket import Ticket

__all__ = [
    "Account",
    "Activity",
    "Campaign",
    "Contact",
    "Contract",
    "Feedback",
    "Invoice",
    "Lead",
    "Opportunity",
    "Order",
    "Payment",
    "Product",
    "Project",
    "Quote",
    "Satisfaction",
    "Task",
    "Ticket",
]
