"""Notices by mail: what is new is sorted by what its person has set, what is due goes in one letter to each.

A letter is written in the transaction that takes its notices, and sent after it by a job: our database never counts one twice, and a
repeat after a failure carries the same Message-ID, by which mail programs know it again.
"""

from __future__ import annotations

import smtplib
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.conf import settings as django
from django.core.mail import EmailMessage
from django.db.transaction import atomic

from heli.access.viewer import Viewer
from heli.jobs import schedules
from heli.jobs.tasks import task
from heli.kernel import clock
from heli.kernel.errors import Broken, NotFound
from heli.kernel.words import Words
from heli.notices import kinds, settings
from heli.notices.kinds import Said
from heli.notices.models import Letter, Notice
from heli.org.models import Person

EVERY = 5
"""Seconds between two looks."""
GRACE = timedelta(seconds=60)
"""So long somebody has to see a notice in the page before it goes by mail."""
MOST_SORTED = 2000
MOST_POSTED = 200
"""People who are written to in one look."""
MOST_IN_ONE = 100
"""Notices of one letter; the next has the rest."""
KEPT = timedelta(days=180)
SUBJECT = Words("合力：{n} 条新通知", "Heli: {n} new notices")
SUBJECT_ONE = Words("合力：{text}", "Heli: {text}")
DIGEST = Words("合力每日摘要：{n} 条通知", "Heli daily digest: {n} notices")
HELLO = Words("{name}，你好：", "Hello {name},")
END = Words(
    "邮件里不写记录的内容，请登录查看。在「我的账号 · 通知」里可以改成每日摘要、免打扰或不发邮件。",
    "Mail holds nothing of any record: sign in to see it. Set a daily digest, quiet hours or no mail under “My account, notices”.",
)


def _nobody(_: int) -> Viewer:
    raise Broken("notices were started without a maker of viewers")


viewer_of: Callable[[int], Viewer] = _nobody
"""The API's layer, the only maker of viewers, brings it at start-up. Raises NotFound for who has left."""


@task(timeout=60)
def sort() -> int:
    """Decide of new notices whether and when they go by mail. Returns how many were looked at."""
    rows = list(
        Notice.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(mail=Notice.NEW)
        .order_by("id")
        .values_list("pk", "person_id", "kind", "at")[:MOST_SORTED]
    )
    if not rows:
        return 0
    people = {one[1] for one in rows}
    reached = set(
        Person.objects.filter(pk__in=people).exclude(email="").exclude(status=Person.LEFT).exclude(kind=Person.SERVICE).values_list("pk", flat=True)
    )  # fmt: skip
    chosen = settings.of(reached)
    off: list[int] = []
    due: dict[datetime, list[int]] = defaultdict(list)
    for pk, person, kind, at in rows:
        mail = chosen[person].of(kind) if person in reached else "off"
        when = chosen[person].when(mail, at + GRACE if mail == "now" else at) if person in reached else None
        if when is None:
            off.append(pk)
        else:
            due[when].append(pk)
    Notice.objects.filter(pk__in=off).update(mail=Notice.OFF)
    for when, some in due.items():
        Notice.objects.filter(pk__in=some).update(mail=Notice.DUE, mail_at=when)
    return len(rows)


@task(timeout=120, atomic=False)
def write() -> int:
    """Write a letter to everybody for whom notices are due. Returns how many."""
    waiting = Notice.objects.filter(mail=Notice.DUE, mail_at__lte=clock.now()).order_by("mail_at")
    people = dict.fromkeys(waiting.values_list("person_id", flat=True)[: MOST_POSTED * MOST_IN_ONE])
    return sum(_write_to(one) for one in list(people)[:MOST_POSTED])


def _write_to(person: int) -> bool:
    """One letter in one transaction; none where all of it has been seen, is over or may no longer be known."""
    with atomic():
        rows = Notice.objects.select_for_update(skip_locked=True, of=("self",)).filter(
            person_id=person, mail=Notice.DUE, mail_at__lte=clock.now()
        )
        some = list(rows.order_by("id")[:MOST_IN_ONE])
        if not some:
            return False
        ids = [one.pk for one in some]
        fresh = [one for one in some if one.seen_at is None]
        try:
            words = kinds.said(viewer_of(person), fresh)
        except NotFound:
            words = {}
        kept = [one.pk for one in fresh if one.pk in words and not words[one.pk].over]
        Notice.objects.filter(pk__in=set(ids) - set(kept)).update(mail=Notice.OFF)
        if not kept:
            return False
        chosen = settings.of([person])[person]
        digest = any(chosen.of(one.kind) == "digest" for one in fresh if one.pk in kept)
        letter = Letter.objects.create(person_id=person, digest=digest)
        Notice.objects.filter(pk__in=kept).update(mail=Notice.POSTED, letter=letter)
        send.enqueue(letter.pk)
        return True


@task(timeout=60, max_attempts=10, atomic=False)
def send(letter: str) -> bool:
    """Hand a letter to the mail server, with what may be said of its notices now; once it has taken it, it is not sent again."""
    row = Letter.objects.select_related("person").filter(pk=letter, sent_at=None).first()
    if row is None or not row.person.email:
        return False
    try:
        viewer = viewer_of(row.person_id)
    except NotFound:
        return False
    notices = list(Notice.objects.filter(letter=row).order_by("id"))
    words = kinds.said(viewer, notices)
    said = [words[one.pk] for one in notices if one.pk in words and not words[one.pk].over]
    if not said:
        return False
    mail = _mail(row, said)
    try:
        mail.send()
    except smtplib.SMTPRecipientsRefused as error:
        raise ConnectionError(f"the mail server refuses the address of person {row.person_id}: {error}") from None
    Letter.objects.filter(pk=letter).update(sent_at=clock.now())
    return True


def _mail(row: Letter, said: Sequence[Said]) -> EmailMessage:
    """In the language of its reader, both where they have chosen none."""
    languages = (row.person.language,) if row.person.language in ("zh", "en") else ("zh", "en")
    base = django.HELI_URL.rstrip("/")
    subjects: list[str] = []
    parts: list[str] = []
    for language in languages:
        lines = [f"· {getattr(one.outside, language)}\n  {base}{one.href}" for one in said]
        subject = DIGEST if row.digest else SUBJECT_ONE if len(said) == 1 else SUBJECT
        subjects.append(getattr(subject.fill(n=len(said), text=said[0].outside), language))
        hello = getattr(HELLO.fill(name=row.person.display_name), language)
        parts.append("\n\n".join([hello, "\n".join(lines), getattr(END, language)]))
    host = django.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">") or "localhost"
    headers = {"Message-ID": f"<{row.pk}@{host}>", "Auto-Submitted": "auto-generated"}
    line = " / ".join(" ".join(one.split()) for one in subjects)
    return EmailMessage(line, "\n\n---\n\n".join(parts) + "\n", to=[row.person.email], headers=headers)


@task(timeout=300)
def tidy() -> int:
    """Old notices and letters go. Returns how many notices."""
    old = clock.now() - KEPT
    gone, _ = Notice.objects.filter(at__lt=old).exclude(mail=Notice.DUE).delete()
    Letter.objects.filter(made_at__lt=old).delete()
    return gone


def attach() -> None:
    """Have the worker look."""
    schedules.every("notices.sort", EVERY, sort)
    schedules.every("notices.write", EVERY, write)
    schedules.daily("notices.tidy", "03:40", tidy)
