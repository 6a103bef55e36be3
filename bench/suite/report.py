"""Results as JSON, as a Markdown page, and as pictures beside it."""

from __future__ import annotations

import json
import statistics
from dataclasses import asdict
from pathlib import Path

import svg
from measure import Record, Results

OURS = "piperoll"
DRAWN = {"I1": "events/s", "I2": "events/s", "I3": "ack p99 ms", "I4": "events/s", "M1": "p99 ms",
         "S1": "goodput % of best", "R1": "ms", "C1": "first answer ms"}
SUMMARIES = {
    "Load": "Size and memory",
    "I1": "I1: bulk, batches of 1,000 × connections, closed loop",
    "I2": "I2: small batches × connections, closed loop",
    "I3": "I3: open loop at shares of each system's own best, batches of 1,000",
    "I4": "I4: sustained",
    "I5": "I5: organisations, replays, invalid and large events mixed",
    "L": "L: piperoll alone, under its own generator in C++",
    "Q1": "Q1: pages by equality, newest 50", "Q2": "Q2: by id", "Q3": "Q3: page by substring",
    "Q4": "Q4: page by inequality", "Q5": "Q5: sorted by a column", "Q6": "Q6: count of all",
    "Q7": "Q7: count with one filter", "Q8": "Q8: count with two filters", "Q9": "Q9: deep offset",
    "Q10": "Q10: deep offset with a filter", "Q11": "Q11: deep offset with a filter, sorted by a column",
    "Q12": "Q12: the page after a cursor", "Q13": "Q13: facets and histograms",
    "M1": "M1: 16 users beside writing at 70 % of the best", "R1": "R1: kill -9 under load",
    "C1": "C1: after a cold start", "S1": "S1: three times what it can take",
}


def to_json(results: Results) -> str:
    shown = {**asdict(results), "records": [record.as_json() for record in results.records]}
    return json.dumps(shown, indent=1, ensure_ascii=False) + "\n"


def one_line(text: str) -> str:
    """What a cell of a table can hold."""
    return " ".join(text.split()).replace("|", "\\|")


def cell(record: Record) -> str:
    """`median (low–high)`, and what is to be said of it."""
    text = svg.number(record.median)
    if len(record.values) > 1:
        text += f" ({svg.number(min(record.values))}–{svg.number(max(record.values))})"
    return f"{text} *{record.note}*" if record.note else text


def winner(records: list[Record]) -> Record | None:
    """The best of those that are compared; None where there is nothing to win."""
    if len(records) < 2:
        return None
    return (max if records[0].higher_is_better else min)(records, key=lambda record: record.median)


def table(results: Results, records: list[Record], systems: list[str]) -> list[str]:
    """One row a case, one column a system; the best in bold."""
    names = [name for name in systems if any(r.system == name for r in records)]
    lines = ["| case | " + " | ".join(names) + " |", "| --- |" + " --- |" * len(names)]
    for case in dict.fromkeys(record.case for record in records):
        of_case = {r.system: r for r in records if r.case == case}
        best = winner(list(of_case.values()))
        cells = []
        for name in names:
            record = of_case.get(name)
            text = cell(record) if record else "–"
            cells.append(f"**{text}**" if record is not None and record is best else text)
        lines.append(f"| {case} | " + " | ".join(cells) + " |")
    return lines


def workload_section(results: Results, workload: str, systems: list[str]) -> list[str]:
    records = [record for record in results.records if record.workload == workload]
    lines = ["", f"## {SUMMARIES.get(workload, workload)}"]
    for metric in dict.fromkeys(record.metric for record in records):
        chosen = [record for record in records if record.metric == metric]
        better = "more is better" if chosen[0].higher_is_better else "less is better"
        lines += ["", f"{metric} ({better})", "", *table(results, chosen, systems)]
        if metric == drawn_metric(workload):
            lines += ["", f"![{workload}]({workload.lower()}.svg)"]
    skipped = [s for s in results.skipped if s["workload"] == workload]
    if skipped:
        lines += ["", "Left out: " + "; ".join(
            f"{s['system']}, {s['case']}: {s['reason']}" for s in skipped) + "."]
    return lines


def drawn_metric(workload: str) -> str | None:
    return "p99 ms" if workload.startswith("Q") else DRAWN.get(workload)


def ratios(results: Results) -> list[str]:
    """By what factor piperoll is better, paired by round; below 1 the rival is, and in bold."""
    rivals = [name for name in results.systems if not name.startswith(OURS)]
    mine = [r for r in results.records if r.system == OURS and r.metric == compared_metric(r.workload)]
    if not rivals or not mine:
        return []
    lines = ["", "## piperoll against each rival", "",
             "Median over the rounds of how many times more events/s, or how many times shorter; **bold: the rival is better**.",
             "", "| case | " + " | ".join(rivals) + " |", "| --- |" + " --- |" * len(rivals)]
    for record in mine:
        cells = []
        for name in rivals:
            other = next((r for r in results.records if (r.workload, r.case, r.metric, r.system)
                          == (record.workload, record.case, record.metric, name)), None)
            factor = better_by(record, other) if other else None
            text = "–" if factor is None else f"{svg.number(factor)} ×"
            cells.append(f"**{text}**" if factor is not None and factor < 1 else text)
        lines.append(f"| {record.workload}: {record.case}, {record.metric} | " + " | ".join(cells) + " |")
    return lines


def better_by(ours: Record, theirs: Record) -> float | None:
    """None when a round has nothing to divide by."""
    pairs = list(zip(ours.values, theirs.values, strict=False))
    if any(a <= 0 or b <= 0 for a, b in pairs):
        return None
    return statistics.median(a / b if ours.higher_is_better else b / a for a, b in pairs)


def compared_metric(workload: str) -> str | None:
    return {"I1": "events/s", "I2": "events/s", "I4": "events/s", "M1": "p99 ms"}.get(
        workload, "p99 ms" if workload.startswith("Q") else None)


def durability_table(results: Results) -> list[str]:
    lines = ["", "## Durability", "",
             "Single events, one after the other, under strace: an acknowledgement is proved when a whole sync",
             "lies between its request and its answer.", "",
             "| system | what it says | acknowledgements | proved by a sync | syncs an acknowledgement | calls |",
             "| --- | --- | --- | --- | --- | --- |"]
    for line in results.durability:
        mark = "" if line["proved"] == line["acknowledgements"] else " **acknowledges before it is durable**"
        rate = line["syncs"] / line["acknowledgements"] if line["acknowledgements"] else 0
        lines.append(f"| {line['system']} | {line['promise']} | {line['acknowledgements']} | {line['proved']}{mark} |"
                     f" {rate:.2f} | {', '.join(line['calls']) or 'none'} |")
    lines += [f"| {s['system']} | | | not shown: {one_line(s['reason'])} | | |"
              for s in results.skipped if s["workload"] == "Durability"]
    return lines


def heading(results: Results) -> list[str]:
    machine, settings = results.machine, results.settings
    once = f" ({', '.join(settings['once'])}: one)" if settings.get("once") else ""
    lines = ["# Benchmark suite", "", f"`{settings['command']}`", "",
             f"{settings['events']:,} events ({settings['data']}), {settings['rounds']} rounds{once}; median (lowest–highest "
             "of the rounds), the best of a row in bold, whoever it is.", "",
             f"{machine['processors']} × {machine['processor']}, {machine['memory_gib']} GiB, Linux {machine['kernel']}, "
             f"{machine['date']}; the load generator runs on the same processors."]
    if machine["busy"]:
        lines += ["", f"**The machine was busy when this began (load {machine['load_before']:.1f}): "
                  "the figures are a trial, not results.**"]
    if "roofline_events_per_s_of_one_processor" in settings:
        lines += ["", f"Roofline: {settings['roofline_events_per_s_of_one_processor']:,} events/s of one processor, if "
                  "reading, checking and encoding were all that had to be done."]
    if settings.get("note"):
        lines += ["", settings["note"]]
    lines += ["", "| fdatasync of 4 KiB, ms | p50 | p99 | worst |", "| --- | --- | --- | --- |"]
    lines += [f"| {d['when']} | {d['p50_ms']:.3f} | {d['p99_ms']:.3f} | {d['max_ms']:.2f} |" for d in results.disk]
    lines += ["", "| system | version | acknowledged |", "| --- | --- | --- |"]
    lines += [f"| {name}: {s['title']} | {s['version']} | {s['acknowledged']} |"
              for name, s in results.systems.items()]
    lines += [f"| {name} | **left out** | {one_line(why)} |" for name, why in results.left_out.items()]
    lines += ["", "## Checks", ""]
    lines += [f"- {c['workload']}, {c['system']}: {'' if c['good'] else '**FAILED**: '}{one_line(c['text'])}" for c in results.checks]
    if not results.checks:
        lines.append("None was asked for.")
    return lines


def to_markdown(results: Results) -> str:
    systems = list(results.systems)
    lines = [*heading(results), *durability_table(results), *ratios(results)]
    seen = {record.workload for record in results.records} | {s["workload"] for s in results.skipped}
    for workload in [name for name in SUMMARIES if name in seen]:
        lines += workload_section(results, workload, systems)
    took = ", ".join(f"{name} {seconds:,.0f}" for name, seconds in results.settings.get("took_s", {}).items())
    lines += ["", "## Settings", "", *([f"Seconds that it took: {took}.", ""] if took else []), "```json", json.dumps(results.systems, indent=1, ensure_ascii=False), "```", ""]
    return "\n".join(lines)


def pictures(results: Results) -> dict[str, str]:
    """File name to SVG."""
    found = {}
    for workload in dict.fromkeys(record.workload for record in results.records):
        metric = drawn_metric(workload)
        chosen = [r for r in results.records if r.workload == workload and r.metric == metric]
        if chosen:
            data = [svg.Bar(r.case, r.system, r.median, min(r.values), max(r.values)) for r in chosen]
            series = [name for name in results.systems if any(bar.series == name for bar in data)]
            found[f"{workload.lower()}.svg"] = svg.bars(SUMMARIES[workload], metric, series, data)
    return found


def write(results: Results, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "results.json").write_text(to_json(results), encoding="utf-8")
    (folder / "README.md").write_text(to_markdown(results), encoding="utf-8")
    for name, picture in pictures(results).items():
        (folder / name).write_text(picture, encoding="utf-8")
