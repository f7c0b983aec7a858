"""The directly-follows graph, rework and variants of a log by pm4py, in a Python of its own that has it: nothing of Heli is imported here,
and nothing of it there. Reads ``{"file": PATH, "format": "csv"|"xes"}``."""

import json
import sys
import time
import warnings

warnings.filterwarnings("ignore")

import pandas  # noqa: E402
import pm4py  # noqa: E402


def main() -> None:
    asked = json.load(sys.stdin)
    began, cpu = time.perf_counter(), time.process_time()
    if asked["format"] == "csv":
        table = pandas.read_csv(asked["file"])
        table["time:timestamp"] = pandas.to_datetime(table["time:timestamp"], utc=True, format="ISO8601")
        log = table.sort_values(["case:concept:name", "time:timestamp"], kind="stable")
    else:
        log = pm4py.read_xes(asked["file"], show_progress_bar=False) if hasattr(pm4py, "read_xes") else None
    read = time.perf_counter()
    graph = pm4py.discover_dfg(log)[0]
    rework = pm4py.get_rework_cases_per_activity(log)
    ways = pm4py.get_variants(log)
    done = time.perf_counter()
    used = time.process_time() - cpu
    answer = {
        "graph": sorted([a, b, int(many)] for (a, b), many in graph.items()),
        "rework": sorted([one, int(many)] for one, many in rework.items() if many),
        "variants": sorted(
            [list(way), int(many) if isinstance(many, int) else len(many)] for way, many in ways.items()
        ),
    }
    said = {
        "read_s": read - began,
        "answer_s": done - read,
        "processor_s": used,
        "answer": answer,
        "version": pm4py.__version__,
    }
    sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    main()
