"""The verbs of the organisation: each is one transaction that checks, changes, audits and tells the layers above.

Every verb takes first ``by``, who does it; whether they may is decided above. Moments are aware; None means now.
A verb about one thing raises NotFound when there is no such thing; wrong input raises Invalid, input that does not
go with what is stored Conflict, both naming the place and leaving nothing half written. Verbs in the plural do many
at once, all or none, and begin each place with the row's number.
"""

from heli.org.verbs.assignments import (
    NewAssignment,
    assign,
    assign_many,
    end_assignment,
    make_primary,
    move_person,
)
from heli.org.verbs.company import set_company
from heli.org.verbs.dates import Dates, change_assignments, change_reporting
from heli.org.verbs.departments import (
    NewDepartment,
    close_department,
    create_department,
    create_departments,
    move_department,
    rename_department,
    reopen_department,
    set_head,
    set_heads,
    set_overseer,
    set_overseers,
)
from heli.org.verbs.deputies import end_deputy, set_deputy
from heli.org.verbs.leaving import back_from_leave, give_notice, leave, put_on_leave, rehire
from heli.org.verbs.people import (
    NewPerson,
    add_people,
    add_person,
    change_person,
    create_service_account,
    set_password,
)
from heli.org.verbs.positions import (
    NewPosition,
    close_position,
    create_position,
    create_positions,
    rename_position,
    reopen_position,
)
from heli.org.verbs.projects import (
    NewMember,
    add_project_member,
    add_project_members,
    change_project_role,
    end_memberships,
    remove_project_member,
    set_project_end,
)
from heli.org.verbs.reporting import NewReporting, end_reporting, set_manager, set_managers

__all__ = [
    "Dates",
    "NewAssignment",
    "NewDepartment",
    "NewMember",
    "NewPerson",
    "NewPosition",
    "NewReporting",
    "add_people",
    "add_person",
    "add_project_member",
    "add_project_members",
    "assign",
    "assign_many",
    "back_from_leave",
    "change_assignments",
    "change_person",
    "change_project_role",
    "change_reporting",
    "close_department",
    "close_position",
    "create_department",
    "create_departments",
    "create_position",
    "create_positions",
    "create_service_account",
    "end_assignment",
    "end_deputy",
    "end_memberships",
    "end_reporting",
    "give_notice",
    "leave",
    "make_primary",
    "move_department",
    "move_person",
    "put_on_leave",
    "rehire",
    "remove_project_member",
    "rename_department",
    "rename_position",
    "reopen_department",
    "reopen_position",
    "set_company",
    "set_deputy",
    "set_head",
    "set_heads",
    "set_manager",
    "set_managers",
    "set_overseer",
    "set_overseers",
    "set_password",
    "set_project_end",
]
