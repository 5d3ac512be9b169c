# SPDX-License-Identifier: MIT OR Apache-2.0
"""Readers that nobody here wrote and that come from npm: where one is installed, tests use it by themselves.

    ./dev page-tools        fetches those of tests/export/node/package.json, into node_modules beside it

Looked for there, in NODE_PATH, and where npm and distributions install for all.
"""
import os
import pathlib

HERE = pathlib.Path(__file__).resolve().parent / "node" / "node_modules"
EVERYWHERE = ("/usr/local/lib/node_modules", "/usr/lib/node_modules", "/usr/share/nodejs", "/usr/share/javascript")


def find_in_package(package, path):
    """The file of a package, as a Path, or None after a line that says what is not looked at."""
    for folder in [HERE, *filter(None, os.environ.get("NODE_PATH", "").split(":")), *EVERYWHERE]:
        file = pathlib.Path(folder) / package / path
        if file.is_file():
            return file
    print(f"skipped: npm's {package} is not installed (./dev page-tools fetches it)")
    return None
