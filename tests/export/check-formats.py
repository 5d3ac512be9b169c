#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""check-formats.py EXPORT-FIXTURE: the files for other tools, read as those read them.

Every file of every fixture is taken apart by a reader written here from the format's own description, and
its sums are compared with those of <prefix>_comprehensive.json.  ms_print (of valgrind), protoc (of
protobuf-compiler) and `go tool pprof` read their formats too, where they are installed; speedscope does in
check-speedscope.py.
"""
import csv
import gzip
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

FIXTURES = ("plain", "hostile", "many", "untracked", "sampled", "measured", "crowd", "empty", "threadless")
FORMATS = ("csv", "collapsed", "speedscope", "pprof", "perfetto", "massif")
FIGURES = ("peak_bytes", "allocated_bytes", "allocations", "leaked_bytes", "temporary_allocations")


def expect(what, is_true, *seen):
    if not is_true:
        raise AssertionError(f"{what}: {' '.join(map(repr, seen))[:600]}")


def expect_sum(what, total, truth, name):
    """Of a sampled trace, stacks are estimates and the process's counts are exact: they do not meet."""
    slack = truth // 4 if name == "sampled" else 0
    expect(f"{name}: {what}", abs(total - truth) <= slack, total, truth)


# The fields of https://github.com/google/pprof/blob/main/proto/profile.proto, for protoc.
PROFILE_PROTO = """syntax = "proto3";
package perftools.profiles;
message Profile {
  repeated ValueType sample_type = 1; repeated Sample sample = 2; repeated Mapping mapping = 3;
  repeated Location location = 4; repeated Function function = 5; repeated string string_table = 6;
  int64 drop_frames = 7; int64 keep_frames = 8; int64 time_nanos = 9; int64 duration_nanos = 10;
  ValueType period_type = 11; int64 period = 12; repeated int64 comment = 13; int64 default_sample_type = 14;
}
message ValueType { int64 type = 1; int64 unit = 2; }
message Sample { repeated uint64 location_id = 1; repeated int64 value = 2; repeated Label label = 3; }
message Label { int64 key = 1; int64 str = 2; int64 num = 3; int64 num_unit = 4; }
message Mapping {
  uint64 id = 1; uint64 memory_start = 2; uint64 memory_limit = 3; uint64 file_offset = 4; int64 filename = 5;
  int64 build_id = 6; bool has_functions = 7; bool has_filenames = 8; bool has_line_numbers = 9; bool has_inline_frames = 10;
}
message Location { uint64 id = 1; uint64 mapping_id = 2; uint64 address = 3; repeated Line line = 4; bool is_folded = 5; }
message Line { uint64 function_id = 1; int64 line = 2; int64 column = 3; }
message Function { uint64 id = 1; int64 name = 2; int64 system_name = 3; int64 filename = 4; int64 start_line = 5; }
"""


# --- readers ---------------------------------------------------------------------------------------


def read_collapsed(path):
    """[(functions, outermost first; value)]"""
    rows = []
    for line in path.read_text(encoding="utf-8").split("\n")[:-1]:
        match = re.fullmatch(r"(\S(?:.*\S)?) (\d+)", line)
        expect(f"a line of {path.name}", match, line)
        rows.append((match[1].split(";"), int(match[2])))
    expect(f"{path.name} has each path once", len({tuple(r[0]) for r in rows}) == len(rows))
    return rows


def read_varint(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 0x7F) << shift
        shift += 7
        at += 1
        if data[at - 1] < 0x80:
            return value, at


def read_message(data):
    """{field: [values]}: numbers, or bytes."""
    fields, at = {}, 0
    while at < len(data):
        tag, at = read_varint(data, at)
        if tag & 7 == 0:
            value, at = read_varint(data, at)
        else:
            expect("wire types are 0 and 2", tag & 7 == 2, tag)
            size, at = read_varint(data, at)
            value, at = data[at:at + size], at + size
            expect("a field lies within its message", len(value) == size)
        fields.setdefault(tag >> 3, []).append(value)
    return fields


def read_packed(fields, number):
    values = []
    for packed in fields.get(number, []):
        at = 0
        while at < len(packed):
            value, at = read_varint(packed, at)
            values.append(value)
    return values


def read_pprof(path):
    """(types, [(functions outermost first, {type: value}, thread or None)])"""
    profile = read_message(gzip.decompress(path.read_bytes()))
    strings = [text.decode("utf-8") for text in profile[6]]
    expect("the first string is empty", strings[0] == "")

    def number(fields, field):
        return fields.get(field, [0])[0]

    functions = {number(f, 1): strings[number(f, 2)] for f in map(read_message, profile.get(5, []))}
    mappings = {number(m, 1) for m in map(read_message, profile.get(3, []))}
    locations = {}
    for location in map(read_message, profile.get(4, [])):
        expect("a mapping that is there", number(location, 2) in mappings | {0}, location)
        locations[number(location, 1)] = functions[number(read_message(location[4][0]), 1)]
    types = [(strings[number(t, 1)], strings[number(t, 2)]) for t in map(read_message, profile[1])]
    samples = []
    for sample in map(read_message, profile.get(2, [])):
        values = read_packed(sample, 2)
        expect("a value a type", len(values) == len(types))
        labels = {strings[number(label, 1)]: label for label in map(read_message, sample.get(3, []))}
        thread = strings[number(labels["thread"], 2)] if "thread" in labels else None
        path_of = [locations[i] for i in reversed(read_packed(sample, 1))]
        samples.append((path_of, dict(zip((t for t, _ in types), values)), thread))
    return types, samples


def read_massif(path):
    """[(time, bytes, tree or None)]; a tree is (bytes, details, children)."""
    lines = path.read_text(encoding="utf-8").split("\n")
    expect("massif's headings", [line.split(":")[0] for line in lines[:3]] == ["desc", "cmd", "time_unit"], lines[:3])
    at, snapshots = 3, []

    def read_node(indent):
        nonlocal at
        match = re.fullmatch(r"( *)n(\d+): (\d+) ([^#]+)", lines[at])
        expect("a node of massif's tree", match and len(match[1]) == indent, lines[at])
        at += 1
        return int(match[3]), match[4], [read_node(indent + 1) for _ in range(int(match[2]))]

    while at < len(lines) - 1:
        expect("a snapshot", lines[at] == lines[at + 2] == "#-----------", lines[at:at + 3])
        expect("their numbers", lines[at + 1] == f"snapshot={len(snapshots)}", lines[at + 1])
        values = dict(line.split("=") for line in lines[at + 3:at + 8])
        at += 8
        tree = read_node(0) if values["heap_tree"] == "peak" else None
        snapshots.append((float(values["time"]), int(values["mem_heap_B"]), tree))
    return snapshots


def read_csv(path):
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, strict=True))
    for row in rows:
        expect(f"{path.name} is a rectangle", len(row) == len(rows[0]), row)
        for cell in row:
            expect(f"no formula in {path.name}", not cell or cell[0] not in "=+-@\t\r", cell)
    return [dict(zip(rows[0], row)) for row in rows[1:]]


# --- what they must say ----------------------------------------------------------------------------


def check_collapsed(folder, name, truth):
    for suffix, figure in zip(("peak", "allocated", "allocations", "leaked", "temporary"), FIGURES):
        total = sum(value for _, value in read_collapsed(folder / f"{name}_{suffix}.collapsed"))
        expect_sum(f"{suffix} collapsed", total, truth[figure], name)


def check_speedscope(folder, name, truth):
    file = json.loads((folder / f"{name}.speedscope.json").read_text(encoding="utf-8"))
    n_frames = len(file["shared"]["frames"])
    for profile in file["profiles"]:
        expect("a weight a sample", len(profile["samples"]) == len(profile["weights"]))
        expect("they end at their sum", sum(profile["weights"]) == profile["endValue"])
        expect("frames that are there", all(0 <= i < n_frames for s in profile["samples"] for i in s))
        expect("samples by path", profile["samples"] == sorted(profile["samples"]))
    sums = {profile["name"]: profile["endValue"] for profile in file["profiles"]}
    for profile, figure in (("Live at the peak", "peak_bytes"), ("Allocated", "allocated_bytes"),
                            ("Allocations", "allocations"), ("Live at the end", "leaked_bytes"),
                            ("Temporary allocations", "temporary_allocations")):
        expect_sum(f"speedscope's {profile}", sums[profile], truth[figure], name)
    if len(sums) < 5 + 64:
        threads = sum(value for profile, value in sums.items() if profile.startswith("Allocated by "))
        expect_sum("threads add up", threads, truth["allocated_bytes"], name)


def check_protoc(path, types, samples, name):
    """protoc reads the same samples with the same sums, and fields that it does not know are none."""
    (path.parent / "profile.proto").write_text(PROFILE_PROTO, encoding="utf-8")
    result = subprocess.run(["protoc", f"--proto_path={path.parent}", "--decode=perftools.profiles.Profile", "profile.proto"],
                            input=gzip.decompress(path.read_bytes()), capture_output=True, check=False)
    expect(f"{name}: protoc reads it", result.returncode == 0 and result.stderr == b"", result.stderr)
    lines = result.stdout.decode("utf-8").split("\n")
    expect(f"{name}: no field of a number without a name", not any(re.match(r" *\d+[:{ ]", line) for line in lines))
    values = [int(line[9:]) for line in lines if line.startswith("  value: ")]
    expect(f"{name}: samples by protoc", lines.count("sample {") == len(samples) and len(values) == len(samples) * len(types), len(values))
    for i, (kind, _) in enumerate(types):
        expect(f"{name}: {kind} by protoc", sum(values[i::len(types)]) == sum(v[kind] for _, v, _ in samples), kind)


def check_pprof(folder, name, truth):
    path = folder / f"{name}.pb.gz"
    types, samples = read_pprof(path)
    for kind, figure in (("peak_space", "peak_bytes"), ("alloc_space", "allocated_bytes"),
                         ("alloc_objects", "allocations"), ("inuse_space", "leaked_bytes"),
                         ("temporary_objects", "temporary_allocations")):
        total = sum(values[kind] for _, values, _ in samples)
        expect_sum(f"pprof's {kind}", total, truth[figure], name)
    expect("only the peak has no thread",
           all(thread is not None or values["peak_space"] > 0 for _, values, thread in samples))
    collapsed = read_collapsed(folder / f"{name}_peak.collapsed")
    if collapsed and name != "hostile":
        heaviest = max(collapsed, key=lambda row: row[1])
        paths = {}
        for functions, values, _ in samples:
            paths[tuple(functions)] = paths.get(tuple(functions), 0) + values["peak_space"]
        expect(f"{name}: pprof's heaviest path", paths.get(tuple(heaviest[0])) == heaviest[1], heaviest)
    if shutil.which("protoc"):
        check_protoc(path, types, samples, name)
    if shutil.which("go") and samples:
        with tempfile.TemporaryDirectory() as home:
            text = subprocess.run(["go", "tool", "pprof", "-raw", str(path)], check=True, capture_output=True,
                                  text=True, env={"HOME": home, "PATH": "/usr/bin:/bin"}).stdout
        expect("go's pprof reads it", "peak_space/bytes" in text, text)


def check_perfetto(folder, name, truth):
    events = json.loads((folder / f"{name}_perfetto.json").read_text(encoding="utf-8"))["traceEvents"]
    live = [e["args"]["value"] for e in events if e["ph"] == "C" and e["name"] == "live bytes"]
    if truth["allocations"] > 0 and name != "sampled":
        expect(f"{name}: perfetto's peak", max(live) == truth["peak_bytes"], max(live))
    lives = [e for e in events if e["ph"] == "X"]
    expect("a life a thread", len({e["tid"] for e in lives}) == len(lives) == truth["threads"], len(lives))
    expect("no life is negative", all(e["dur"] >= 0 and e["ts"] >= 0 for e in lives))
    allocated = sum(e["args"].get("allocated_bytes", 0) for e in lives)
    expect_sum("lives add up", allocated, truth["allocated_bytes"], name)


def check_tree(node):
    total, _, children = node
    expect("children are no more than their parent", sum(c[0] for c in children) <= total, node[:2])
    for child in children:
        check_tree(child)


def check_massif(folder, name, truth):
    path = folder / f"{name}_massif.out"
    snapshots = read_massif(path)
    times = [time for time, _, _ in snapshots]
    expect("snapshots in order of time", times == sorted(times), times)
    peaks = [snapshot for snapshot in snapshots if snapshot[2]]
    if truth["peak_bytes"] > 0:
        expect(f"{name}: one peak, of so many bytes", [p[1] for p in peaks] == [truth["peak_bytes"]], peaks)
        expect("whose tree has them all", sum(c[0] for c in peaks[0][2][2]) == truth["peak_bytes"], peaks[0][2][:2])
        check_tree(peaks[0][2])
    else:
        expect(f"{name}: no peak", not peaks)
    if shutil.which("ms_print"):
        result = subprocess.run(["ms_print", str(path)], capture_output=True, text=True, errors="replace")
        expect("ms_print reads it", result.returncode == 0 and "Number of snapshots" in result.stdout, result.stderr)
        expect("and sees the peak", not peaks or f"{truth['peak_bytes']:,}" in result.stdout, result.stdout)


def check_csv(folder, name, truth):
    threads = read_csv(folder / f"{name}_threads.csv")
    for row in threads:
        said = truth["by_thread"][row["thread_id"]]
        for column, figure in (("cpu_percent", said["resources"]["cpu_percent"]), ("io_operations", said["io_operations"]),
                               ("cpu_time_ns", said["cpu_time_ns"]), ("peak_bytes", said["peak_bytes"]), ("leaked_bytes", said["leaked_bytes"])):
            same = row[column] == "" if figure is None else row[column] != "" and abs(float(row[column]) - figure) < 0.001
            expect(f"{name}: {column} of thread {row['thread_id']}", same, row[column], figure)
    if name == "measured":
        expect("shares and calls are there", [row["io_operations"] for row in threads if row["thread_id"] == "0"] == ["20"], threads)
    expect("a row a thread", len(threads) == truth["threads"], len(threads))
    stacks = read_csv(folder / f"{name}_stacks.csv")
    for figure in ("allocated_bytes", "allocations", "leaked_bytes", "temporary_allocations"):
        for rows in (threads, stacks):
            total = sum(int(row[figure]) for row in rows if row[figure])
            expect_sum(f"{figure} in CSV", total, truth[figure], name)
    total = sum(int(row["bytes_at_process_peak"]) for row in stacks)
    expect(f"{name}: the peak in CSV", total == truth["peak_bytes"], total)
    functions = read_csv(folder / f"{name}_functions.csv")
    total = sum(int(row["self_allocated_bytes"]) for row in functions)
    expect_sum("functions' own bytes", total, truth["allocated_bytes"], name)
    timeline = read_csv(folder / f"{name}_timeline.csv")
    if name != "sampled":
        expect(f"{name}: bytes over time", sum(int(r["allocated_bytes"]) for r in timeline) == truth["allocated_bytes"])
    for row in read_csv(folder / f"{name}_histograms.csv"):
        expect("a bin has ends", int(row["from"]) <= int(row["to"]) and int(row["blocks"]) > 0, row)
    read_csv(folder / f"{name}_interactions.csv")


def check_part(program, folder):
    """A part tells of its time and its thread alone, whatever else there was."""
    subprocess.run([program, "measured", str(folder), "part", "thread=1", "json", "perfetto"], check=True)
    report = json.loads((folder / "measured_comprehensive.json").read_text(encoding="utf-8"))
    events = json.loads((folder / "measured_perfetto.json").read_text(encoding="utf-8"))["traceEvents"]
    correlation = report["correlation_metrics"]
    rows = correlation["points"] + correlation["over_time"]["threads"]
    for ranking in report["rankings"]["performance_rankings"].values():
        rows += ranking["entries"] or []
    expect("one thread", rows and all(row["thread_id"] == 1 for row in rows), rows)
    lives = [e for e in events if e["ph"] == "X"]
    expect("a life in the part", len(lives) == 1, lives)
    for event in [e for e in events if e["ph"] in "XiC"]:
        end = event["ts"] + event.get("dur", 0)
        expect("an event in the part", 35000 <= event["ts"] and end <= 75000, event)


def main():
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for name in FIXTURES:
            subprocess.run([sys.argv[1], name, temporary, *FORMATS], check=True)
            report = json.loads((folder / f"{name}_comprehensive.json").read_text(encoding="utf-8"))
            truth = {k: 0 if v is None else v for k, v in report["memory_analysis"]["summary"].items()}
            truth["by_thread"] = report["memory_analysis"]["thread_stats"]
            truth["threads"] = len(report["memory_analysis"]["thread_stats"])
            for check in (check_collapsed, check_speedscope, check_pprof, check_perfetto, check_massif, check_csv):
                check(folder, name, truth)
                print(f"ok {name}: {check.__name__[6:]}")
        check_part(sys.argv[1], folder)
        print("ok part")


main()
