"""Processes, their versions, and running instances: where each stands, whose work it is, what has happened.

An instance's standing is one small text that does not grow with rework (decision 23); what people and the clock ask for (work,
timers) and what is told afterwards (the log) are rows.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from heli.kernel import clock
from heli.kernel.words import Words


class Process(models.Model):
    """A process of the company; its definition changes version by version."""

    code = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200, blank=True)
    type = models.CharField(max_length=64, blank=True)
    """The object type of its records; empty for one that is about none."""
    current = models.ForeignKey("Version", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    """What new instances run; None: none can be begun."""
    made_at = models.DateTimeField(default=clock.now)
    closed_at = models.DateTimeField(null=True, blank=True)

    @property
    def words(self) -> Words:
        """What it is called."""
        return Words(self.name, self.name_en or self.name)


class Version(models.Model):
    """A definition as it was published; it never changes."""

    process = models.ForeignKey(Process, on_delete=models.PROTECT, related_name="versions")
    number = models.IntegerField()
    source = models.BinaryField()
    """The BPMN file, byte for byte."""
    WAITING, PUBLISHED, REFUSED = "waiting", "published", "refused"
    STATES: ClassVar = [(s, s) for s in (WAITING, PUBLISHED, REFUSED)]

    state = models.CharField(max_length=10, choices=STATES, default=PUBLISHED)
    """``waiting``: it gives more than its author may give, and security has to say yes."""
    note = models.TextField(blank=True)
    at = models.DateTimeField(default=clock.now)
    by_id = models.BigIntegerField(null=True)
    answered_by = models.BigIntegerField(null=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["process", "number"], name="flows_version_once")
        ]


class Instance(models.Model):
    """One case. ``step`` counts its steps; ``standing`` is what the engine needs to go on (``store.py``)."""

    RUNNING, COMPLETED, REJECTED, WITHDRAWN = "running", "completed", "rejected", "withdrawn"
    STATES: ClassVar = [(s, s) for s in (RUNNING, COMPLETED, REJECTED, WITHDRAWN)]

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="instances")
    type = models.CharField(max_length=64, blank=True)
    record_id = models.CharField(max_length=32, blank=True)
    initiator_id = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=STATES, default=RUNNING)
    step = models.IntegerField(default=0)
    standing = models.TextField()
    data = models.JSONField(default=dict)
    """What the instance was begun with and has collected, by name; conditions see it."""
    halted = models.BooleanField(default=False)
    """Whether something in it needs an administrator."""
    started_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    cause = models.CharField(max_length=80, null=True, blank=True, unique=True)
    """The event that began it: each begins an instance of a process once."""
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE, related_name="cases")
    """The case that waits for this one, at ``parent_token`` in ``parent_round``, as the ``parent_number``-th."""
    parent_token = models.IntegerField(null=True)
    parent_round = models.IntegerField(null=True)
    parent_number = models.IntegerField(null=True)
    part = models.CharField(max_length=200, blank=True)
    """The node of the definition that it does once for one of several things; empty: it does the whole."""
    depth = models.IntegerField(default=0)
    """How many cases stand before it in a row: those that wait for it, and those that brought it about by themselves (``hops``)."""
    outcome = models.CharField(max_length=80, blank=True)
    """The error that ended it."""
    hidden = models.BooleanField(default=False)
    """Of a matter (``matters.py``): it stands in no list and no figure but of those whom the matter names."""

    class Meta:
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["record_id", "-id"], name="flows_instance_record"),
            models.Index(fields=["initiator_id", "-id"], name="flows_instance_initiator"),
            models.Index(fields=["version", "state"], name="flows_instance_version"),
            models.Index(fields=["halted"], condition=Q(halted=True), name="flows_instance_halted"),
            models.Index(fields=["parent"], condition=Q(parent__isnull=False), name="flows_instance_parent"),
        ]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["type", "record_id", "process_code"], condition=Q(state="running", parent__isnull=True) & ~Q(record_id=""),
                name="flows_one_at_a_time",
            )
        ]  # fmt: skip

    process_code = models.CharField(max_length=64)
    """The process, for the constraint that one record runs through it once at a time."""


class Work(models.Model):
    """One person's work at a node: kept when it is over, as the record of who decided what."""

    WAITING, OPEN, DONE, CLOSED = "waiting", "open", "done", "closed"
    STATES: ClassVar = [(s, s) for s in (WAITING, OPEN, DONE, CLOSED)]

    instance = models.ForeignKey(Instance, on_delete=models.CASCADE, related_name="works", db_index=False)
    number = models.IntegerField()
    """The instance's own number for it."""
    token = models.IntegerField()
    node = models.IntegerField()
    round = models.IntegerField()
    person_id = models.BigIntegerField()
    state = models.CharField(max_length=8, choices=STATES)
    outcome = models.CharField(max_length=10, blank=True)
    after = models.IntegerField(null=True)
    opinion = models.BooleanField(default=False)
    granted = models.BooleanField(default=True)
    """Whether it gives the node's rights: not to somebody whom neither the node's rules nor its candidates name."""
    weight = models.CharField(max_length=20, default="1")
    acting_for = models.BigIntegerField(null=True)
    """The principal, when a deputy did it."""
    added_by = models.BigIntegerField(null=True)
    done_by = models.BigIntegerField(null=True)
    text = models.TextField(blank=True)
    """What they said with it."""
    opened_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)
    """When somebody is next told of the time that it takes (``ladder.py``)."""
    done_at = models.DateTimeField(null=True)
    version = models.ForeignKey(Version, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    """By which version its node is meant, where the instance has gone over to another since it was over."""

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["instance", "number"], name="flows_work_once")
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["person_id", "opened_at"], condition=Q(state="open"), name="flows_work_open"),
            models.Index(fields=["person_id", "-done_at"], condition=Q(state="done"), name="flows_work_done"),
            models.Index(fields=["instance", "token"], name="flows_work_token"),
            models.Index(fields=["next_at"], condition=Q(state="open", next_at__isnull=False), name="flows_work_next"),
        ]


class Timer(models.Model):
    """When something of an instance is due. The index is all that finding the next ones looks at."""

    instance = models.ForeignKey(Instance, on_delete=models.CASCADE, related_name="timers")
    token = models.IntegerField()
    node = models.IntegerField()
    round = models.IntegerField()
    due_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["instance", "token", "node"], name="flows_timer_once")
        ]


class Wait(models.Model):
    """What an instance waits for from outside: a message addressed to it, an event of a record, a signal to all."""

    instance = models.ForeignKey(Instance, on_delete=models.CASCADE, related_name="waits")
    token = models.IntegerField()
    node = models.IntegerField()
    round = models.IntegerField()
    kind = models.CharField(max_length=8)
    name = models.CharField(max_length=80)
    key = models.CharField(max_length=200, blank=True)
    by = models.CharField(max_length=64, blank=True)
    """The field of the event's record that holds the key; empty: the record itself."""

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["instance", "token", "node"], name="flows_wait_once")
        ]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["name", "key"], name="flows_wait_name")]


class Heard(models.Model):
    """That an instance has heard a message: however often it comes, once."""

    instance = models.ForeignKey(Instance, on_delete=models.CASCADE, related_name="heard")
    cause = models.CharField(max_length=80)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["instance", "cause"], name="flows_heard_once")
        ]


class Opening(models.Model):
    """A start event of a version that is in use, by which instances begin without anybody: what it hears, or when it is due."""

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="openings")
    node = models.IntegerField()
    kind = models.CharField(max_length=8)
    name = models.CharField(max_length=80, blank=True)
    due_at = models.DateTimeField(null=True, db_index=True)
    last_at = models.DateTimeField(null=True)
    """When it was due before."""

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["version", "node"], name="flows_opening_once")
        ]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["name"], name="flows_opening_name")]


class Happening(models.Model):
    """What happened in an instance, in order: for people, and for analysing."""

    instance = models.ForeignKey(Instance, on_delete=models.CASCADE, related_name="happenings", db_index=False)
    step = models.IntegerField()
    at = models.DateTimeField()
    what = models.CharField(max_length=16)
    node = models.IntegerField(null=True)
    round = models.IntegerField(null=True)
    person_id = models.BigIntegerField(null=True)
    acting_for = models.BigIntegerField(null=True)
    outcome = models.CharField(max_length=200, blank=True)
    text = models.TextField(blank=True)
    text_en = models.TextField(blank=True)
    """The same in English, of what the program says; empty for what people say."""
    version = models.ForeignKey(Version, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    """As in ``Work``."""

    class Meta:
        indexes: ClassVar[list[Any]] = [models.Index(fields=["instance", "id"], name="flows_happening_instance")]


class Packet(models.Model):
    """What one side handed over to another at a node, one row a time (交接单): kept when it is over, as the record of what was handed."""

    DRAFT, HANDED, ACCEPTED, RETURNED, DROPPED = "draft", "handed", "accepted", "returned", "dropped"
    STATES: ClassVar = [(s, s) for s in (DRAFT, HANDED, ACCEPTED, RETURNED, DROPPED)]

    instance = models.ForeignKey(Instance, on_delete=models.CASCADE, related_name="packets")
    node = models.CharField(max_length=200)
    """The node that receives it, by its id: versions keep these."""
    number = models.IntegerField()
    """The how-manieth at this node."""
    state = models.CharField(max_length=8, choices=STATES, default=DRAFT)
    """``dropped``: it was taken back, or the case went another way, before anybody accepted it."""
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="+")
    """What says what its parts are called."""
    notes = models.JSONField(default=dict)
    """Note -> what was answered."""
    fields = models.JSONField(default=dict)
    """Field -> what stood there when it was handed over, sealed where the field is."""
    criteria = models.JSONField(default=dict)
    """Criterion -> whether it was so then."""
    by_id = models.BigIntegerField(null=True)
    """Who handed it over; None: the process."""
    at = models.DateTimeField(null=True)
    answered_by = models.BigIntegerField(null=True)
    answered_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["instance", "node", "number"], name="flows_packet_once")
        ]


class PacketFile(models.Model):
    """A file of the record that goes with a packet, in one of its slots."""

    packet = models.ForeignKey(Packet, on_delete=models.CASCADE, related_name="files")
    slot = models.CharField(max_length=64)
    file = models.BigIntegerField(db_index=True)
    name = models.CharField(max_length=255)
    """What it was called: it may be removed from the record later."""

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["packet", "slot", "file"], name="flows_packetfile_once")
        ]


class CommentFile(models.Model):
    """A file that somebody added to a case; ``step``: the comment that it goes with, None until that is made."""

    instance = models.ForeignKey(Instance, on_delete=models.CASCADE, related_name="comment_files")
    file = models.BigIntegerField(unique=True)
    by_id = models.BigIntegerField()
    step = models.IntegerField(null=True)


class Copied(models.Model):
    """Somebody was told of an instance (抄送): they may see how it goes, and of its record what the step that told them shows, if it shows
    anything, and for as long as that says."""

    instance = models.ForeignKey(Instance, on_delete=models.CASCADE, related_name="copies")
    person_id = models.BigIntegerField()
    by_id = models.BigIntegerField(null=True)
    node = models.IntegerField(null=True)
    at = models.DateTimeField(default=clock.now)
    seen_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["instance", "person_id"], name="flows_copied_once")
        ]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["person_id", "-at"], name="flows_copied_person")]


class Improvement(models.Model):
    """Something to do better in a process: what spoke for it, the version that brought it, and by that its effect."""

    process = models.ForeignKey(Process, on_delete=models.PROTECT, related_name="improvements")
    code = models.CharField(max_length=20, blank=True)
    """The suggestion that it came from; empty: somebody's own."""
    node = models.CharField(max_length=200, blank=True)
    other = models.CharField(max_length=200, blank=True)
    """The step at which something is to be changed, where that is another."""
    title = models.CharField(max_length=200)
    note = models.TextField(blank=True)
    evidence = models.JSONField(default=dict)
    """The figures of then, as the suggestion showed them."""
    before = models.IntegerField(null=True)
    """The version in use then, by number."""
    after = models.IntegerField(null=True)
    """The version that brought it, or brings it once security has said yes; None: it is still to be done."""
    draft = models.ForeignKey("Draft", null=True, blank=True, on_delete=models.PROTECT, related_name="improvements")
    """Where it is being drawn."""
    OPEN, DONE, DROPPED = "open", "done", "dropped"
    STATES: ClassVar = [(s, s) for s in (OPEN, DONE, DROPPED)]

    state = models.CharField(max_length=8, choices=STATES, default=OPEN)
    by_id = models.BigIntegerField()
    at = models.DateTimeField(default=clock.now)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar[list[Any]] = [models.Index(fields=["process", "-id"], name="flows_improvement_process")]


class OtherLog(models.Model):
    """A log of another system's, uploaded to be looked at: its uploader's alone."""

    person_id = models.BigIntegerField()
    name = models.CharField(max_length=200)
    WAITING, READING, MEASURING, READY, FAILED = "waiting", "reading", "measuring", "ready", "failed"
    STATES: ClassVar = [(s, s) for s in (WAITING, READING, MEASURING, READY, FAILED)]
    ON_THE_WAY = (WAITING, READING, MEASURING)

    state = models.CharField(max_length=10, choices=STATES, default=WAITING)
    content = models.BinaryField()
    """The file as it came, until it has been read."""
    told = models.BinaryField(default=b"")
    """What it says, once it has been read (``mining.kept``)."""
    measured = models.BinaryField(default=b"")
    """Its figures: it changes no more, so they are worked out once."""
    columns = models.JSONField(default=dict)
    """What its columns were named to be."""
    done = models.IntegerField(default=0)
    """How much of it has been read, in per cent."""
    attempts = models.IntegerField(default=0)
    problems = models.JSONField(default=list)
    """Why it could not be read, each with its place."""
    moved_at = models.DateTimeField(default=clock.now)
    """When its state last changed."""
    cases = models.IntegerField(default=0)
    events = models.IntegerField(default=0)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes: ClassVar[list[Any]] = [models.Index(fields=["person_id", "-id"], name="flows_otherlog_person")]


class Migration(models.Model):
    """That running instances of a process were taken over to one of its versions; each that was is a ``Taken``."""

    process = models.ForeignKey(Process, on_delete=models.PROTECT, related_name="migrations")
    to = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="+")
    mapping = models.JSONField(default=dict)
    """Node of another version -> node of this one that takes its place."""
    note = models.TextField(blank=True)
    by_id = models.BigIntegerField(null=True)
    at = models.DateTimeField(default=clock.now)
    asked = models.IntegerField(default=0)
    """Instances that were to be taken over."""
    last = models.BigIntegerField(default=0)
    """The last that has been looked at; the rest follow in the background."""
    ended_at = models.DateTimeField(null=True)
    reverted_at = models.DateTimeField(null=True)
    reverted_by = models.BigIntegerField(null=True)


class Taken(models.Model):
    """One instance in a migration: whence it came, or why it stayed."""

    migration = models.ForeignKey(Migration, on_delete=models.CASCADE, related_name="taken")
    instance = models.ForeignKey(Instance, on_delete=models.CASCADE, related_name="taken")
    before = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="+")
    STATES: ClassVar = [(s, s) for s in ("moved", "stayed", "returned", "kept")]
    state = models.CharField(max_length=8, choices=STATES)
    """``stayed``: it could not be; ``returned``: it went back again; ``kept``: it could not go back."""
    node = models.CharField(max_length=200, blank=True)
    reason = models.TextField(blank=True)
    reason_en = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["migration", "instance"], name="flows_taken_once")
        ]


class Draft(models.Model):
    """A definition that is worked on before it is published. The file is kept as it stands, whether or not it could run."""

    OPEN, SUBMITTED, PUBLISHED, DISCARDED = "open", "submitted", "published", "discarded"
    STATES: ClassVar = [(s, s) for s in (OPEN, SUBMITTED, PUBLISHED, DISCARDED)]

    code = models.CharField(max_length=64)
    """The process that it becomes, or a version of which it becomes."""
    name = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200, blank=True)
    type = models.CharField(max_length=64, blank=True)
    source = models.BinaryField()
    base = models.ForeignKey(Version, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    """What it was begun from; None: it is a process of its own so far."""
    state = models.CharField(max_length=10, choices=STATES, default=OPEN)
    revision = models.IntegerField(default=1)
    """Goes up with every change: a writer who knows an older one is told so."""
    made_by = models.BigIntegerField()
    made_at = models.DateTimeField(default=clock.now)
    changed_by = models.BigIntegerField()
    changed_at = models.DateTimeField(default=clock.now)
    version = models.ForeignKey(Version, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    """What it became."""

    class Meta:
        indexes: ClassVar[list[Any]] = [models.Index(fields=["state", "-changed_at"], name="flows_draft_state")]

    @property
    def words(self) -> Words:
        """What its process is called."""
        return Words(self.name, self.name_en or self.name)


class DraftAuthor(models.Model):
    """Somebody who works on a draft, beside all who look after processes."""

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="authors")
    person_id = models.BigIntegerField(db_index=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["draft", "person_id"], name="flows_draft_author_once")
        ]


class DraftHand(models.Model):
    """Somebody who has changed what a draft says, also when they work on it no more: they do not confirm what becomes of it."""

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="hands")
    person_id = models.BigIntegerField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["draft", "person_id"], name="flows_draft_hand_once")
        ]


class DraftRemark(models.Model):
    """What was said of a draft, and the steps that it went through (``kind`` other than ``said``)."""

    SAID, SUBMITTED, RETURNED, PUBLISHED, DISCARDED = "said", "submitted", "returned", "published", "discarded"
    KINDS: ClassVar = [(k, k) for k in (SAID, SUBMITTED, RETURNED, PUBLISHED, DISCARDED)]

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="remarks")
    kind = models.CharField(max_length=10, choices=KINDS, default=SAID)
    text = models.TextField(blank=True)
    revision = models.IntegerField()
    by_id = models.BigIntegerField()
    at = models.DateTimeField(default=clock.now)
