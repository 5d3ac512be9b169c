#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""check-schemas.py SCHEMA_FOLDER FIXTURE_PROGRAM: exports every fixture and holds its JSON files against
the schemas that are shipped.

Shipped schemas let later versions add members; here every object with named members is closed, so
that a member nobody described is found.  Exits 77 without python3-jsonschema.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

try:
    import jsonschema
except ImportError:
    print("python3-jsonschema is not installed")
    sys.exit(77)

FIXTURES = ("plain", "hostile", "many", "untracked", "sampled", "ring", "measured", "crowd", "empty", "threadless")


def close_objects(schema):
    if isinstance(schema, list):
        for item in schema:
            close_objects(item)
    elif isinstance(schema, dict):
        if schema.get("type") == "object" and "properties" in schema:
            schema.setdefault("additionalProperties", False)
        for value in schema.values():
            close_objects(value)


def load_validator(path):
    schema = json.loads(path.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    close_objects(schema)
    return schema, jsonschema.Draft202012Validator(schema)


def reject_constant(name):
    raise ValueError(f"{name} is not JSON")


def check_mappings(mappings, name):
    if name == "plain":
        figures = [mappings[key] for key in ("mappings", "mapped_bytes", "mapped_peak_bytes", "peak_time_ns")]
        assert figures == [3, 5_000_000, 9_065_536, 62_000_000], figures
        assert {k: v["live_bytes"] for k, v in mappings["kinds"].items() if v["mappings"]} == {
            "anonymous": 4_000_000, "file": 1_000_000, "thread_stack": 0}, mappings["kinds"]
        assert mappings["stacks"][0]["kinds"] == ["anonymous", "file", "thread_stack"], mappings["stacks"]
        assert mappings["stacks"][0]["frames"][0]["function"] == "make_table", mappings["stacks"]
    if mappings is not None:
        kinds = mappings["kinds"].values()
        assert sum(k["bytes_at_process_peak"] for k in kinds) == mappings["mapped_peak_bytes"], name
        assert sum(k["live_bytes"] for k in kinds) == mappings["mapped_bytes"], name
        if not mappings["other_stacks"]:
            assert sum(k["total_mapped_bytes"] for k in kinds) == sum(
                s["total_mapped_bytes"] for s in mappings["stacks"]), name


def check_parts(analysis, summary, threads, name):
    """Exact counts add up, whichever way they are divided; what has no value has a reason."""
    sizes, leaks = analysis["histograms"]["sizes"], analysis["leaks"]
    assert sum(b["allocations"] for b in sizes) == (summary["allocations"] or 0), f"{name}: sizes"
    assert all(b["from_bytes"] <= b["to_bytes"] for b in sizes), f"{name}: sizes"
    for key in ("bytes", "allocations"):
        parts = [leaks[f"{part}_{key}"] or 0 for part in ("accused", "young", "library")]
        assert sum(parts) == (leaks[f"leaked_{key}"] or 0) == (summary[f"leaked_{key}"] or 0), f"{name}: leaked {key}"
    for thread in threads:
        what = f"{name}: thread {thread['id']}"
        for key in ("allocations", "allocated_bytes", "live_bytes", "temporary_allocations"):
            listed = sum(s[key] for s in thread["call_stacks"])
            assert listed + thread["other_call_stacks"][key] == (thread[key] or 0), f"{what}: {key} of its stacks"
        reasons = thread["scores"].pop("reasons")
        assert {key for key, value in thread["scores"].items() if value is None} == set(reasons), f"{what}: scores"


def check_resources(document, name):
    """What has no value has a reason; without samples that is everything."""
    resources, timeline = document["resources"], document["resource_timeline"]
    for figures in (resources["process"], resources["system"]):
        assert {key for key, value in figures.items() if value is None} == set(figures["reasons"]), name
    assert resources["available"] == timeline["available"] == (name == "measured"), name
    if name != "measured":
        return
    assert timeline["cpu"] == [40.0] * timeline["bins"], timeline["cpu"]
    assert timeline["threads"][0]["thread_id"] in (0, 1, 2), timeline["threads"]
    threads = {t["id"]: t for t in document["memory_analysis"]["thread_stats"].values()}
    assert (threads[0]["io_operations"], threads[0]["resources"]["cpu_percent_peak"]) == (20, 20), threads[0]
    # What it read itself at its end is known, though reading it from outside was not permitted.
    assert threads[1]["resources"]["cpu_percent"] == 50, threads[1]["resources"]
    assert document["rankings"]["gpu_rankings"]["entries"][0]["busy_percent"] == 50
    assert document["rankings"]["cpu_rankings"]["entries"][0]["cpu_time_ns"] == 45_000_000
    assert "cpu_percent" not in document["not_measured"], document["not_measured"]
    over_time = document["correlation_metrics"]["over_time"]
    assert over_time["process"]["reason"] == "the first figure does not vary", over_time


def check_sums(document, name):
    """What is listed and what was cut add up to the summary; threads too.  Of a sampled trace the counts
    of threads are exact and those of stacks are estimates: there every figure has an error instead."""
    analysis = document["memory_analysis"]
    summary, cut = analysis["summary"], analysis["other_call_stacks"]
    threads = list(analysis["thread_stats"].values())
    for key in ("allocations", "allocated_bytes", "leaked_bytes", "temporary_allocations", "bytes_at_process_peak"):
        assert all((t[key] is None) != t["tracked"] for t in threads), f"{name}: {key} of untracked threads"
        assert ("memory" in document["not_measured"]) == (summary[key] is None), f"{name}: {key} without a reason"
        if summary[key] is None:
            assert name in ("untracked", "threadless") and not any(t["tracked"] for t in threads), name
            continue
        assert sum(t[key] or 0 for t in threads) == summary[key], f"{name}: {key} of threads"
        listed = sum(s[key] for s in analysis["hottest_call_stacks"])
        if document["trace"]["sampled"]:
            assert all(s[key + "_standard_error"] > 0 for s in analysis["hottest_call_stacks"] if s[key]), f"{name}: {key}"
            continue
        assert not any(key + "_standard_error" in s for s in analysis["hottest_call_stacks"]), f"{name}: {key}"
        assert listed + cut[key] == summary[key], f"{name}: {key} of stacks"
    if not document["trace"]["sampled"]:
        assert sum(analysis["timeline"]["allocated_bytes"]) == (summary["allocated_bytes"] or 0), name
    check_mappings(analysis["mappings"], name)
    check_resources(document, name)
    assert document["correlation_metrics"]["available"] == (name in ("many", "crowd")), f"{name}: correlation"
    if not document["trace"]["sampled"]:
        check_parts(analysis, summary, threads, name)
    if not document["trace"]["sampled"]:  # there the highest point of the curve is not the peak
        assert max(analysis["timeline"]["most_live_bytes"]) == (summary["peak_bytes"] or 0), name


def check_ring(document):
    """The plain fixture as a flight recorder, of which a thread that ended before the first other is gone: what was live is null, with one reason, and what happened is as it was."""
    analysis = document["memory_analysis"]
    sentence = "not available in ring mode"
    assert document["trace"]["ring"] == {"bytes_per_thread": 65536, "kept_from_ns": 95000000, "live_reason": sentence}, document["trace"]["ring"]
    assert document["not_measured"]["live_bytes"] == sentence, document["not_measured"]
    parts = [analysis["summary"], *analysis["thread_stats"].values()]
    for part in parts:
        for key in ("live_bytes", "live_blocks", "peak_bytes", "peak_time_ns", "bytes_at_process_peak", "leaked_bytes", "leaked_allocations"):
            assert part[key] is None, f"{key}: {part[key]}"
    for stack in analysis["hottest_call_stacks"]:
        assert stack["bytes_at_process_peak"] is None and stack["leaked_bytes"] is None, stack
    assert analysis["leaks"]["leaked_bytes"] is None, analysis["leaks"]
    for timeline in (analysis["timeline"], analysis["thread_stats"]["0"]["timeline"]):
        assert timeline["most_live_bytes"] is None, timeline
    assert sum(analysis["timeline"]["allocated_bytes"]) == analysis["summary"]["allocated_bytes"] > 0
    assert analysis["summary"]["allocations"] == 13 and analysis["summary"]["deallocations"] == 12, analysis["summary"]


def check_part(document):
    """35 to 75 ms of the plain fixture, by hand: five of reader's ten blocks, one of writer's, frees of seven."""
    trace, analysis = document["trace"], document["memory_analysis"]
    assert trace["part"] == {"text": "35 ms to 75 ms", "from_ns": 35_000_000, "to_ns": 75_000_000, "threads": None, "stacks": None}, trace["part"]
    summary, threads = analysis["summary"], analysis["thread_stats"]
    assert (summary["allocations"], summary["allocated_bytes"]) == (6, 10_000_300), summary
    assert (summary["peak_bytes"], summary["peak_time_ns"]) == (20_001_800, 50_000_000), summary
    assert [threads[i]["peak_bytes"] for i in "012"] == [1500, 20_000_000, 300], threads
    assert [threads[i]["bytes_at_process_peak"] for i in "012"] == [1500, 20_000_000, 300], threads
    assert all(s["peak_bytes"] is None for s in analysis["hottest_call_stacks"]), "the peaks of stacks"
    assert sum(s["bytes_at_process_peak"] for s in analysis["hottest_call_stacks"]) == summary["peak_bytes"], "shares of the peak"
    assert max(analysis["timeline"]["most_live_bytes"]) == summary["peak_bytes"], "the curve's highest"
    assert sum(analysis["timeline"]["allocated_bytes"]) == summary["allocated_bytes"], "the curve's sum"
    assert analysis["timeline"]["bin_ns"] * analysis["timeline"]["bins"] == 40_000_000, "the curve's length"


def check_events(program, out):
    """As many lines as the figures count, in order; every free is of a block that was allocated before, and of its size."""
    for words, n_allocations, n_frees in (([], 13, 12), (["part"], 6, 7)):
        subprocess.run([program, "plain", out, "events", *words], check=True)
        lines = [json.loads(line) for line in (pathlib.Path(out) / "plain_events.jsonl").read_text().splitlines()]
        allocations = {e["block"]: e for e in lines if e["kind"] == "allocation"}
        frees = [e for e in lines if e["kind"] == "free"]
        assert (len(allocations), len(frees)) == (n_allocations, n_frees), (len(allocations), len(frees), words)
        assert [e["event"] for e in lines] == sorted({e["event"] for e in lines}) and [e["time_ns"] for e in lines] == sorted(e["time_ns"] for e in lines)
        for e in frees:
            born = allocations.get(e["block"])
            assert born is None and words or (born["bytes"], born["thread"], born["stack"]) == (e["bytes"], e["owner"], e["stack"]), e
    assert all(35_000_000 <= e["time_ns"] < 75_000_000 for e in lines), lines
    assert {e["thread"] for e in frees} == {0, 2}, frees


def main():
    folder, program = pathlib.Path(sys.argv[1]), sys.argv[2]
    shared, failures = {}, 0
    validators = {}
    for kind in ("comprehensive", "resource_rankings"):
        schema, validators[kind] = load_validator(folder / f"{kind}.schema.json")
        for key, value in schema["$defs"].items():
            assert shared.setdefault(key, value) == value, f"$defs/{key} differs between the schemas"

    with tempfile.TemporaryDirectory() as out:
        for fixture, *words in [[name] for name in FIXTURES] + [["plain", "part"]]:
            subprocess.run([program, fixture, out, *words], check=True)
            for kind, validator in validators.items():
                path = pathlib.Path(out) / f"{fixture}_{kind}.json"
                document = json.loads(path.read_bytes().decode("utf-8"), parse_constant=reject_constant)
                errors = list(validator.iter_errors(document))
                for error in errors[:5]:
                    print(f"{path.name}: {error.json_path}: {error.message[:300]}")
                failures += len(errors)
                if kind == "comprehensive" and words:
                    check_part(document)
                elif kind == "comprehensive" and fixture == "ring":
                    check_ring(document)
                elif kind == "comprehensive":
                    check_sums(document, fixture)
                print(f"{path.name}: {path.stat().st_size} bytes, {len(errors)} errors")
        check_events(program, out)
    sys.exit(1 if failures else 0)


main()
