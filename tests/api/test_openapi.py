"""The API's description: as committed, exact, and complete."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from heli.api import openapi
from heli.api.routes import TABLE
from heli.records.types import TYPES

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "openapi.json"


def test_the_committed_document_is_the_present_one() -> None:
    assert DOCUMENT.read_bytes() == openapi.text(), "run: heli openapi"


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return openapi.document()


def test_every_route_is_described_with_its_errors(document: dict[str, Any]) -> None:
    described = {(m.upper(), p) for p, methods in document["paths"].items() for m in methods}
    assert described == {(r.method, f"/api/v1{r.path}") for r in TABLE.routes}
    ids = [op["operationId"] for methods in document["paths"].values() for op in methods.values()]
    assert len(ids) == len(set(ids))
    for route in TABLE.routes:
        said = document["paths"][f"/api/v1{route.path}"][route.method.lower()]["responses"]
        assert set(said) == {str(s) for s in (*route.answers, *route.statuses)}, route.id


def test_every_reference_resolves(document: dict[str, Any]) -> None:
    text = json.dumps(document)
    wanted = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert wanted <= set(document["components"]["schemas"])


def test_schemas_are_exact_per_type(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for kind in TYPES:
        name = "".join(part.capitalize() for part in kind.code.split("_"))
        assert set(schemas[f"{name}Values"]["properties"]) == set(kind.fields)
        assert schemas[f"{name}Values"]["additionalProperties"] is False
        assert not [c for c in schemas[f"New{name}"]["properties"] if kind.fields[c].readonly]
