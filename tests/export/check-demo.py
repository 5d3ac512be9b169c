#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""check-demo.py MEMSCOPE SCHEMA_FOLDER: records the demonstration and exports it: its page is small in each
language, its JSON files are as their schemas say and jq can read them, and no source of it is where it was built.
So are those of a program whose path and arguments are no UTF-8.

Exits 77 without python3-jsonschema.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

try:
    import jsonschema
except ImportError:
    print("python3-jsonschema is not installed")
    sys.exit(77)

MOST_BYTES = 250_000


def run(*command, **how):
    return subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True, **how).stdout


def check_program_of_bytes(memscope, out):
    """Its page and its JSON are UTF-8, with U+FFFD for each byte that is not."""
    folder = os.fsencode(out) + b"/bad\xff<b>"
    os.mkdir(folder)
    shutil.copy("/bin/echo", folder + b"/pr\xfeog")
    subprocess.run([memscope, "record", "-o", out / "bytes", "--", folder + b"/pr\xfeog", b"\xc0\xaf", b"</script>\xff"],
                   check=True, capture_output=True)
    run(memscope, "export", out / "bytes", "-o", out, "--prefix", "bytes")
    trace = json.loads((out / "bytes_comprehensive.json").read_text(encoding="utf-8"))["trace"]
    assert trace["arguments"] == [f"{out}/bad\ufffd<b>/pr\ufffdog", "\ufffd\ufffd", "</script>\ufffd"], trace["arguments"]
    page = (out / "bytes_dashboard.html").read_text(encoding="utf-8")
    assert "pr\ufffdog" in page and "</script>\ufffd" not in page, "names in the page"


def main():
    memscope, schemas = sys.argv[1], pathlib.Path(sys.argv[2])
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder)
        run(memscope, "demo", "-o", out / "demo")
        refused = subprocess.run([memscope, "export", out / "demo", "--language", "?"], capture_output=True, text=True)
        languages = refused.stderr.split(" it is in ")[1].strip().split(", ")
        assert refused.returncode == 2 and languages[0] == "en", refused
        for language in languages:
            run(memscope, "export", out / "demo", "-o", out / language, "--language", language, "--prefix", "demo")
            size = (out / language / "demo_dashboard.html").stat().st_size
            print(f"{language}: {size} bytes")
            assert size < MOST_BYTES, f"the page in {language} has {size} bytes"
        check_program_of_bytes(memscope, out)
        stacks = json.loads((out / "en" / "demo_comprehensive.json").read_text(encoding="utf-8"))["memory_analysis"]["hottest_call_stacks"]
        sources = {frame["file"] for stack in stacks for frame in stack["frames"] if (frame["file"] or "").endswith("/demo-worker.c")}
        assert sources, "the demonstration has debug information"
        assert not any(map(os.path.isabs, sources)), sources
        for kind in ("comprehensive", "resource_rankings"):
            path = out / "en" / f"demo_{kind}.json"
            schema = json.loads((schemas / f"{kind}.schema.json").read_text(encoding="utf-8"))
            jsonschema.Draft202012Validator(schema).validate(json.loads(path.read_text(encoding="utf-8")))
            assert path.read_bytes() == (out / languages[-1] / path.name).read_bytes(), "JSON knows no language"
            if shutil.which("jq"):
                assert run("jq", ".schema_version", path).strip(), "jq"


main()
