"""The JSON Schema of a kind says what the kind takes: an implementation nobody here wrote is asked about both."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.test_fields import KINDS

from heli.records import fields as f

MORE_THAN_A_SCHEMA_SAYS = {"credit_code", "date", "datetime", "lines", "number3"}
"""Checksums, calendars and bounds of decimals: such a field may refuse what its schema lets pass, never the reverse."""

LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
    | st.from_regex(r"-?[0-9]{1,17}(\.[0-9]{1,3})?", fullmatch=True)
    | st.from_regex(r"[0-9a-f]{32}", fullmatch=True)
    | st.from_regex(r"(\+86 ?)?1[3-9][0-9]{9}", fullmatch=True)
    | st.from_regex(r"[0-9]{4}-[01][0-9]-[0-3][0-9](T[0-2][0-9]:[0-5][0-9]:00(Z|\+08:00))?", fullmatch=True)
    | st.sampled_from(["new", "won", "a@b.cn", "https://example.com/a?b", "91110000600037341L", "021-62345678", "", "\x00"])
)  # fmt: skip
VALUES = LEAVES | st.lists(LEAVES, max_size=3) | st.dictionaries(
    st.sampled_from(["quantity", "unit_price", "discount", "description", "product", "amount", "id"]), LEAVES, max_size=4
).map(lambda line: [line])  # fmt: skip

ACCEPTS = {name: jsonschema_rs.validator_for(field.input_schema()) for name, field in KINDS.items()}
SHOWS = {name: jsonschema_rs.validator_for(field.schema()) for name, field in KINDS.items()}
MASKS = {name: jsonschema_rs.validator_for(field.masked_schema()) for name, field in KINDS.items()}


def takes(field: f.Field, value: Any) -> bool:
    try:
        field.parse(value)
    except f.FieldError:
        return False
    return True


@settings(max_examples=600, deadline=None)
@given(VALUES)
def test_the_schema_and_the_field_agree(value: Any) -> None:
    for name, field in KINDS.items():
        taken, valid = takes(field, value), ACCEPTS[name].is_valid(value)
        if name in MORE_THAN_A_SCHEMA_SAYS:
            assert valid or not taken, (name, value)
        else:
            assert taken == valid, (name, value)


@settings(max_examples=300, deadline=None)
@given(VALUES)
def test_what_a_field_dumps_is_what_its_schema_describes(value: Any) -> None:
    for name, field in KINDS.items():
        if takes(field, value):
            parsed = field.parse(value)
            shown, masked = field.dump(parsed), field.mask(parsed)
            assert SHOWS[name].is_valid(shown), (name, shown)
            assert MASKS[name].is_valid(masked), (name, masked)
