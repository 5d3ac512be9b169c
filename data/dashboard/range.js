// SPDX-License-Identifier: MIT OR Apache-2.0
// A part of the recording: from one of the page's equal stretches to another.  What a part says is summed from
// the stretches; what they do not hold (counts of calls, frees, leaks) is null, and shown as known of the whole
// recording only.

import { greatest, meanOf, totalOf } from './series.js';

const NS_OF = { s: 1e9, '': 1e9, ms: 1e6, us: 1e3, µs: 1e3, ns: 1 };

// The range's stretches [a, b) and its time; `range` null is everything.
export function spanOf(model, range) {
  const { from, length } = model.window, step = length / model.bins, [a, b] = range ?? [0, model.bins];
  return { a, b, step, from: from + a * step, to: from + b * step, length: (b - a) * step };
}

// The nearest edges of stretches, one stretch at least; null if that is everything.
export function snap(model, fromNs, toNs) {
  const step = model.window.length / model.bins;
  if (!(step > 0) || !(toNs > fromNs))
    return null;
  const edge = (ns) => Math.max(0, Math.min(model.bins, Math.round((ns - model.window.from) / step)));
  const a = Math.min(edge(fromNs), model.bins - 1), b = Math.max(a + 1, edge(toNs));
  return a === 0 && b === model.bins ? null : [a, b];
}

function parseTime(text) {
  const found = /^(\d+(?:\.\d+)?)\s*(s|ms|us|µs|ns|)$/.exec(text);
  return found ? Number(found[1]) * NS_OF[found[2]] : null;
}

// "1.5..3", in seconds or with a unit, either end may be missing; null if it is none.
export function parseRange(model, text) {
  const [from, to, ...rest] = (text ?? '').split('..');
  if (to === undefined || rest.length > 0)
    return null;
  const a = from === '' ? model.window.from : parseTime(from), b = to === '' ? model.window.from + model.window.length : parseTime(to);
  return a === null || b === null ? null : snap(model, a, b);
}

export function printRange(model, range) {
  const { from, to, step } = spanOf(model, range);
  const decimals = Math.max(0, Math.min(9, Math.ceil(-Math.log10(step / 1e9)) + 2));
  return `${(from / 1e9).toFixed(decimals)}..${(to / 1e9).toFixed(decimals)}`;
}

// Half as long or twice as long around the same middle.
export function zoom(model, range, factor, at) {
  const { a, b } = spanOf(model, range), middle = at ?? (a + b) / 2, n = Math.max(2, Math.min(model.bins, Math.round((b - a) * factor)));
  const start = Math.max(0, Math.min(model.bins - n, Math.round(middle - n / 2)));
  return n === model.bins ? null : [start, start + n];
}

// A thread in a part: itself where that is everything.
export function threadIn(model, t, range) {
  if (range === null)
    return t;
  const { a, b, step, from, to } = spanOf(model, range), part = (values) => values?.slice(a, b) ?? null;
  const end = t.start_ns + t.life_ns, life = Math.max(0, Math.min(end, to) - Math.max(t.start_ns, from));
  const live = part(t.detail?.live), allocated = part(t.detail?.allocated), cpu = part(t.cpu), io = part(t.io);
  const bytes = allocated && allocated.reduce((sum, v) => sum + v, 0);
  const silent = t.allocations === 0 ? 0 : null;
  return {
    ...Object.fromEntries(Object.keys(t).filter((key) => /_(ns|bytes|allocations|efficiency|error|switches|returned|peak|own)$|^(allocations|deallocations|reallocations|score)$/.test(key)).map((key) => [key, null])),
    id: t.id, tid: t.tid, name: t.name, names: t.names, tracked: t.tracked, role: t.role, alert: t.alert, group: t.group, card: t.card,
    noLive: t.noLive, detail: t.detail, stacks: null, scoreReasons: {}, start_ns: t.start_ns, life_ns: life, cpu, io, part: true, whole: t,
    spark: live ?? [], peak_bytes: t.noLive ? null : live ? greatest(live) : silent, allocated_bytes: bytes ?? silent,
    rate: bytes === null ? silent : life > 0 ? bytes / (life / 1e9) : 0,
    cpu_percent: cpu && meanOf(cpu), cpu_ns: cpu && totalOf(cpu.map((v) => v && v / 100), step),
    io_operations: io && totalOf(io, step / 1e9),
  };
}

// The process in a part.
export function processIn(model, range) {
  const { a, b, step } = spanOf(model, range), live = model.live.slice(a, b), part = (key) => model.timeline[key]?.slice(a, b) ?? null;
  const allocated = model.allocated.slice(a, b), cpu = part('cpu'), io = part('io_operations'), resident = part('resident');
  return {
    live, allocated, peak: Math.max(...live, 0), peakBin: a + live.indexOf(Math.max(...live)), bytes: allocated.reduce((sum, v) => sum + v, 0),
    fastest: step > 0 ? Math.max(...allocated, 0) / (step / 1e9) : 0, cpu: cpu && meanOf(cpu), io: io && totalOf(io, step / 1e9), resident: resident && greatest(resident),
  };
}
