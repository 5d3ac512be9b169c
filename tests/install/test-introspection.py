#!/usr/bin/python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""test-introspection.py MEMSCOPE PROGRAM: reads a recording of PROGRAM through the bindings.

What Python reads of it is what `memscope report --json` prints.  Exits 77 without python3-gi."""

import json
import os
import subprocess
import sys
import tempfile

try:
    import gi
except ImportError:
    sys.exit(77)
gi.require_version('Memscope', '0')
from gi.repository import GLib, Memscope  # noqa: E402


def check(what, read, printed):
    if read != printed:
        sys.exit(f'{what}: the bindings say {read!r}, the report {printed!r}')


def main():
    memscope, command = sys.argv[1], sys.argv[2:]
    with tempfile.TemporaryDirectory() as scratch:
        folder = os.path.join(scratch, 'run')
        subprocess.run([memscope, 'record', '-o', folder, '--', *command], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        report = json.loads(subprocess.run([memscope, 'report', '--json', '--threads', folder],
                                           check=True, stdout=subprocess.PIPE).stdout)

        recording = Memscope.Recording.open(folder, None)
        process = recording.get_process(recording.get_main_process())
        fractions = []
        trace = Memscope.Trace.load(process.folder, None, fractions.append)
        totals = trace.get_totals(Memscope.Domain.HEAP)
        print(f'{trace.get_program()} {trace.get_pid()}: peak {totals.peak_bytes} bytes, '
              f'{totals.allocations} allocations by {trace.get_n_threads()} threads')

        for figure in ('peak_bytes', 'allocations', 'deallocations', 'allocated_bytes', 'leaked_bytes'):
            check(figure, getattr(totals, figure), report[figure])
        if totals.allocations == 0:
            sys.exit('nothing was recorded')
        check('duration', trace.get_duration_ns(), report['duration_ns'])

        threads = {thread['id']: thread for thread in report['threads']}
        for index in range(trace.get_n_threads()):
            thread = trace.get_thread(index)
            check('thread', trace.find_thread(thread.get_id()), thread)
            printed = threads[thread.get_id()]
            check('name', thread.get_name(), printed['name'])
            check('allocations', thread.get_totals(Memscope.Domain.HEAP).allocations, printed['allocations'])
        check('bins of sizes', sum(trace.get_size_histogram(Memscope.Domain.HEAP)), totals.allocations)
        check('frames', len(trace.get_stack_frames(0)[0]) > 0, True)

        try:
            Memscope.Trace.load(scratch, None, None)
            sys.exit('a folder without a trace was loaded')
        except GLib.Error as error:
            check('domain of errors', error.matches(Memscope.error_quark(), Memscope.Error.NOT_A_TRACE), True)
        print('everything as the report says')


main()
