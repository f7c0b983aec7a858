"""Programs' tokens: made by their person, bound to one of the person's roles, shown once."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from heli.api import shape, viewer
from heli.api.common import items, moment, ref
from heli.api.models import Token
from heli.api.route import Answer, Call, Route
from heli.audit import log
from heli.audit.log import EntryData
from heli.kernel import clock
from heli.kernel.errors import Conflict, Invalid, NotFound, Problem, Refused
from heli.kernel.words import Words

MOST = 50
"""Live tokens a person may have."""
BODY = shape.record(
    {"name": shape.text(100, 1), "role": shape.text(64, 1), "days": {"type": "integer", "minimum": 1, "maximum": 365}}
)
_TOKEN = {
    "id": shape.ID,
    "name": {"type": "string"},
    "role": {"type": "string"},
    "created_at": shape.MOMENT,
    "expires_at": shape.MOMENT,
    "last_used_on": {"type": ["string", "null"], "format": "date"},
}
SCHEMAS = {
    "Token": shape.record(_TOKEN),
    "NewToken": shape.record({**_TOKEN, "token": {"type": "string"}}),
}

NOT_YOURS = Words("你没有这个角色", "you do not hold this role")
BY_TOKEN = Words("令牌不能管理令牌，请登录后操作", "a token cannot manage tokens: sign in to do this")
FULL = Words(f"最多 {MOST} 个有效令牌", f"at most {MOST} live tokens")


def said(one: Token) -> dict[str, Any]:
    """A token as its answers show it, without its text."""
    return {
        "id": one.pk,
        "name": one.name,
        "role": one.role,
        "created_at": moment(one.created_at),
        "expires_at": moment(one.expires_at),
        "last_used_on": one.last_used_on.isoformat() if one.last_used_on else None,
    }


def _mine(call: Call) -> Any:
    if call.viewer.role:
        raise Refused(BY_TOKEN, code="by_token")
    return Token.objects.filter(person_id=call.person, revoked_at__isnull=True, expires_at__gt=clock.now())


def listed(call: Call) -> Answer:
    """My live tokens."""
    return Answer({"items": [said(one) for one in _mine(call).order_by("-created_at", "-id")]})


def make(call: Call) -> Answer:
    """A new token. Its text is in this answer and nowhere else."""
    mine, who = _mine(call), call.viewer
    held = {s.role for s in who.view.sources} if who.view is not None else set()
    role = call.body["role"]
    if role not in held:
        raise Invalid(Problem("role", "unknown", NOT_YOURS))
    if mine.count() >= MOST:
        raise Conflict(FULL, code="too_many")
    made, secret = create(call, call.person, call.body)
    return Answer({**said(made), "token": secret}, 201, location=f"/tokens/{made.pk}", replay="never")


def create(call: Call, person: int, body: dict[str, Any]) -> tuple[Token, str]:
    """A token of this person with the ``name``, ``role`` and ``days`` of the body, and its text; audited as who asks."""
    secret = viewer.TOKEN_PREFIX + secrets.token_urlsafe(32)
    now = clock.now()
    with log.transaction():
        made = Token.objects.create(
            hash=viewer.digest(secret),
            person_id=person,
            name=body["name"],
            role=body["role"],
            created_at=now,
            expires_at=now + timedelta(days=body["days"]),
        )
        log.append(_entry(call, "token.create", made))
    return made, secret


def one(call: Call) -> Answer:
    """One of my tokens."""
    return Answer(said(_find(call)))


def _find(call: Call) -> Token:
    found: Token | None = _mine(call).filter(pk=call.path["id"]).first()
    if found is None:
        raise NotFound
    return found


def revoke(call: Call) -> Answer:
    """End a token; the next request that carries it is refused."""
    end(call, _find(call))
    return Answer(status=204)


def end(call: Call, found: Token) -> None:
    """Revoke a token, audited as who asks."""
    with log.transaction():
        Token.objects.filter(pk=found.pk).update(revoked_at=clock.now())
        log.append(_entry(call, "token.revoke", found))


def _entry(call: Call, action: str, token: Token) -> EntryData:
    who = call.viewer
    return EntryData(action=action, object_type="token", object_id=token.pk, actor_id=who.person, actor_name=who.name,
                     origin=call.origin, after={"name": token.name, "role": token.role, "person": token.person_id})  # fmt: skip


_ID = {"id": shape.ID}
ROUTES = (
    Route("GET", "/tokens", listed, "listTokens", "My live tokens", "tokens", answers={200: items(ref("Token"))}, errors=(403,)),
    Route("POST", "/tokens", make, "makeToken", "A new token, shown once", "tokens", body=BODY, keyed=True,
          answers={201: ref("NewToken")}, errors=(403, 409)),
    Route("GET", "/tokens/{id}", one, "getToken", "One of my tokens", "tokens", path_schemas=_ID,
          answers={200: ref("Token")}, errors=(403,)),
    Route("DELETE", "/tokens/{id}", revoke, "revokeToken", "End a token", "tokens", path_schemas=_ID, answers={204: None}),
)  # fmt: skip
