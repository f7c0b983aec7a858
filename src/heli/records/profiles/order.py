"""The order in which files are read: what is linked to before what links to it, otherwise as written."""

from __future__ import annotations

from collections.abc import Sequence

from heli.records.profiles.model import FilePlan
from heli.records.profiles.yaml import Mistakes


def in_order(files: Sequence[FilePlan], mistakes: Mistakes) -> list[FilePlan]:
    """The files sorted; a circle is noted as a mistake at the file where it shows."""
    needs = {plan.name: _needs(plan, files) for plan in files}
    ordered: list[FilePlan] = []
    left = list(files)
    while left:
        done = {plan.name for plan in ordered}
        ready = next((plan for plan in left if needs[plan.name] <= done), None)
        if ready is None:
            circle = ", ".join(plan.name for plan in left)
            said = f"这些文件互相依赖：{circle}", f"these files wait for one another: {circle}"
            mistakes.add(left[0].place, "circle", *said)
            return list(files)
        ordered.append(ready)
        left.remove(ready)
    return ordered


def _needs(plan: FilePlan, files: Sequence[FilePlan]) -> set[str]:
    own = {target.make for target in plan.targets}
    linked = {one.link for target in plan.targets for one in target.fields if one.link} - own
    makers = {other.name for other in files if any(target.make in linked for target in other.targets)}
    return (makers | set(plan.after)) - {plan.name}
