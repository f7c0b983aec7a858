"""Nobody widens what they may do themselves by changing the organisation, whichever change it is."""

from __future__ import annotations

from functools import wraps

from heli.access.wider import course, ever_wider
from heli.api.route import Answer, Call, Handler
from heli.audit import log
from heli.kernel import clock
from heli.kernel.errors import Conflict
from heli.kernel.words import Words

OWN_REACH = Words(
    "不能由自己扩大自己能看到的范围，请另一位管理员操作",
    "nobody widens what they see themselves: ask another administrator",
)


def never_wider(handle: Handler) -> Handler:
    """The same handler, undone with a Conflict when it leaves the asker with wider rights than they had: by a post, a
    project, a department that comes below theirs, oversight, or people who come to report to them; now or on
    a day to come."""

    @wraps(handle)
    def guarded(call: Call) -> Answer:
        if call.viewer.view is None or call.viewer.person is None:
            return handle(call)
        with log.transaction():
            had = course(call.viewer.person, clock.now())
            answer = handle(call)
            if ever_wider(had, course(call.viewer.person, clock.now())):
                raise Conflict(OWN_REACH, code="self")
        return answer

    return guarded
