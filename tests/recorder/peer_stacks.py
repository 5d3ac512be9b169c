# SPDX-License-Identifier: MIT OR Apache-2.0
"""Allocations by call stack as Memscope, heaptrack and DHAT have them, made comparable; for compare-with-peers.

A stack is compared by its return addresses, each as (object, address in the object): addresses need no
debug information, know nothing of inlining, and are the same in all three tools.  Names are used only
to know where a stack begins and ends.  Before stacks are compared:

  innermost   frames of the allocator are cut: the C++ library's operator new, which DHAT replaces and the
              others see call malloc
  anywhere    a tool's own wrappers are cut, of malloc and of pthread_create and dlopen
  outermost   a stack ends at __libc_start_call_main, start_thread or _dl_start_user: what is outside of
              these is no program's
  depth       the innermost DEPTH frames count; stacks that are equal so far are one

heaptrack has a thread of its own, from which on libc locks its streams, also in a program with one thread:
getc, say, then calls __uflow where it would have jumped to it.  So its stack may have a frame of libc more.

A program that hashes pointers does some things at other places, or more often, at other addresses, and
each tool brings its own libraries and so its own addresses.  Where stacks differ, the program is recorded
again at random addresses; places (the innermost three frames) at which these recordings differ from each
other tell nothing about the tools, and are counted apart.

DHAT counts a realloc as a block of the stack that allocated it first, the others as one of the stack that
calls realloc.  So a stack of DHAT's may have more than ours has without reallocations, never less, and
what it has more is, over all stacks, the number of reallocations.  Bytes are compared where no realloc
is involved.
"""
import bisect
import json
import os
import re
import subprocess
import sys

DEPTH = 16
ENDS = {"__libc_start_call_main", "start_thread", "_dl_start_user", "clone3", "clone", "_start"}
OWN = re.compile(r"vgpreload_|libheaptrack_preload|libmemscope-(preload|tracker)")


def same_file(path, known={}):
    """One name for a library, by whichever link it was loaded."""
    if path not in known:
        known[path] = os.path.realpath(path) if path.startswith("/") else path
    return known[path]


class Names:
    """Frames at which stacks begin and end, learned from Memscope's names for the other tools."""

    def __init__(self):
        self.allocators, self.ends = set(), set()

    def learn(self, frame, function):
        if function.startswith(("operator new", "_Znw", "_Zna")):
            self.allocators.add(frame)
        if function in ENDS:
            self.ends.add(frame)

    def cut(self, frames):
        kept = []
        for frame in frames:
            if OWN.search(frame[0]) or not kept and frame in self.allocators:
                continue
            kept.append(frame)
            if frame in self.ends or len(kept) == DEPTH:
                break
        return tuple(kept)


def add(stacks, key, *figures):
    old = stacks.get(key)
    stacks[key] = figures if old is None else tuple(a + b for a, b in zip(old, figures))


def of_memscope(print_stacks, recording, names):
    """{stack: (allocations, bytes, leaked blocks, reallocations)}"""
    said = subprocess.run([print_stacks, recording], capture_output=True, text=True, errors="replace")
    if said.returncode != 0:
        raise RuntimeError(said.stderr.strip())
    rows = []
    for line in said.stdout.splitlines():
        if line[0] == "S":
            rows.append(([int(word) for word in line.split()[1:]], []))
        else:
            _, address, path, function = line.split(" ", 3)
            frame = (same_file(path), int(address, 16))
            names.learn(frame, function)
            rows[-1][1].append(frame)
    stacks = {}
    for (allocations, reallocations, size, leaked, _), frames in rows:
        add(stacks, names.cut(frames), allocations, size, leaked, reallocations)
    return stacks


class HeaptrackModules:
    """"m LENGTH PATH BASE [START LENGTH]…": one list of all objects, again at each dlopen and dlclose."""

    def __init__(self, executable):
        self.executable, self.starts, self.rows = executable, [], []

    def read(self, words):
        if words[2] == "-":
            self.starts, self.rows = [], []
            return
        base = int(words[3], 16)
        path = self.executable if words[2] == "x" else same_file(words[2])
        pairs = [int(word, 16) for word in words[4:]]
        for start, length in zip(pairs[::2], pairs[1::2]):
            at = bisect.bisect(self.starts, base + start)
            self.starts.insert(at, base + start)
            self.rows.insert(at, (base + start + length, path, base))

    def find(self, address):
        address += 1  # heaptrack tells the byte before a return address
        at = bisect.bisect(self.starts, address - 1) - 1
        if at < 0 or address > self.rows[at][0]:
            return ("?", address)
        return (self.rows[at][1], address - self.rows[at][2])


def of_heaptrack(lines, names, pool_bytes):
    """{stack: (allocations, bytes, leaked blocks)}; the first block of `pool_bytes` is heaptrack's own."""
    modules, parents, frames = None, [0], [None]
    stacks, live, known = {}, {}, {}
    for line in lines:
        kind = line[0]
        if kind == "x":
            modules = HeaptrackModules(same_file(line.split(" ", 2)[2].strip()))
        elif kind == "m":
            modules.read(line.split())
        elif kind == "t":
            _, address, parent = line.split()
            parents.append(int(parent, 16))
            frames.append(modules.find(int(address, 16)))
        elif kind == "+":
            _, size, trace, address = line.split()
            size, trace = int(size, 16), int(trace, 16)
            if pool_bytes and size == pool_bytes:
                pool_bytes = 0
                continue
            if trace not in known:
                chain, at = [], trace
                while at != 0:
                    chain.append(frames[at])
                    at = parents[at]
                known[trace] = names.cut(chain)
            add(stacks, known[trace], 1, size, 0)
            live[address] = known[trace]
        elif kind == "-":
            live.pop(line.split()[1], None)
    for key in live.values():
        add(stacks, key, 0, 0, 1)
    return stacks


def dhat_objects(log):
    """From valgrind's -v -v: where each object's code begins and what was added to its own addresses, as
    sorted [(start, bias, path)]; "svma" is an address in the object, "avma" the same in memory."""
    objects, path = [], None
    for line in log.splitlines():
        found = re.search(r"Reading syms from (.*)", line)
        if found:
            path = same_file(found[1].strip())
            continue
        found = re.search(r"svma 0x([0-9a-f]+), avma 0x([0-9a-f]+)", line)
        if found and path:
            objects.append((int(found[2], 16), int(found[2], 16) - int(found[1], 16), path))
            path = None
    return sorted(objects)


def of_dhat(path, log, names):
    """{stack: (allocations, bytes, leaked blocks)}"""
    objects = dhat_objects(log)
    starts = [start for start, _, _ in objects]
    with open(path) as file:
        said = json.load(file)
    table = []
    for text in said["ftbl"]:
        found = re.match(r"0x([0-9A-F]+): ", text)
        if not found:
            table.append(None)
            continue
        # Valgrind tells the byte before a return address.
        address = int(found[1], 16) + 1
        at = bisect.bisect(starts, address) - 1
        table.append((objects[at][2], address - objects[at][1]) if at >= 0 else ("?", address))
    stacks = {}
    for point in said["pps"]:
        frames = [table[f] for f in point["fs"] if table[f] is not None]
        add(stacks, names.cut(frames), point["tbk"], point["tb"], point["ebk"])
    return stacks


def unsteady(recordings):
    """The innermost three frames of the stacks in which recordings of one program differ: what it does there
    depends on the addresses that it gets, as in tables keyed by pointers."""
    found = set()
    for other in recordings[1:]:
        for key in set(recordings[0]) | set(other):
            if recordings[0].get(key, (0, 0))[:2] != other.get(key, (0, 0))[:2]:
                found.add(key[:3])
    return found


def describe(key):
    return " < ".join("%s+0x%x" % (os.path.basename(path), address) for path, address in key[:6])


class Counts:
    """How many stacks are the same in two tools, differ for a known reason, or are wrong."""

    def __init__(self):
        self.same, self.wrong, self.known, self.reallocated = 0, 0, {}, 0

    def note_known(self, reason):
        self.known[reason] = self.known.get(reason, 0) + 1

    def __str__(self):
        text = "%d call stacks are the same, %d are not" % (self.same, self.wrong)
        if self.reallocated:
            text += "; %d have blocks that a realloc moved" % self.reallocated
        for reason, n in sorted(self.known.items()):
            text += "; %d %s" % (n, reason)
        return text


def is_locked_stream(theirs, ours):
    """Whether `theirs` is `ours` and one frame of libc more."""
    for i, (path, _) in enumerate(theirs):
        if os.path.basename(path).startswith("libc.so") and i > 0:
            shorter = theirs[:i] + theirs[i + 1:]
            if shorter == ours[:len(shorter)] and len(ours) - len(shorter) in (0, int(len(theirs) == DEPTH)):
                return True
    return False


def pair_locked_streams(ours, theirs, counts):
    """Gives a stack of theirs that no stack of ours is like the key of the one that it stands for."""
    alone = [key for key in ours if key not in theirs]
    for key in [key for key in theirs if key not in ours]:
        for mine in alone:
            if ours[mine][:2] == theirs[key][:2] and is_locked_stream(key, mine):
                theirs[mine] = theirs.pop(key)
                alone.remove(mine)
                counts.note_known("of them with a frame of a locked stream")
                break


def compare_heaptrack(ours, theirs, explain, say, show=5):
    """All stacks' allocations and bytes.  Leaks are not compared: see compare-with-peers."""
    counts = Counts()
    pair_locked_streams(ours, theirs, counts)
    for key in sorted(set(ours) | set(theirs)):
        our, their = ours.get(key, (0, 0))[:2], theirs.get(key, (0, 0))[:2]
        reason = None if our == their else explain(key, (our[0] - their[0], our[1] - their[1]))
        if our == their:
            counts.same += 1
        elif reason:
            counts.note_known(reason)
        else:
            counts.wrong += 1
            if counts.wrong <= show:
                say("  %s: ours %d blocks of %d bytes, heaptrack %d of %d" % ((describe(key),) + our + their))
    return counts


def compare_dhat(ours, theirs, explain, say, show=5):
    """Allocations of every stack, bytes where no realloc is involved; `same` are equal in both."""
    counts, excess, reallocations = Counts(), 0, 0
    for key in sorted(set(ours) | set(theirs)):
        allocations, size, _, moved = ours.get(key, (0, 0, 0, 0))
        blocks, their_size, _ = theirs.get(key, (0, 0, 0))
        reason = explain(key, (allocations - blocks, size - their_size))
        if blocks == allocations and size == their_size:
            counts.same += 1
        elif reason:
            counts.note_known(reason)
            continue
        elif blocks >= allocations - moved and (blocks > allocations or moved > 0):
            counts.reallocated += 1
        else:
            counts.wrong += 1
            if counts.wrong <= show:
                say("  %s: ours %d blocks of %d bytes, %d by realloc, DHAT %d of %d"
                    % (describe(key), allocations, size, moved, blocks, their_size))
        excess += blocks - (allocations - moved)
        reallocations += moved
    if counts.wrong == 0 and excess != reallocations:
        say("  DHAT has %d blocks more than our allocations without reallocations, which are %d"
            % (excess, reallocations))
        counts.wrong += 1
    return counts


if __name__ == "__main__":
    sys.exit("peer_stacks is compare-with-peers' own; run that")
