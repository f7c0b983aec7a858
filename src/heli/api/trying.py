"""An act in a sandbox: gone through whole, taken back whole, and told how it would have ended."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction

from heli.api.route import Answer
from heli.kernel.errors import HeliError, Refused
from heli.kernel.words import Words

WOULD = Words("沙盒：会成功；没有保存任何内容", "sandbox: this would be done; nothing was saved")
WOULD_NOT = Words("沙盒：会被拒绝。{reason}", "sandbox: this would be refused. {reason}")
WOULD_MANY = Words(
    "沙盒：会完成 {done} 条，拒绝 {refused} 条；没有保存任何内容",
    "sandbox: {done} would be done and {refused} refused; nothing was saved",
)


class Tried(HeliError):
    """A sandbox's answer to an act: nothing was written. The code says whether it would have been done."""

    status = 409
    code = "sandbox_done"


def attempt(act: Callable[[], Answer]) -> Answer:
    """Do it all, take it all back, and say how it would have ended: always by raising.

    Raises Tried; what is wrong with the request itself is raised as ever.
    """
    try:
        with transaction.atomic():
            answer = act()
            transaction.set_rollback(True)
    except Refused as error:
        raise Tried(
            WOULD_NOT.fill(reason=error.words), code="sandbox_refused", why=error.why, problems=error.problems
        ) from None
    if isinstance(answer.body, dict) and {"done", "refused"} <= set(answer.body):
        done, refused = answer.body["done"], answer.body["refused"]
        raise Tried(WOULD_MANY.fill(done=str(done), refused=str(refused)))
    raise Tried(WOULD)
