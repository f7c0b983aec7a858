"""Adding people and changing what is known of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models.functions import Lower
from django.utils import translation

from heli.kernel.actor import Actor
from heli.kernel.errors import Conflict, NotFound
from heli.kernel.pinyin import initials, sort_key
from heli.kernel.words import Words
from heli.org.models import Person
from heli.org.verbs.change import Change, Problems, changing, text

_USERNAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])\Z")
_PHONE = re.compile(r"[0-9+()\-. /#*extEXT]{3,32}\Z")
_LANGUAGES = ("", "zh", "en")
_NAME_KEY = 200
_FIELDS = ("username", "email", "display_name", "phone", "kind", "language")


@dataclass(frozen=True, slots=True)
class NewPerson:
    """A person to be added. Without a password they cannot sign in until one is set."""

    username: str
    display_name: str
    email: str = ""
    phone: str = ""
    kind: str = Person.EMPLOYEE
    language: str = ""
    password: str | None = None


def add_person(
    by: Actor,
    username: str,
    display_name: str,
    *,
    email: str = "",
    phone: str = "",
    kind: str = Person.EMPLOYEE,
    language: str = "",
    password: str | None = None,
) -> int:
    """A new employee or contractor; returns the id. User names are kept in lower case.

    Raises Invalid for a bad value or a weak password; Conflict where the user name or e-mail is taken.
    """
    row = NewPerson(username, display_name, email, phone, kind, language, password)
    with changing(by) as change:
        return _add(change, [row], Problems())[0]


def add_people(by: Actor, rows: Sequence[NewPerson]) -> list[int]:
    """Many at once, all or none; returns the ids in the order of the rows. A password that rows share is hashed
    once. Raises as ``add_person`` does, with every place."""
    with changing(by) as change:
        return _add(change, rows, Problems(batch=True))


def create_service_account(by: Actor, username: str, display_name: str) -> int:
    """A program's account: it has no password and signs in with tokens only. Raises as ``add_person`` does."""
    with changing(by) as change:
        return _add(change, [NewPerson(username, display_name, kind=Person.SERVICE)], Problems(), service=True)[0]


def _add(change: Change, rows: Sequence[NewPerson], problems: Problems, *, service: bool = False) -> list[int]:
    usernames = {name.lower() for name in Person.objects.values_list("username", flat=True)}
    emails = set(Person.objects.exclude(email="").values_list(Lower("email"), flat=True))
    hashes: dict[str, str] = {}
    made: list[Person] = []
    for number, row in enumerate(rows):
        here = problems.row(number)
        one = Person(
            username=_username(here, row.username),
            display_name=text(here, "display_name", row.display_name, 100),
            email=_email(here, row.email),
            phone=_phone(here, row.phone),
            kind=Person.SERVICE if service else _kind(here, row.kind),
            language=_language(here, row.language),
            created_at=change.now,
        )
        one.name_key = name_key(one.display_name)
        if one.username and one.username in usernames:
            _taken(here, "username", one.username)
        if one.email and one.email.lower() in emails:
            _taken(here, "email", one.email)
        usernames.add(one.username)
        emails.add(one.email.lower())
        if row.password is not None and row.password not in hashes:
            _check_password(here, row.password, one)
            hashes[row.password] = ""
        made.append(one)
    problems.check()
    for password in hashes:
        hashes[password] = make_password(password)
    for row, one in zip(rows, made, strict=True):
        one.password = make_password(None) if row.password is None else hashes[row.password]
    Person.objects.bulk_create(made, batch_size=500)
    for one in made:
        change.note("person.add", one.pk, after=_told(one))
        change.touch(one.pk)
    return [one.pk for one in made]


def change_person(
    by: Actor,
    person: int,
    *,
    username: str | None = None,
    display_name: str | None = None,
    email: str | None = None,
    phone: str | None = None,
    kind: str | None = None,
    language: str | None = None,
) -> None:
    """Change what is known of a person; None leaves a value, "" clears it where it may be empty.

    A service account stays one. Raises NotFound, Invalid, and Conflict where the user name or e-mail is taken.
    """
    with changing(by) as change:
        one, problems = get(person), Problems()
        was = _told(one)
        others = Person.objects.exclude(pk=one.pk)
        if username is not None:
            one.username = _username(problems, username)
            if others.filter(username__iexact=one.username).exists():
                _taken(problems, "username", one.username)
        if display_name is not None:
            one.display_name = text(problems, "display_name", display_name, 100)
        if email is not None:
            one.email = _email(problems, email)
            if one.email and others.filter(email__iexact=one.email).exists():
                _taken(problems, "email", one.email)
        if phone is not None:
            one.phone = _phone(problems, phone)
        if kind is not None and kind != one.kind:
            one.kind = _kind(problems, Person.SERVICE if one.kind == Person.SERVICE else kind)
        if language is not None:
            one.language = _language(problems, language)
        problems.check()
        changed = {k: v for k, v in _told(one).items() if was[k] != v}
        if changed:
            Person.objects.filter(pk=one.pk).update(**changed, name_key=name_key(one.display_name))
            change.note("person.change", one.pk, was, _told(one))
            change.touch(one.pk)


def set_password(by: Actor, person: int, password: str | None) -> None:
    """Set a person's password; None makes it unusable. Sessions end with the password they were opened with.

    Raises NotFound; Invalid for a weak password; Conflict for a service account or someone who has left.
    """
    with changing(by) as change:
        one, problems = get(person), Problems()
        if password is not None:
            if one.kind == Person.SERVICE:
                words = Words("服务账号没有密码，请使用令牌", "a service account has no password: use a token")
                raise Conflict(words, code="service_account")
            if one.status == Person.LEFT:
                raise Conflict(Words("此人已离职", "this person has left"), code="left")
            _check_password(problems, password, one)
            problems.check()
        Person.objects.filter(pk=one.pk).update(password=make_password(password))
        change.note("person.set_password", one.pk)
        change.touch(one.pk)


def get(person: int) -> Person:
    """The person, whatever their status; NotFound when there is none."""
    one = Person.objects.filter(pk=person).first()
    if one is None:
        raise NotFound()
    return one


def name_key(name: str) -> str:
    """What finds a name: ``王伟`` -> ``ww wangwei 王伟``."""
    return f"{initials(name)} {sort_key(name)} {name.casefold()}"[:_NAME_KEY]


def _told(one: Person) -> dict[str, Any]:
    return {name: getattr(one, name) for name in _FIELDS}


def _taken(problems: Problems, place: str, value: str) -> None:
    problems.conflict(place, "taken", Words(f"{value} 已被使用", f"{value} is taken"))


def _username(problems: Problems, value: object) -> str:
    found = value.strip().lower() if isinstance(value, str) and value.isascii() else ""
    if _USERNAME.match(found):
        return found
    words = Words(
        "用户名由 2 至 64 个字母、数字、点、连字符或下划线组成，首尾为字母或数字",
        "a user name has 2 to 64 letters, digits, dots, hyphens or underscores, a letter or digit first and last",
    )
    problems.invalid("username", "pattern", words)
    return ""


def _email(problems: Problems, value: object) -> str:
    found = text(problems, "email", value, 254, required=False)
    if found:
        try:
            validate_email(found)
        except ValidationError:
            problems.invalid("email", "pattern", Words("不是电子邮箱地址", "not an e-mail address"))
            return ""
    return found


def _phone(problems: Problems, value: object) -> str:
    found = text(problems, "phone", value, 32, required=False)
    if found and not _PHONE.match(found):
        problems.invalid("phone", "pattern", Words("不是电话号码", "not a phone number"))
        return ""
    return found


def _kind(problems: Problems, value: object) -> str:
    if value in {Person.EMPLOYEE, Person.CONTRACTOR}:
        return str(value)
    words = Words("类型为 employee 或 contractor；服务账号另行创建",
                  "a kind is employee or contractor; service accounts are created as such")  # fmt: skip
    problems.invalid("kind", "unknown", words)
    return Person.EMPLOYEE


def _language(problems: Problems, value: object) -> str:
    if value in _LANGUAGES:
        return str(value)
    problems.invalid("language", "unknown", Words("语言为 zh 或 en", "a language is zh or en"))
    return ""


def _check_password(problems: Problems, password: object, person: Person) -> None:
    """Django's validators, whose messages are told in both languages."""
    if not isinstance(password, str) or not 1 <= len(password) <= 1000:
        problems.invalid("password", "type", Words("密码为 1 至 1000 个字符", "a password has 1 to 1000 characters"))
        return
    zh, en = (_weaknesses(password, person, language) for language in ("zh-hans", "en"))
    for code, words in zip(en, map(Words, zh.values(), en.values()), strict=True):
        problems.invalid("password", code, words)


def _weaknesses(password: str, person: Person, language: str) -> dict[str, str]:
    """What the validators object to in one language, in which they must run to speak it: ``{code: message}``."""
    with translation.override(language):
        try:
            validate_password(password, person)
        except ValidationError as error:
            return {one.code or f"weak{n}": one.messages[0] for n, one in enumerate(error.error_list)}
    return {}
