#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""check-demo.py MEMSCOPE SCHEMA_FOLDER: records the demonstration and exports it: its page is small in each
language, its JSON files are as their schemas say and jq can read them.

Exits 77 without python3-jsonschema.
"""
import json
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
        for kind in ("comprehensive", "resource_rankings"):
            path = out / "en" / f"demo_{kind}.json"
            schema = json.loads((schemas / f"{kind}.schema.json").read_text(encoding="utf-8"))
            jsonschema.Draft202012Validator(schema).validate(json.loads(path.read_text(encoding="utf-8")))
            assert path.read_bytes() == (out / languages[-1] / path.name).read_bytes(), "JSON knows no language"
            if shutil.which("jq"):
                assert run("jq", ".schema_version", path).strip(), "jq"


main()
