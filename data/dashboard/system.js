// SPDX-License-Identifier: MIT OR Apache-2.0
// System Summary: what was recorded, how good the recording is, what it does not say and why.

import { el } from './dom.js';
import { decimals, ofData, say, sayIn, sayWith } from './words.js';
import { bytes, count, estimate, partOf, percent, sayCount, share, time, visible } from './format.js';
import { findingsList, tile } from './overview.js';
import { compareBy } from './model.js';

const facts = (list) => el('dl', { class: 'facts' }, list.filter(Boolean).map(([label, value]) => [el('dt', {}, label), el('dd', {}, value)]));

const LABELS = {
  memory: say('Allocations'), cpu_percent: say('Processor over time'), system_cpu: say('Processor cores'), io_operations: say('I/O of threads'), network: say('Network'), gpu: say('GPU'),
  resource_timeline: say('Resource samples'), correlation_over_time: say('Correlation over time'), cpu_efficiency: say('CPU efficiency'),
};
const BOTTLENECKS = {
  cpu: sayIn('bottleneck', 'Processor'), memory: sayIn('bottleneck', 'Memory'), io: sayIn('bottleneck', 'I/O'),
  gpu: sayIn('bottleneck', 'GPU'), contention: sayIn('bottleneck', 'Contention'), balanced: sayIn('bottleneck', 'Balanced'),
};
const DOMAINS = { heap: say('Heap'), declared: say('Declared allocations'), mapping: say('Mappings (address space, no part of the heap)') };

export function stateText(trace) {
  if (trace.state === 'running')
    return say('still running when this was exported');
  if (trace.state === 'unknown')
    return say('no end recorded; may still run');
  if (trace.replaced_by_exec)
    return say('became another program');
  if (trace.ends_early)
    return say('a part that ends before the process did');
  if (trace.state === 'killed')
    return trace.exit_status > 128 ? say('killed by signal {number}', { number: trace.exit_status - 128 }) : say('killed');
  return trace.exit_status !== null ? say('finished, exit {status}', { status: trace.exit_status }) : say('finished');
}

function domainFacts(totals, { trace, leakedLabel, noLive }) {
  const duration = trace.duration_ns;
  const figure = (key, format) => estimate(format, totals[key], totals[`${key}_standard_error`]);

  return facts([
    [say('Peak'), noLive ? noLive : totals.peak_time_ns === null ? say('nothing was live') : say('{bytes} at {time}', { bytes: figure('peak_bytes', bytes), time: time(totals.peak_time_ns, duration) })],
    [say('Allocated'), sayCount('{bytes} in {count} allocation', '{bytes} in {count} allocations', totals.allocations, { bytes: figure('allocated_bytes', bytes), count: figure('allocations', count) })],
    [say('Average size'), totals.allocations > 0 ? bytes(totals.allocated_bytes / totals.allocations) : '–'],
    [say('Reallocations'), figure('reallocations', count)],
    [say('Freed'), figure('deallocations', count)],
    [say('Temporary'), say('{count}, {percent} of all', { count: figure('temporary_allocations', count), percent: partOf(totals.temporary_allocations, totals.allocations) })],
    [leakedLabel, noLive ? noLive : sayCount('{bytes} in {count} block', '{bytes} in {count} blocks', totals.leaked_allocations, { bytes: figure('leaked_bytes', bytes), count: figure('leaked_allocations', count) })],
    [say('Other frees'), say('{foreign} of untracked threads’ blocks, {inherited} from before a fork, {prior} from before the recording, {unmatched} unexplained',
      { foreign: count(totals.foreign_frees), inherited: count(totals.inherited_frees), prior: count(totals.prior_frees), unmatched: count(totals.unmatched_frees) })],
  ]);
}

// Address space: nothing here was allocated, freed or leaked.
function mappingFacts(totals, { trace }) {
  return facts([
    [say('Mapped peak'), totals.peak_time_ns === null ? say('nothing was mapped') : say('{bytes} at {time}', { bytes: bytes(totals.peak_bytes), time: time(totals.peak_time_ns, trace.duration_ns) })],
    [say('Mapped'), sayCount('{bytes} in {n} mapping, {grown} by mremap', '{bytes} in {n} mappings, {grown} by mremap', totals.allocations, { bytes: bytes(totals.allocated_bytes), grown: count(totals.reallocations) })],
    [say('Unmapped'), sayCount('{n} mapping, to its last byte', '{n} mappings, to their last byte', totals.deallocations)],
    [say('Temporary'), say('{n}, ended by their thread’s next call', { n: count(totals.temporary_allocations) })],
    [trace.state === 'running' ? say('Mapped now') : say('Mapped at the end'), sayCount('{bytes} in {n} mapping', '{bytes} in {n} mappings', totals.live_blocks, { bytes: bytes(totals.live_bytes) })],
    [say('Other unmaps'), say('{n} of what was not recorded', { n: count(totals.foreign_frees + totals.inherited_frees + totals.prior_frees + totals.unmatched_frees) })],
  ]);
}

function byReason(model) {
  const reasons = new Map();
  for (const [key, reason] of Object.entries(model.notMeasured))
    reasons.set(reason, [...(reasons.get(reason) ?? []), key]);
  return [...reasons];
}

const UNIT = { percent: (v) => `${decimals(v, 1)}\u00a0%`, bytes, '1/s': (v) => `${count(v)}/s`, 'bytes/s': (v) => `${bytes(v)}/s`, ns: (v) => time(v) };
const inUnit = (v, unit) => (v === null ? '–' : (UNIT[unit] ?? ((n) => (Number.isInteger(n) ? count(n) : decimals(n, 1))))(v));
// A limit was chosen and not measured: without decimals that say nothing.
const limitIn = (v, unit) => (unit === 'percent' && Number.isInteger(v) ? `${count(v)}\u00a0%` : inUnit(v, unit));
const kindText = (kind) => BOTTLENECKS[kind] ?? kind;

// What a verdict rests on, each figure beside the limit that it passed.
function verdict(model, v) {
  const who = v.thread_id === null ? say('the process') : model.byId.get(v.thread_id)?.name ?? say('thread {id}', { id: v.thread_id });
  return el('div', { class: 'verdict' }, el('h3', {}, kindText(v.kind), el('span', { class: 'dim' }, ', ', el('bdi', {}, who))),
    el('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': say('Evidence: {what}', { what: kindText(v.kind) }) }, el('table', {},
      el('thead', {}, el('tr', {}, [say('Evidence'), say('Measured'), say('Limit')].map((head, i) => el('th', { scope: 'col', class: i < 1 ? 'text' : null }, head)))),
      el('tbody', {}, v.evidence.map((e) => el('tr', {}, el('td', { class: 'text site' }, el('bdi', {}, ofData(e.label))), el('td', {}, inUnit(e.value, e.unit)), el('td', {}, limitIn(e.threshold, e.unit))))))),
    el('p', { class: 'dim' }, ofData(v.recommendation)));
}

// What holds the program up, and why the rest was not judged.
function bottlenecks(model) {
  const reasons = new Map();
  for (const [kind, reason] of Object.entries(model.notJudged))
    reasons.set(reason, [...(reasons.get(reason) ?? []), kindText(kind)]);
  return [
    model.verdicts.length > 0 ? model.verdicts.map((v) => verdict(model, v)) : el('p', {}, say('Nothing that was measured reaches its threshold.')),
    ...[...reasons].map(([reason, kinds]) => el('p', { class: 'note' }, say('Not judged: {kinds}: {reason}', { kinds: kinds.join(', '), reason: ofData(reason) }))),
  ];
}

function cpuTile({ process: p, system: s }, why) {
  if (p.cpu_percent === null && s.cpu_percent === null)
    return tile(say('CPU'), say('not measured'), why.system_cpu ?? why.cpu_percent ?? say('nothing was sampled'), true);
  return tile(say('CPU'), share(p.cpu_percent ?? s.cpu_percent), [p.cpu_percent === null ? say('of the machine') : say('of one core, by this process'),
    p.cpu_percent !== null && s.cpu_percent !== null && say('machine {share} busy', { share: share(s.cpu_percent) }), s.processors !== null && sayCount('{n} core', '{n} cores', s.processors)].filter(Boolean).join(', '));
}

function memoryTile({ process: p, system: s }, model) {
  if (p.resident_bytes === null)
    return model.noLive ? tile(say('Memory'), '–', model.noLive, true) : model.recorded ? tile(say('Memory'), bytes(model.totals.peak_bytes), say('peak of what was asked for; resident memory not measured')) : tile(say('Memory'), '–', say('not recorded'), true);
  return tile(say('Memory'), bytes(p.resident_bytes), s.memory_available_bytes === null ? say('resident at most')
    : say('resident at most; {available} of {total} available at least', { available: bytes(s.memory_available_bytes), total: bytes(s.memory_total_bytes) }));
}

function gpuTile({ process: p, system: s }, why) {
  const busy = p.gpu_busy_percent ?? s.gpu_busy_percent, memory = p.gpu_memory_bytes ?? s.gpu_memory_used_bytes;
  if (busy === null && memory === null)
    return tile(say('GPU'), say('not measured'), why.gpu ?? why.resource_timeline ?? say('nothing was sampled'), true);
  return tile(say('GPU'), busy === null ? bytes(memory) : share(busy), [p.gpu_busy_percent === null ? say('of the busiest') : say('by this process'), memory !== null && say('{bytes} in use', { bytes: bytes(memory) })].filter(Boolean).join(', '));
}

// Only what the page says elsewhere, counted.
function healthTile(model) {
  const high = model.threads.filter((t) => t.tracked && t.alert === 'high').length, { dropped_events: dropped } = model.trace;
  const damage = model.diagnostics.filter((d) => d.level === 'damage').length;
  const parts = [model.verdicts.length > 0 && sayCount('{n} bottleneck', '{n} bottlenecks', model.verdicts.length), model.anomalies.length > 0 && sayCount('{n} out of the ordinary', '{n} out of the ordinary', model.anomalies.length),
    high > 0 && sayCount('{n} thread in high alert', '{n} threads in high alert', high), dropped > 0 && sayCount('{n} event dropped', '{n} events dropped', dropped), damage > 0 && sayCount('{n} damaged place', '{n} damaged places', damage)].filter(Boolean);
  if (model.threads.length === 0)
    return tile(say('Health'), '–', say('the recording is empty'), true);
  return tile(say('Health'), parts.length === 0 ? sayIn('health', 'Good') : model.verdicts.length > 0 ? kindText(model.verdicts[0].kind) : say('Look closer'), parts.length === 0 ? say('nothing stands out') : parts.join(', '));
}

const LEAST = {
  cpu_efficiency: (threads) => sayWith('Processor, least (0 to 100: of the time in which it could have run, it did): {threads}', { threads }),
  memory_efficiency: (threads) => sayWith('Memory, least (0 to 100: kept and used): {threads}', { threads }),
};

// Of the process by the formula that threads have, and the threads that do worst.
function efficiency(model) {
  const { cpu_ns: cpu, run_queue_wait_ns: wait } = model.resources.process;
  const worst = Object.keys(LEAST).map((key) => [key, model.threads.filter((t) => t.tracked && t[key] !== null).sort(compareBy(key, false))]);
  return [facts([
    [say('Processor'), cpu === null || wait === null ? `– ${model.notMeasured.cpu_efficiency ?? say('not measured')}` : say('{percent} of the time in which its threads could have run, they did', { percent: percent(cpu, cpu + wait) })],
    [say('Memory'), !model.recorded ? `– ${say('not recorded')}` : model.noLive ? `– ${model.noLive}` : model.totals.allocated_bytes > 0 ? say('{percent} of what was allocated was given back', { percent: percent(model.totals.allocated_bytes - model.totals.leaked_bytes, model.totals.allocated_bytes) }) : '–'],
  ]), ...worst.filter(([, list]) => list.length > 0).map(([key, list]) => el('p', { class: 'note' }, LEAST[key](
    list.slice(0, 5).map((t, i) => [i > 0 ? ', ' : '', el('bdi', {}, t.name), ` ${decimals(t[key], 0)}`]))))];
}

// Where the memory is at the end; what a recording does not know is in one line.
function splitFacts(split) {
  const known = (key) => split[key] !== null;
  const unknown = [...new Set(Object.values(split.reasons))];
  return [facts([
    known('requested_bytes') && [say('Requested'), say('{bytes}, at most {most}', { bytes: bytes(split.requested_bytes), most: bytes(split.requested_peak_bytes) })],
    known('held_low_bytes') && [say('Held by malloc for these'), say('{low} to {high}', { low: bytes(split.held_low_bytes), high: bytes(split.held_high_bytes) })],
    known('mapped_bytes') && [say('Mapped'), say('{bytes}, at most {most}', { bytes: bytes(split.mapped_bytes), most: bytes(split.mapped_peak_bytes) })],
    known('resident_bytes') && [say('Resident'), split.resident_anonymous_bytes !== null ? say('{bytes}, {anonymous} of it anonymous', { bytes: bytes(split.resident_bytes), anonymous: bytes(split.resident_anonymous_bytes) }) : bytes(split.resident_bytes)],
    known('beyond_low_bytes') && [say('Anonymous resident beyond these'), say('{low} to {high}', { low: bytes(split.beyond_low_bytes), high: bytes(split.beyond_high_bytes) })],
  ]), ...unknown.map((reason) => el('p', { class: 'note' }, say('Not known of the rest: {reason}', { reason: ofData(reason) })))];
}

// The youngest blocks, and what the C library keeps for itself, are not accused.
function leakFacts({ leaks, trace }) {
  const sum = (key) => sayCount('{bytes} in {count} block', '{bytes} in {count} blocks', leaks[`${key}_allocations`],
    { bytes: estimate(bytes, leaks[`${key}_bytes`], leaks[`${key}_bytes_standard_error`]), count: estimate(count, leaks[`${key}_allocations`], leaks[`${key}_allocations_standard_error`]) });
  return facts([
    [leaks.still_running ? say('In use') : say('Leaked'), sum('leaked')],
    !leaks.still_running && [say('Accused'), sum('accused')],
    [say('Young'), leaks.tail_ns === null ? `– ${ofData(leaks.reasons.tail_ns)}` : say('{blocks}, from the last {time}', { blocks: sum('young'), time: time(leaks.tail_ns, trace.duration_ns) })],
    [say('The C library’s own'), sum('library')],
  ]);
}

export function createSystem(panel, model, state) {
  const { trace } = model, rangeNote = el('p', { class: 'note', hidden: true }, say('All of this is of the whole recording, not of the chosen range.'));
  const started = trace.start_wall_us > 0 ? new Date(trace.start_wall_us / 1000).toISOString().replace('T', ' ').replace(/\.\d+Z/, ' UTC') : say('unknown');
  const panels = [
    el('section', { class: 'panel bottlenecks' }, el('h2', {}, say('Bottlenecks')), bottlenecks(model)),
    el('section', { class: 'panel' }, el('h2', {}, say('Efficiency')), efficiency(model)),
    el('section', { class: 'panel' }, el('h2', {}, say('Recording')), facts([
      [say('Program'), el('bdi', {}, trace.program)],
      [say('Command'), el('bdi', {}, trace.arguments.join(' ') || say('unknown'))],
      [say('Process'), trace.parent_pid > 0 ? say('{pid}, started by {parent}', { pid: trace.pid, parent: trace.parent_pid }) : trace.pid],
      [say('Started'), started],
      [say('Lasted'), time(trace.duration_ns)],
      [say('State'), stateText(trace)],
      model.part !== null && [say('Of it'), say('{part}: all here is of this part, but roles and alerts', { part: model.part })],
      trace.redacted && [say('Redacted'), say('paths, arguments and names of the machine')],
    ])),
    el('section', { class: 'panel' }, el('h2', {}, say('Quality')), facts([
      [say('Events'), count(trace.events)],
      [say('Dropped'), trace.dropped_events > 0 ? say('{n}: every figure here is a lower bound', { n: count(trace.dropped_events) }) : say('none')],
      [say('Sampling'), !model.recorded ? say('allocations were not recorded') : trace.ring ? say('a flight recorder: counts are exact, and the last events are there') : trace.sampled ? say('sampled: figures with ± are estimates, behind it their standard error') : say('every allocation was recorded')],
      trace.stack_depth > 0 ? [say('Stack depth'), sayCount('at most {n} frame', 'at most {n} frames', trace.stack_depth)] : null,
      [say('Cut stacks'), count(trace.truncated_stacks)],
      [say('Written by'), model.generator],
    ])),
    ...Object.entries(model.domains).map(([domain, totals]) =>
      el('section', { class: 'panel' }, el('h2', {}, DOMAINS[domain] ?? domain), domain === 'mapping' ? mappingFacts(totals, model) : model.recorded ? domainFacts(totals, model) : el('p', {}, say('not recorded')))),
    model.anomalies.length > 0 && el('section', { class: 'panel findings' }, el('h2', {}, say('Out of the ordinary')), findingsList(model.anomalies)),
    el('section', { class: 'panel' }, el('h2', {}, say('Where the memory is')), splitFacts(model.split)),
    model.totals.leaked_allocations > 0 && el('section', { class: 'panel' }, el('h2', {}, model.leakedLabel), leakFacts(model)),
    model.findings.length > 0 && el('section', { class: 'panel findings' }, el('h2', {}, say('What stands out')), findingsList(model.findings)),
    model.diagnostics.length > 0 && el('section', { class: 'panel' }, el('h2', {}, say('Notes of the reader')), el('ul', { class: 'list' },
      model.diagnostics.map((d) => el('li', { class: d.level }, el('bdi', {}, visible(d.file ? `${d.file}: ${d.message}` : d.message)))))),
    el('section', { class: 'panel' }, el('h2', {}, say('Not measured in this recording')), el('ul', { class: 'list' },
      byReason(model).map(([reason, keys]) => el('li', {}, el('b', {}, keys.map((key) => LABELS[key] ?? key).join(', ')), el('span', { class: 'dim' }, `: ${reason}`))))),
  ];
  panel.append(el('div', { class: 'tiles four' }, cpuTile(model.resources, model.notMeasured), memoryTile(model.resources, model), gpuTile(model.resources, model.notMeasured), healthTile(model)), rangeNote,
    el('div', { class: 'columns' }, panels.filter(Boolean)));
  const explain = () => (rangeNote.hidden = state.get().range === null);
  explain();
  state.subscribe((_, changed) => changed.has('range') && explain());
}
