"""The job that empties the recycle bin is killed with SIGKILL at each of its statements: of every batch all is gone, or nothing.

Each child works on where the one before it died. After each, no record may be half there, and the audit log names exactly
those that are gone; in the end nothing is left, on the disk neither.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from tests.invariants import stage

DEALS, BATCH, MOST = 32, 4, 400


def fill(company: Any) -> list[str]:
    """Expired deals, each with a comment, a mention, a file, a helper and a memory of an import."""
    from heli.kernel import clock
    from heli.records import act, comments, files
    from heli.records.act import Action
    from heli.records.models import Imported

    deals = []
    wei = company.people["wei"]
    for n in range(DEALS):
        deal = company.make("ann", "opportunity", name=f"D{n}")
        company.do("ann", "opportunity", "team_add", deal, person=str(wei))
        comments.add(company.as_("ann"), "opportunity", deal, f"see @{{{wei}}}", [wei])
        files.add(company.as_("ann"), "opportunity", deal, "a.txt", [b"hello"])
        Imported.objects.create(profile="p", type="opportunity", key=deal, record_id=deal, values='{"name":"x"}')
        with clock.later(days=-91):
            act.do(company.system, Action("opportunity", "delete", deal))
        deals.append(deal)
    return deals


def half(deals: list[str]) -> list[str]:
    """Every way in which a record is neither there nor gone."""
    from heli.audit import entries
    from heli.records import sql

    def some(text: str) -> set[str]:
        return {row[0] for row in sql.rows(text)}

    left = some("SELECT id FROM crm_opportunity")
    asked = {
        "comments": "SELECT record_id FROM records_comment",
        "mentions": "SELECT c.record_id FROM records_mention m JOIN records_comment c ON c.id=m.comment_id",
        "files": "SELECT record_id FROM records_attachment",
        "helpers": "SELECT record_id FROM access_reach WHERE kind='team'",
        "memories": "SELECT record_id FROM records_imported WHERE \"values\"<>'{}'",
    }
    wrong = [f"{name} differ from the records" for name, text in asked.items() if some(text) != left]
    told = [
        key
        for entry in entries.query(object_type="opportunity", object_id="", limit=1000)
        if entry.action == "opportunity.purge"
        for key in (entry.after or {})["keys"]
    ]
    if sorted(told) != sorted(set(deals) - left):
        wrong.append(f"the log names {len(told)}, gone are {len(deals) - len(left)}")
    return wrong


def kill(company: Any) -> object:
    """Children die at the first, second, third … statement; each goes on with what the others left."""
    from tests.invariants.test_crash_writes import die_at

    from heli.records import files, purge, sql

    purge.BATCH = BATCH
    deals = fill(company)
    wrong: list[str] = []
    kills = partly = 0
    for point in range(1, MOST):
        for before in (True, False):
            pid = stage.fork(lambda p=point, b=before: (die_at(p, before=b), purge.purge.call()))
            status = os.waitpid(pid, 0)[1]
            wrong += [f"{'before' if before else 'after'} {point}: {one}" for one in half(deals)]
            left = sql.rows("SELECT COUNT(*) FROM crm_opportunity")[0][0]
            partly += 0 < left < DEALS
            if not os.WIFSIGNALED(status):
                if status:
                    wrong.append(f"the job failed at {point}")
                on_disk = list(files.folder().iterdir())
                for path in on_disk:
                    os.utime(path, (1, 1))
                swept = purge.sweep.call()
                rest = len(list(files.folder().iterdir()))
                return {
                    "kills": kills, "partly": partly, "wrong": wrong, "left": left, "strays": len(on_disk) - swept,
                    "files": rest, "audit": stage.audit_is_whole(),
                }  # fmt: skip
            kills += 1
    return {"wrong": ["it never ended"]}


if __name__ == "__main__":
    stage.say(globals()[sys.argv[1]](stage.open_company()))
    sys.exit()

import pytest  # noqa: E402 - the program above has no use for it

pytestmark = [pytest.mark.storage]


def test_a_killed_purge_leaves_no_record_half_there(tmp_path: Path) -> None:
    said = stage.program(__file__, tmp_path, "kill", seconds=300)
    assert said["wrong"] == []
    assert said["kills"] > 20
    assert said["partly"] > 3, "no child died between two batches"
    assert (said["left"], said["strays"], said["files"]) == (0, 0, 0)
    assert said["audit"]["ok"], said["audit"]
