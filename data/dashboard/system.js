// SPDX-License-Identifier: MIT OR Apache-2.0
// System Summary: what was recorded, how good the recording is, what it does not say and why.

import { el } from './dom.js';
import { bytes, count, estimate, percent, plural, share, time, visible } from './format.js';
import { findingsList, tile } from './overview.js';
import { compareBy } from './model.js';

const facts = (list) => el('dl', { class: 'facts' }, list.filter(Boolean).map(([label, value]) => [el('dt', {}, label), el('dd', {}, value)]));

const LABELS = {
  cpu_percent: 'Processor over time', system_cpu: 'Processor cores', io_operations: 'I/O of threads', network: 'Network', gpu: 'GPU',
  resource_timeline: 'Resource samples', correlation_over_time: 'Correlation over time', cpu_efficiency: 'CPU efficiency',
};
const BOTTLENECKS = { cpu: 'processor', memory: 'memory', io: 'I/O', gpu: 'GPU', contention: 'contention', balanced: 'balanced' };
const DOMAINS = { heap: 'Heap', declared: 'Declared allocations', mapping: 'Mappings (address space, no part of the heap)' };

export function stateText(trace) {
  if (trace.state === 'running')
    return 'still running when this was exported';
  if (trace.ends_early)
    return 'a part that ends before the process did';
  if (trace.state === 'killed')
    return trace.exit_status > 128 ? `killed by signal ${trace.exit_status - 128}` : 'killed';
  return trace.exit_status !== null ? `finished, exit ${trace.exit_status}` : 'finished';
}

function domainFacts(totals, { trace, leakedLabel }) {
  const duration = trace.duration_ns;
  const figure = (key, format) => estimate(format, totals[key], totals[`${key}_standard_error`]);

  return facts([
    ['Peak', totals.peak_time_ns === null ? 'nothing was live' : `${figure('peak_bytes', bytes)} at ${time(totals.peak_time_ns, duration)}`],
    ['Allocated', `${figure('allocated_bytes', bytes)} in ${figure('allocations', count)} allocations`],
    ['Average size', totals.allocations > 0 ? bytes(totals.allocated_bytes / totals.allocations) : '–'],
    ['Reallocations', figure('reallocations', count)],
    ['Freed', figure('deallocations', count)],
    ['Temporary', `${figure('temporary_allocations', count)}, ${percent(totals.temporary_allocations, totals.allocations)} of all`],
    [leakedLabel, `${figure('leaked_bytes', bytes)} in ${figure('leaked_allocations', count)} blocks`],
    ['Other frees', `${count(totals.foreign_frees)} of untracked threads’ blocks, ${count(totals.inherited_frees)} from before a fork, ${count(totals.prior_frees)} from before the recording, ${count(totals.unmatched_frees)} unexplained`],
  ]);
}

// Address space: nothing here was allocated, freed or leaked.
function mappingFacts(totals, { trace }) {
  return facts([
    ['Mapped peak', totals.peak_time_ns === null ? 'nothing was mapped' : `${bytes(totals.peak_bytes)} at ${time(totals.peak_time_ns, trace.duration_ns)}`],
    ['Mapped', `${bytes(totals.allocated_bytes)} in ${count(totals.allocations)} mappings, ${count(totals.reallocations)} by mremap`],
    ['Unmapped', `${count(totals.deallocations)} mappings, to their last byte`],
    ['Temporary', `${count(totals.temporary_allocations)}, ended by their thread’s next call`],
    [trace.state === 'running' ? 'Mapped now' : 'Mapped at the end', `${bytes(totals.live_bytes)} in ${count(totals.live_blocks)} mappings`],
    ['Other unmaps', `${count(totals.foreign_frees + totals.inherited_frees + totals.prior_frees + totals.unmatched_frees)} of what was not recorded`],
  ]);
}

function byReason(model) {
  const reasons = new Map();
  for (const [key, reason] of Object.entries(model.notMeasured))
    reasons.set(reason, [...(reasons.get(reason) ?? []), key]);
  return [...reasons];
}

const UNIT = { percent: (v) => `${v.toFixed(1)}\u00a0%`, bytes, '1/s': (v) => `${count(v)}/s`, 'bytes/s': (v) => `${bytes(v)}/s`, ns: (v) => time(v) };
const inUnit = (v, unit) => (v === null ? '–' : (UNIT[unit] ?? ((n) => (Number.isInteger(n) ? count(n) : n.toFixed(1))))(v));
const kindText = (kind) => (BOTTLENECKS[kind] ?? kind).replace(/^./, (c) => c.toUpperCase());

// What a verdict rests on, each figure beside the limit that it passed.
function verdict(model, v) {
  const who = v.thread_id === null ? 'the process' : model.byId.get(v.thread_id)?.name ?? `thread ${v.thread_id}`;
  return el('div', { class: 'verdict' }, el('h3', {}, kindText(v.kind), el('span', { class: 'dim' }, ', ', el('bdi', {}, who))),
    el('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': `Evidence for ${kindText(v.kind)}` }, el('table', {},
      el('thead', {}, el('tr', {}, ['Evidence', 'Measured', 'Limit'].map((head, i) => el('th', { scope: 'col', class: i < 1 ? 'text' : null }, head)))),
      el('tbody', {}, v.evidence.map((e) => el('tr', {}, el('td', { class: 'text site' }, el('bdi', {}, visible(e.label))), el('td', {}, inUnit(e.value, e.unit)), el('td', {}, inUnit(e.threshold, e.unit))))))),
    el('p', { class: 'dim' }, v.recommendation));
}

// What holds the program up, and why the rest was not judged.
function bottlenecks(model) {
  const reasons = new Map();
  for (const [kind, reason] of Object.entries(model.notJudged))
    reasons.set(reason, [...(reasons.get(reason) ?? []), BOTTLENECKS[kind] ?? kind]);
  return [
    model.verdicts.length > 0 ? model.verdicts.map((v) => verdict(model, v)) : el('p', {}, 'Nothing that was measured reaches its threshold.'),
    ...[...reasons].map(([reason, kinds]) => el('p', { class: 'note' }, `Not judged: ${kinds.join(', ')}: ${reason}`)),
  ];
}

function cpuTile({ process: p, system: s }, why) {
  if (p.cpu_percent === null && s.cpu_percent === null)
    return tile('CPU', 'not measured', why.system_cpu ?? why.cpu_percent ?? 'nothing was sampled', true);
  return tile('CPU', share(p.cpu_percent ?? s.cpu_percent), [p.cpu_percent === null ? 'of the machine' : 'of one core, by this process',
    p.cpu_percent !== null && s.cpu_percent !== null && `; machine ${share(s.cpu_percent)} busy`, s.processors !== null && `, ${plural(s.processors, 'core')}`].filter(Boolean).join(''));
}

function memoryTile({ process: p, system: s }, model) {
  if (p.resident_bytes === null)
    return tile('Memory', bytes(model.totals.peak_bytes), 'peak of what was asked for; resident memory not measured');
  return tile('Memory', bytes(p.resident_bytes), `resident at most${s.memory_available_bytes === null ? '' : `; ${bytes(s.memory_available_bytes)} of ${bytes(s.memory_total_bytes)} available at least`}`);
}

function gpuTile({ process: p, system: s }, why) {
  const busy = p.gpu_busy_percent ?? s.gpu_busy_percent, memory = p.gpu_memory_bytes ?? s.gpu_memory_used_bytes;
  if (busy === null && memory === null)
    return tile('GPU', 'not measured', why.gpu ?? why.resource_timeline ?? 'nothing was sampled', true);
  return tile('GPU', busy === null ? bytes(memory) : share(busy), [p.gpu_busy_percent === null ? 'of the busiest' : 'by this process', memory !== null && `, ${bytes(memory)} in use`].filter(Boolean).join(''));
}

// Only what the page says elsewhere, counted.
function healthTile(model) {
  const high = model.threads.filter((t) => t.tracked && t.alert === 'high').length, { dropped_events: dropped } = model.trace;
  const damage = model.diagnostics.filter((d) => d.level === 'damage').length;
  const parts = [model.verdicts.length > 0 && plural(model.verdicts.length, 'bottleneck'), model.anomalies.length > 0 && `${count(model.anomalies.length)} out of the ordinary`,
    high > 0 && `${plural(high, 'thread')} in high alert`, dropped > 0 && `${plural(dropped, 'event')} dropped`, damage > 0 && `${plural(damage, 'damaged place')}`].filter(Boolean);
  return tile('Health', parts.length === 0 ? 'Good' : model.verdicts.length > 0 ? kindText(model.verdicts[0].kind) : 'Look closer', parts.length === 0 ? 'nothing stands out' : parts.join(', '));
}

const EFFICIENCIES = { cpu_efficiency: ['Processor', 'of the time in which it could have run, it did'], memory_efficiency: ['Memory', 'kept and used'] };

// Of the process by the formula that threads have, and the threads that do worst.
function efficiency(model) {
  const { cpu_ns: cpu, run_queue_wait_ns: wait } = model.resources.process;
  const worst = Object.entries(EFFICIENCIES).map(([key, [label, what]]) => [label, what, key, model.threads.filter((t) => t.tracked && t[key] !== null).sort(compareBy(key, false))]);
  return [facts([
    ['Processor', cpu === null || wait === null ? `– ${model.notMeasured.cpu_efficiency ?? 'not measured'}` : `${percent(cpu, cpu + wait)} of the time in which its threads could have run, they did`],
    ['Memory', model.totals.allocated_bytes > 0 ? `${percent(model.totals.allocated_bytes - model.totals.leaked_bytes, model.totals.allocated_bytes)} of what was allocated was given back` : '–'],
  ]), ...worst.filter(([, , , list]) => list.length > 0).map(([label, what, key, list]) => el('p', { class: 'note' }, `${label}, least (0 to 100: ${what}): `,
    list.slice(0, 5).map((t, i) => [i > 0 ? ', ' : '', el('bdi', {}, t.name), ` ${t[key].toFixed(0)}`])))];
}

// Where the memory is at the end; what a recording does not know is in one line.
function splitFacts(split) {
  const known = (key) => split[key] !== null;
  const unknown = [...new Set(Object.values(split.reasons))];
  return [facts([
    known('requested_bytes') && ['Requested', `${bytes(split.requested_bytes)}, at most ${bytes(split.requested_peak_bytes)}`],
    known('held_low_bytes') && ['Held by malloc for these', `${bytes(split.held_low_bytes)} to ${bytes(split.held_high_bytes)}`],
    known('mapped_bytes') && ['Mapped', `${bytes(split.mapped_bytes)}, at most ${bytes(split.mapped_peak_bytes)}`],
    known('resident_bytes') && ['Resident', bytes(split.resident_bytes)],
    known('beyond_low_bytes') && ['Resident beyond these', `${bytes(split.beyond_low_bytes)} to ${bytes(split.beyond_high_bytes)}`],
  ]), ...unknown.map((reason) => el('p', { class: 'note' }, `Not known of the rest: ${reason}`))];
}

// The youngest blocks are not accused.
function leakFacts({ leaks, trace }) {
  const sum = (key) => `${estimate(bytes, leaks[`${key}_bytes`], leaks[`${key}_bytes_standard_error`])} in ${estimate(count, leaks[`${key}_allocations`], leaks[`${key}_allocations_standard_error`])} ${leaks[`${key}_allocations`] === 1 ? 'block' : 'blocks'}`;
  return facts([
    [leaks.still_running ? 'In use' : 'Leaked', sum('leaked')],
    ['Young', leaks.tail_ns === null ? `– ${leaks.reasons.tail_ns}` : `${sum('young')}, from the last ${time(leaks.tail_ns, trace.duration_ns)}`],
  ]);
}

export function createSystem(panel, model, state) {
  const { trace } = model, rangeNote = el('p', { class: 'note', hidden: true }, 'All of this is of the whole recording, not of the chosen range.');
  const started = trace.start_wall_us > 0 ? new Date(trace.start_wall_us / 1000).toISOString().replace('T', ' ').replace(/\.\d+Z/, ' UTC') : 'unknown';
  const panels = [
    el('section', { class: 'panel bottlenecks' }, el('h2', {}, 'Bottlenecks'), bottlenecks(model)),
    el('section', { class: 'panel' }, el('h2', {}, 'Efficiency'), efficiency(model)),
    el('section', { class: 'panel' }, el('h2', {}, 'Recording'), facts([
      ['Program', el('bdi', {}, trace.program)],
      ['Command', el('bdi', {}, trace.arguments.join(' ') || 'unknown')],
      ['Process', `${trace.pid}${trace.parent_pid > 0 ? `, started by ${trace.parent_pid}` : ''}`],
      ['Started', started],
      ['Lasted', time(trace.duration_ns)],
      ['State', stateText(trace)],
      model.part !== null && ['Of it', `${model.part}: all here is of this part, but roles and alerts`],
      trace.redacted && ['Redacted', 'paths, arguments and names of the machine'],
    ])),
    el('section', { class: 'panel' }, el('h2', {}, 'Quality'), facts([
      ['Events', count(trace.events)],
      ['Dropped', trace.dropped_events > 0 ? `${count(trace.dropped_events)}: every figure here is a lower bound` : 'none'],
      ['Sampling', trace.sampled ? 'sampled: figures with ± are estimates, behind it their standard error' : 'every allocation was recorded'],
      trace.stack_depth > 0 ? ['Stack depth', `at most ${trace.stack_depth} frames`] : null,
      ['Cut stacks', count(trace.truncated_stacks)],
      ['Written by', model.generator],
    ])),
    ...Object.entries(model.domains).map(([domain, totals]) =>
      el('section', { class: 'panel' }, el('h2', {}, DOMAINS[domain] ?? domain), domain === 'mapping' ? mappingFacts(totals, model) : domainFacts(totals, model))),
    model.anomalies.length > 0 && el('section', { class: 'panel findings' }, el('h2', {}, 'Out of the ordinary'), findingsList(model.anomalies)),
    el('section', { class: 'panel' }, el('h2', {}, 'Where the memory is'), splitFacts(model.split)),
    model.totals.leaked_allocations > 0 && el('section', { class: 'panel' }, el('h2', {}, model.leakedLabel), leakFacts(model)),
    model.findings.length > 0 && el('section', { class: 'panel findings' }, el('h2', {}, 'What stands out'), findingsList(model.findings)),
    model.diagnostics.length > 0 && el('section', { class: 'panel' }, el('h2', {}, 'Notes of the reader'), el('ul', { class: 'list' },
      model.diagnostics.map((d) => el('li', { class: d.level }, el('bdi', {}, visible(d.file ? `${d.file}: ${d.message}` : d.message)))))),
    el('section', { class: 'panel' }, el('h2', {}, 'Not measured in this recording'), el('ul', { class: 'list' },
      byReason(model).map(([reason, keys]) => el('li', {}, el('b', {}, keys.map((key) => LABELS[key] ?? key).join(', ')), el('span', { class: 'dim' }, `: ${reason}`))))),
  ];
  panel.append(el('div', { class: 'tiles four' }, cpuTile(model.resources, model.notMeasured), memoryTile(model.resources, model), gpuTile(model.resources, model.notMeasured), healthTile(model)), rangeNote,
    el('div', { class: 'columns' }, panels.filter(Boolean)));
  const explain = () => (rangeNote.hidden = state.get().range === null);
  explain();
  state.subscribe((_, changed) => changed.has('range') && explain());
}
