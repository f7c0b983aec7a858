"""Tokens of service accounts, made by administrators: shown once, bound to one role of the account, revoked at any time.

A person makes their own (``/tokens``); nobody makes one for a person.
"""

from __future__ import annotations

from typing import Any

from heli.api import organisation, shape, tokens
from heli.api.common import WORDS, ref
from heli.api.models import Token
from heli.api.org_common import CONFLICT, ID, TAG, guarded, known
from heli.api.route import Answer, Call, Route
from heli.kernel import clock
from heli.kernel.errors import Conflict, Invalid, NotFound, Problem, Refused
from heli.kernel.words import Words
from heli.org.models import Person

NOT_SERVICE = Words(
    "令牌由本人创建，只能为服务账号代建", "people make their own tokens; only a service account's are made for it"
)
GONE = Words("该服务账号已停用", "this service account has been ended")
NOT_THEIRS = Words("该服务账号没有这个角色", "the service account does not hold this role")


def _account(call: Call) -> int:
    """The service account in the path. Raises Refused for others than administrators and for tokens, NotFound, Conflict."""
    organisation.needs_admin(call)
    if call.viewer.role:
        raise Refused(tokens.BY_TOKEN, code="by_token")
    pk = known(call)
    if Person.objects.values_list("kind", flat=True).get(pk=pk) != Person.SERVICE:
        raise Conflict(NOT_SERVICE, code="not_service")
    return pk


def _live(pk: int) -> Any:
    return Token.objects.filter(person_id=pk, revoked_at__isnull=True, expires_at__gt=clock.now())


def listed(call: Call) -> Answer:
    """The account's live tokens, and the roles that a new one may be bound to."""
    pk = _account(call)
    found = _live(pk).order_by("-created_at", "-id")
    return Answer({"items": [tokens.said(one) for one in found], "roles": organisation.roles_of(pk)})


def make(call: Call) -> Answer:
    """A new token of the account. Its text is in this answer and nowhere else."""
    pk = _account(call)
    if Person.objects.values_list("status", flat=True).get(pk=pk) == Person.LEFT:
        raise Conflict(GONE, code="left")
    if call.body["role"] not in {role["code"] for role in organisation.roles_of(pk)}:
        raise Invalid(Problem("role", "unknown", NOT_THEIRS))
    if _live(pk).count() >= tokens.MOST:
        raise Conflict(tokens.FULL, code="too_many")
    made, secret = tokens.create(call, pk, call.body)
    return Answer({**tokens.said(made), "token": secret}, 201, replay="never")


def revoke(call: Call) -> Answer:
    """End a token; the next request that carries it is refused."""
    found = _live(_account(call)).filter(pk=call.path["token"]).first()
    if found is None:
        raise NotFound
    tokens.end(call, found)
    return Answer(status=204)


_ROLE = shape.record({"code": {"type": "string"}, "name": ref(WORDS)})
_LISTED = shape.record({"items": shape.array(ref("Token")), "roles": shape.array(_ROLE)})
_PATH = "/organisation/people/{id}/tokens"
ROUTES = (
    Route("GET", _PATH, listed, "listServiceTokens", "A service account's live tokens", TAG, path_schemas=ID,
          errors=(403, 409), answers={200: _LISTED}),
    *guarded((
        Route("POST", _PATH, make, "makeServiceToken", "A new token of a service account, shown once", TAG, path_schemas=ID,
              body=tokens.BODY, keyed=True, errors=CONFLICT, answers={201: ref("NewToken")}),
        Route("DELETE", f"{_PATH}/{{token}}", revoke, "revokeServiceToken", "End a service account's token", TAG,
              path_schemas={**ID, "token": shape.ID}, errors=CONFLICT, answers={204: None}),
    )),
)  # fmt: skip
