// SPDX-License-Identifier: MIT OR Apache-2.0
// The embedded data block made into objects.  The block is compact (written by ms-dashboard-data.c):
//
//   thread_columns, threads   one array a thread, heaviest first
//   detailed                  how many of them have a card
//   window                    [from, to] in ns: what the bins of every series lie in
//   series                    [id, live, allocated] of those that allocated (series.js)
//   resource_timeline, samples, thread_points   as ms-dashboard-timeline.c says
//   strings                   every name once; frames, stacks and flame refer to them by index
//   threads_cut, stacks_cut   sums of what was left out, so that tables still add up
//   thread_counts             over all threads, those left out too
//   scores                    a row a thread: a figure, or −1 − index of the reason why there is none
//   thread_stacks             [id, [[site, bytes, calls, live] …], stacks not listed] of those with a card
//
// Nothing here computes what the recording did not measure: such a figure is null all the way to the
// screen, and not_measured has the reason.

import { visible } from './format.js';
import { compareText, ofData, say, sayIn } from './words.js';
import { addUp, uncode } from './series.js';

export const ROLES = {
  memory_intensive: sayIn('role', 'Memory'), cpu_intensive: sayIn('role', 'CPU'), io_intensive: sayIn('role', 'I/O'),
  balanced: sayIn('role', 'Balanced'), lightweight: sayIn('role', 'Light'), untracked: sayIn('role', 'Not tracked'),
};

const SCORE_KEYS = ['score', 'memory_efficiency', 'memory_returned', 'cpu_efficiency'];

// Of the stacks: what they can be compared by, as a word behind a figure.
const METRICS = {
  peak: sayIn('measure', 'live at peak'), bytes: sayIn('measure', 'allocated'), calls: sayIn('measure', 'count'),
  leaked: sayIn('measure', 'leaked'), temporary: sayIn('measure', 'temporary'),
};

// Marks that nobody named alone.
const MARKS = {
  snapshot: say('Snapshot'), started: say('Recording started'), stopped: say('Recording stopped'),
  'thread-rule': say('Threads'), sampling: say('Sampling'),
};

export function undelta(values) {
  let sum = 0;
  return values.map((v) => (sum += v));
}

// One character a bin, '0' (nothing) to 'o' (the thread's highest bin).
export function unspark(text) {
  return Array.from(text, (c) => (c.charCodeAt(0) - 48) / 63);
}

function readScores(thread, row, reasons) {
  thread.scoreReasons = {};
  SCORE_KEYS.forEach((key, i) => {
    thread[key] = row[i] < 0 ? null : row[i];
    if (row[i] < 0)
      thread.scoreReasons[key] = ofData(reasons[-1 - row[i]]);
  });
}

function readThreadStacks(data) {
  return new Map(data.thread_stacks.map(([id, list, others]) => [id, {
    list: list.map(([site, bytes, calls, live]) => ({ site: visible(site), bytes, calls, live })), others,
  }]));
}

// Of a flight recorder nobody knows what was live; why, or null.
const OF_LIVE = ['live_bytes', 'peak_bytes', 'peak_time_ns', 'bytes_at_process_peak', 'leaked_bytes', 'leaked_allocations', 'freed_bytes_of_own'];
const readNoLive = (data) => (data.not_measured.live_bytes === undefined ? null : ofData(data.not_measured.live_bytes));

function readThreads(data) {
  const stacks = readThreadStacks(data);
  const series = new Map(data.series.map(([id, live, allocated]) => [id, { live: uncode(live), allocated: uncode(allocated) }]));
  const sampled = new Map((data.resource_timeline.threads ?? []).map(([id, cpu, io]) => [id, [uncode(cpu), uncode(io)]]));

  return data.threads.map((row, i) => {
    const t = Object.fromEntries(data.thread_columns.map((column, c) => [column, row[c]]));
    t.name = visible(t.name);
    t.tracked = t.tracked === 1;
    t.group = t.tracked ? t.role : 'untracked';
    t.card = i < data.detailed;
    t.detail = series.get(t.id) ?? null;
    t.spark = t.detail ? t.detail.live : unspark(t.spark ?? '');
    [t.cpu, t.io] = sampled.get(t.id) ?? [null, null];
    t.life_ns = Math.max(0, (t.end_ns ?? data.trace.duration_ns) - t.start_ns);
    t.stacks = stacks.get(t.id) ?? null;
    readScores(t, data.scores.rows[i], data.scores.reasons);
    t.noLive = readNoLive(data);
    if (t.noLive)
      for (const key of OF_LIVE)
        t[key] = null;
    return t;
  });
}

export function readStacks(data, text) {
  const frames = data.frames.map(([fn, file, line, module, inlined, machinery]) => ({
    name: fn < 0 ? null : text(fn), file: file < 0 ? null : text(file), line,
    module: module < 0 ? null : text(module), inlined: inlined === 1, machinery: machinery === 1,
  }));

  return data.stacks.map(([peak, bytes, calls, leaked, leakedCalls, temporary, own, truncated, list, errors]) => ({
    peak, bytes, calls, leaked, leakedCalls, temporary, own, truncated: truncated === 1,
    errors: readErrors(errors),
    // The site is whom a person would ask: not operator new or g_malloc, but who called them.
    frames: list.map((i) => frames[i]), site: Math.max(0, list.findIndex((i) => !frames[i].machinery)),
  }));
}

// Of a sampled recording: the standard errors of the figures that are compared.
const readErrors = (errors) => Object.fromEntries(Object.keys(METRICS).map((key, i) => [key, errors?.[i] ?? 0]));

function readFlame(data, text) {
  const nodes = data.flame.map(([parent, name, module, peak, bytes, calls, leaked, temporary, errors], i) => ({
    id: i, parent, name: name < 0 ? null : text(name), module: module < 0 ? null : text(module),
    peak, bytes, calls, leaked, temporary, errors: readErrors(errors), children: [],
  }));

  // Parents come before their children.
  for (const node of nodes)
    if (node.parent >= 0)
      nodes[node.parent].children.push(node);
  return nodes;
}

// Sentences hold names of the traced program.
const readSentences = (list) => list.map((item) => ({ ...item, text: visible(item.text) }));

function readWaste(waste) {
  return { ...waste, growth_chains: waste.growth_chains && waste.growth_chains.map((s) => ({ ...s, site: visible(s.site) })) };
}

// Devices of several are also added up: bytes of all interfaces, say.
function readTimeline(timeline) {
  const single = Object.fromEntries(Object.entries(timeline.series ?? {}).map(([key, coded]) => [key, uncode(coded)]));
  const devices = (list) => (list ?? []).map(([name, ...series]) => ({ name: visible(String(name)), series: series.map(uncode) }));
  const processors = devices(timeline.processors), interfaces = devices(timeline.interfaces), gpus = devices(timeline.gpus);
  const sum = (list, i) => addUp(list.map((d) => d.series[i]).filter(Boolean));

  return { ...single, processors, interfaces, gpus, engines: devices(timeline.engines), disks: devices(timeline.disks), machine: single.processors ?? null,
    received: single.socket_received ?? sum(interfaces, 0), sent: single.socket_sent ?? sum(interfaces, 1), networkOf: single.socket_sent ? 'process' : 'machine' };
}

// By id of the thread, −1 for the process: a point for each stretch that was sampled.
function readSamples({ stretches, of }) {
  const read = ([id, ...columns]) => {
    const [cpu, speed, io] = columns.map(uncode);
    return [id, cpu.map((x, i) => (x === null ? null : { at: (i + 0.5) / stretches, cpu: x, rate: speed[i] ?? 0, io: io[i] })).filter(Boolean)];
  };
  return { stretches, of: new Map(of.map(read)) };
}

export function readModel(data) {
  // What is held where a recording, or a part of one, ends before the program may yet be freed, and might have been had
  // it not been killed.
  const unfinished = data.trace.state === 'running' || data.trace.state === 'killed' || data.trace.ends_early;
  const text = (i) => visible(data.strings[i]);
  const threads = readThreads(data);

  return {
    trace: { ...data.trace, program: visible(data.trace.program), arguments: data.trace.arguments.map(visible) },
    noLive: readNoLive(data),
    metrics: unfinished ? { ...METRICS, leaked: sayIn('measure', 'in use') } : METRICS, leakedLabel: unfinished ? say('In use') : say('Leaked'),
    totals: data.totals, domains: data.domains, mappings: data.mappings ?? null, generator: data.generator,
    notMeasured: Object.fromEntries(Object.entries(data.not_measured).map(([key, reason]) => [key, ofData(reason)])), recorded: data.memory_recorded, diagnostics: data.diagnostics, findings: readSentences(data.findings),
    headline: data.headline && visible(data.headline.text), anomalies: readSentences(data.anomalies),
    verdicts: readSentences(data.bottlenecks.verdicts), notJudged: data.bottlenecks.not_judged, scoreParts: data.score_parts,
    split: data.memory_split, histograms: data.histograms, interactions: data.thread_interactions,
    resources: data.resources, correlation: data.correlation_metrics, waste: readWaste(data.waste), leaks: data.leaks,
    marks: (data.marks ?? []).map((mark) => ({ at: mark.time_ns, text: MARKS[mark.kind] ? `${MARKS[mark.kind]}${mark.name && `: ${visible(mark.name)}`}` : visible(mark.name) })),
    window: { from: data.window[0], length: data.window[1] - data.window[0] }, part: data.part === null ? null : visible(data.part),
    timeline: readTimeline(data.resource_timeline), samples: readSamples(data.samples), patternLimits: data.pattern_limits,
    points: data.thread_points.map(([id, cpu, speed, io, pattern]) => ({ id, cpu, rate: speed, io, pattern })),
    bins: data.live.length, live: undelta(data.live), allocated: data.allocated,
    threads, byId: new Map(threads.map((t) => [t.id, t])), threadsCut: data.threads_cut,
    nThreads: threads.length + (data.threads_cut?.threads ?? 0), counts: data.thread_counts,
    stacks: readStacks(data, text), stacksCut: data.stacks_cut,
    flame: readFlame(data, text), flameFolded: data.flame_folded,
  };
}

export function compareBy(key, descending) {
  const sign = descending ? -1 : 1;
  return (a, b) => {
    const x = a[key], y = b[key];
    // What was not measured comes last, whichever way.
    if (x === null || y === null)
      return x === y ? a.id - b.id : x === null ? 1 : -1;
    if (typeof x === 'string')
      return sign * compareText(x, y) || a.id - b.id;
    return sign * (x - y) || a.id - b.id;
  };
}

export function matches(thread, query) {
  const q = query.trim().toLowerCase();
  return q === '' || thread.name.toLowerCase().includes(q) || String(thread.tid) === q
    || ROLES[thread.group].toLowerCase().startsWith(q);
}
