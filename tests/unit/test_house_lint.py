"""The project's own lint finds what it forbids, and only that."""

from __future__ import annotations

import ast

import pytest
from tools import lint


def found(code: str, layer: str = "crm") -> list[str]:
    return [what for _, _, what in lint.doors(lint.SOURCE / layer / "some.py", ast.parse(code))]


@pytest.mark.parametrize(
    "bypass",
    [
        "from heli.crm.objects.account import Account\nAccount.objects.all()",
        "from heli.crm.objects import account\naccount.Account.objects.filter(id=1)",
        "import heli.crm.objects.account as a\na.Account._base_manager.all()",
        "from heli.crm.objects.account import Account as A\nA._default_manager.get()",
        "from heli.org.models import Project\nProject.objects.first()",
        "def f(kind):\n    return kind.model._base_manager.all()",
        "from django.db.models import QuerySet\ndef f(model):\n    return QuerySet(model)",
        "from django.db import models\ndef f(model):\n    return models.Manager()",
        "from django.db import models\nclass Mine(models.Manager):\n    pass",
        "def f(thing):\n    return thing.raw('SELECT 1')",
    ],
)
def test_every_known_way_past_the_doors_is_found(bypass: str) -> None:
    assert found(bypass)


@pytest.mark.parametrize(
    ("code", "layer"),
    [
        ("from heli.crm.models import Pool\nPool.objects.all()", "crm"),
        ("from heli.records import store\nstore.query(viewer, 'account')", "api"),
        ("from heli.org.models import Project\nProject.objects.first()", "org"),
        ("from django.db import models\nclass Guarded(models.Manager):\n    pass", "records"),
        ("from django.contrib.auth.models import BaseUserManager\nclass M(BaseUserManager):\n    pass", "api"),
    ],
)
def test_what_is_allowed_is_not_found(code: str, layer: str) -> None:
    assert found(code, layer) == []


def test_even_the_doors_may_not_read_raw() -> None:
    assert found("model.raw('SELECT 1')", "records")


@pytest.mark.parametrize(
    "line",
    [
        "see https://" + "pypi.example/simple",
        "index = https://" + "registry.example.org/",
        "cd /" + "root/project",
        "path = '/" + "home/someone/file'",
        '"resolved"' + ': "https://x"',
        "# TO" + "DO later",
    ],
)
def test_addresses_machine_paths_and_promises_are_found(line: str) -> None:
    assert list(lint.texts(lint.SOURCE / "x.py", line))


@pytest.mark.parametrize(
    "line", ["/api/v1/wo" + "rk/items", "https://example.com/x", "~/wo" + "rk/x", "a/ro" + "ot/b", "TO" + "DO = 1"]
)
def test_other_texts_are_not(line: str) -> None:
    assert not list(lint.texts(lint.SOURCE / "x.py", line))
