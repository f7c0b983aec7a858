"""The profile language: what a profile means once read, and every mistake in it named with its line and column."""

from __future__ import annotations

from pathlib import Path

import pytest

from heli.records.profiles import Profile, ProfileError, load_profile
from heli.records.profiles.model import Column, Constant, Lookup
from heli.records.profiles.template import BadTemplateError, Template, parse_template

SMALL = """\
profile: small
files:
  - file: a.csv
    rows:
      - make: account
        key: "{name}"
        set:
          name: name
"""


def mistakes(text: str) -> list[tuple[str, str]]:
    """(place, code) of every mistake of a profile."""
    with pytest.raises(ProfileError) as caught:
        load_profile(text)
    return [(problem.place, problem.code) for problem in caught.value.problems]


def field_of(profile: Profile, name: str) -> object:
    return next(one for one in profile.files[0].targets[0].fields if one.name == name)


def with_field(text: str) -> str:
    return SMALL + f"          x: {text}\n"


def test_the_smallest_profile() -> None:
    profile = load_profile(SMALL)
    assert (profile.name, profile.currency, profile.title.zh) == ("small", None, "small")
    (plan,) = profile.files
    (target,) = plan.targets
    assert (plan.name, target.make, target.key and target.key.text) == ("a.csv", "account", "{name}")
    assert target.fields[0].source == Column("name")
    assert (target.place.line, target.fields[0].place.line) == (5, 8)


def test_every_source_is_read_as_what_it_is() -> None:
    text = SMALL + (
        "          a: {value: [x, 1, true]}\n"
        "          b: {value: null}\n"
        '          c: {text: "{@name|lower}-{n}"}\n'
        "          d: {lookup: {file: b.csv, match: {agent: name}, take: team}, link: department}\n"
        "          e: {column: n, as: money, scale: 1_000_000, numbers: comma, required: true}\n"
    )
    profile = load_profile(text)
    sources = {one.name: one.source for one in profile.files[0].targets[0].fields}
    assert sources["a"] == Constant(("x", 1, True))
    assert sources["b"] == Constant(None)
    assert isinstance(sources["c"], Template)
    assert sources["d"] == Lookup("b.csv", "agent", "name", "team")
    money = field_of(profile, "e")
    assert (money.scale, money.on_empty, money.numbers) == (1_000_000, "reject", "comma")  # type: ignore[attr-defined]


def test_files_are_read_in_the_order_that_their_links_need() -> None:
    text = """\
profile: p
files:
  - file: deals.csv
    rows:
      - {make: opportunity, key: "{id}", set: {account: {column: a, link: account}}}
  - file: notes.csv
    after: [deals.csv]
    rows: [{make: activity, key: "{id}"}]
  - file: accounts.csv
    rows:
      - {make: account, key: "{name}", set: {parent: {column: p, link: account}}}
"""
    assert [plan.name for plan in load_profile(text).files] == ["accounts.csv", "deals.csv", "notes.csv"]


def test_files_that_wait_for_one_another_are_a_mistake() -> None:
    text = """\
profile: p
files:
  - file: a.csv
    rows: [{make: account, key: "{k}", set: {x: {column: k, link: contact}}}]
  - file: b.csv
    rows: [{make: contact, key: "{k}", set: {x: {column: k, link: account}}}]
"""
    assert mistakes(text) == [("profile:3:5", "circle")]


@pytest.mark.parametrize(
    ("text", "place", "code"),
    [
        ("", "profile:1:1", "empty"),
        ("- a\n- b\n", "profile:1:1", "type"),
        ("profile: p\nfiles: []\n", "profile:2:8", "empty"),
        ("profile: p\nfiles: [\n", "profile:3:1", "yaml"),
        ("profile: p\n\tfiles: x\n", "profile:2:1", "yaml"),
        ("profile: \x00\n", "profile:1:1", "yaml"),
        ("profile: &a p\nfiles: *a\n", "profile:2:8", "alias"),
        ("profile: !!python/object:os.system x\n", "profile:1:10", "tag"),
        ("profile: p\nprofile: q\n" + SMALL[15:], "profile:2:1", "repeated"),
        (SMALL + "colour: red\n", "profile:9:1", "unknown"),
        (SMALL + "currency: dollars\n", "profile:9:11", "currency"),
        (SMALL.replace("a.csv", "../a.csv"), "profile:3:11", "path"),
        (SMALL.replace("a.csv", "/etc/passwd"), "profile:3:11", "path"),
        (SMALL.replace("make: account", "make: no such"), "profile:5:15", "unknown"),
        (SMALL.replace('        key: "{name}"\n', ""), "profile:5:9", "missing"),
        (SMALL.replace('"{name}"', '"{name|reverse}"'), "profile:6:14", "template"),
        (SMALL.replace('"{name}"', '"{name"'), "profile:6:14", "template"),
        (SMALL.replace('"{name}"', "fixed"), "profile:6:14", "constant_key"),
        (SMALL + "    encoding: ebcdic\n", "profile:9:15", "unknown"),
        (SMALL + "    dates: british\n", "profile:9:12", "unknown"),
        (SMALL + "    after: [none.csv]\n", "profile:3:5", "unknown"),
        (SMALL + "    optional: perhaps\n", "profile:9:15", "type"),
        (SMALL + SMALL[SMALL.index("  - file") :], "profile:9:5", "repeated"),
        (SMALL + "    checks: [{expect: {a: filled}}]\n", "profile:9:14", "missing"),
        (SMALL + "    checks: [{expect: {a: odd}, flag: x}]\n", "profile:9:27", "unknown"),
        (SMALL + "fixed: [{make: department, key: '{x}'}]\n", "profile:9:9", "no_rows"),
        (SMALL + "fixed: [{make: department, key: X, set: {colour: {value: red}}}]\n", "profile:9:42", "unknown"),
        (SMALL + "fixed: [{make: assignment, key: X}]\n", "profile:9:33", "unknown"),
        (with_field("{}"), "profile:9:14", "source"),
        (with_field("{column: a, value: b}"), "profile:9:14", "source"),
        (with_field("{column: a, as: colour}"), "profile:9:30", "unknown"),
        (with_field("{column: a, scale: 2}"), "profile:9:33", "clash"),
        (with_field("{column: a, as: money, scale: 0}"), "profile:9:44", "number"),
        (with_field("{column: a, as: money, scale: 1e99999}"), "profile:9:44", "number"),
        (with_field("{column: a, link: x, values: {a: b}}"), "profile:9:14", "clash"),
        (with_field("{column: a, link: x, on_missing: keep}"), "profile:9:47", "clash"),
        (with_field("{column: a, dates: dmy}"), "profile:9:33", "clash"),
        (with_field("{column: a, required: true, on_empty: flag}"), "profile:9:52", "clash"),
        (with_field("{column: a, values: {a: b}, one_of: [c]}"), "profile:9:14", "clash"),
        (with_field('{text: "{@later}"}'), "profile:9:21", "template"),
        (with_field("{lookup: {file: b.csv, match: a}}"), "profile:9:23", "missing"),
        (with_field("{column: [a]}"), "profile:9:23", "type"),
        ("profile: p\n" + "x: " + "[" * 40 + "]" * 40, "profile:2:27", "too_deep"),
    ],
)
def test_each_mistake_is_named_with_its_place(text: str, place: str, code: str) -> None:
    assert (place, code) in mistakes(text)


def test_all_mistakes_come_at_once_and_in_both_languages() -> None:
    text = SMALL.replace("make: account", "make: no such") + "colour: red\ncurrency: dollars\n"
    with pytest.raises(ProfileError) as caught:
        load_profile(text)
    assert [problem.code for problem in caught.value.problems] == ["unknown", "currency", "unknown"]
    for problem in caught.value.problems:
        assert problem.words.zh
        assert problem.words.en


def test_a_profile_that_would_unfold_to_a_billion_nodes_is_refused_at_once() -> None:
    lines = ["a0: &a0 [x, x]", *(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 40))]
    assert mistakes("\n".join(lines))[0][1] == "alias"


def test_profiles_come_from_files_too(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + SMALL.encode())
    assert load_profile(path).source == "mine.yaml"
    path.write_bytes(b"profile: p\ntitle: \xff\n")
    with pytest.raises(ProfileError) as caught:
        load_profile(path)
    assert caught.value.problems[0].place == "mine.yaml:2:1"
    with pytest.raises(ProfileError):
        load_profile(tmp_path / "none.yaml")


CELLS = {"First Name": " Moses ", "last": "Frase", "empty": ""}


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{First Name|lower}.{last|lower}", "moses.frase"),
        ("{First Name} {last}", "Moses Frase"),
        ("{last}[ ({empty})]", "Frase"),
        ("{last}[ ({First Name|upper})]", "Frase (MOSES)"),
        ("{last}{empty}", ""),
        ("{{{last}}} [[x]]", "{Frase} [x]"),
        ("{@product} · {last}", "GTX Pro · Frase"),
        ("constant", "constant"),
    ],
)
def test_templates(template: str, text: str) -> None:
    assert parse_template(template).fill(CELLS, {"product": "GTX Pro"}) == text


@pytest.mark.parametrize("template", ["{", "}", "[", "]", "[[[", "{}", "{a|}", "{a|none}", "[{a}[{b}]]", "{a{b}}"])
def test_templates_that_are_none(template: str) -> None:
    with pytest.raises(BadTemplateError):
        parse_template(template)
