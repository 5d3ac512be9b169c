// SPDX-License-Identifier: MIT OR Apache-2.0
// Thread Performance Details: every thread in a table that sorts and searches, above it processor share
// against allocation rate, and the focused thread in full.  Rows are made a hundred at a time, so
// thousands stay quick.

import { el, icon, missing, nameOf, rolePill } from './dom.js';
import { decimals, say, sayIn, sayWith } from './words.js';
import { bytes, count, estimate, percent, rate, sayCount, share, time } from './format.js';
import { compareBy, matches } from './model.js';
import { sparkline } from './curves.js';
import { threadIn } from './range.js';
import { createScatter } from './scatter.js';

const ROWS_AT_ONCE = 100;
const WHOLE_ONLY = say('known of the whole recording only'), NOT_MEASURED = say('not measured');
const nothing = (why) => el('span', { class: 'dim', title: why }, '–');

// A figure of a thread, with its error where it is an estimate.
const figure = (key, format) => (t) => (t[key] === null ? nothing(t.noLive ?? (t.part ? WHOLE_ONLY : say('not known'))) : estimate(format, t[key], t[`${key}_standard_error`]));

// What was sampled of a thread, or read by it at its end.
const measured = (key, format) => (t) => (t[key] === null ? nothing(t.part && t.whole[key] !== null ? WHOLE_ONLY : NOT_MEASURED) : format(t[key]));

// 0 to 100, or why there is none.
const score = (key) => (t) => (t[key] === null ? nothing(t.part ? WHOLE_ONLY : t.scoreReasons[key]) : decimals(t[key], 0));

const COLUMNS = [
  ['name', say('Thread'), null],
  ['tid', say('tid'), (t) => t.tid || '–'],
  ['group', say('Role'), (t) => rolePill(t)],
  ['peak_bytes', say('Peak'), figure('peak_bytes', bytes)],
  ['bytes_at_process_peak', say('Live at process peak'), figure('bytes_at_process_peak', bytes)],
  ['allocated_bytes', say('Allocated'), figure('allocated_bytes', bytes)],
  ['rate', say('Rate'), figure('rate', rate)],
  ['allocations', say('Allocations'), figure('allocations', count)],
  ['deallocations', say('Frees'), figure('deallocations', count)],
  ['temporary_allocations', say('Temporary'), figure('temporary_allocations', count)],
  ['leaked_bytes', say('Leaked'), figure('leaked_bytes', bytes)],
  ['cpu_percent', say('CPU'), measured('cpu_percent', share)],
  ['cpu_ns', say('CPU time'), measured('cpu_ns', (v) => time(v))],
  ['io_operations', say('I/O calls'), measured('io_operations', count)],
  ['run_queue_wait_ns', say('Run-queue wait'), measured('run_queue_wait_ns', (v) => time(v))],
  ['voluntary_switches', say('Waited'), measured('voluntary_switches', count)],
  ['involuntary_switches', say('Gave way'), measured('involuntary_switches', count)],
  ['score', say('Score'), score('score')],
  ['memory_efficiency', say('Memory efficiency'), score('memory_efficiency')],
  ['memory_returned', say('Returned'), score('memory_returned')],
  ['cpu_efficiency', say('CPU efficiency'), score('cpu_efficiency')],
  ['start_ns', say('Started'), (t, model) => time(t.start_ns, model.trace.duration_ns)],
  ['life_ns', say('Life'), (t) => time(t.life_ns)],
];
const HINTS = {
  cpu_percent: say('of one core, over its life'), io_operations: say('system calls that read or write'), run_queue_wait_ns: say('ready to run, and no processor was free'),
  voluntary_switches: say('times it gave up the processor to wait'), involuntary_switches: say('times it was made to give way'),
};
const SCORES = { score: say('Score'), memory_efficiency: say('Memory efficiency'), memory_returned: say('Memory returned'), cpu_efficiency: say('CPU efficiency') };
const ALERTS = { high: sayIn('alert', 'high'), medium: sayIn('alert', 'medium'), normal: sayIn('alert', 'normal') };
const TEXT = new Set(['name', 'group']);
// Of any thread, tracked or not.
const OF_ALL = new Set(['tid', 'group', 'start_ns', 'life_ns', 'cpu_percent', 'cpu_ns', 'io_operations', 'run_queue_wait_ns', 'voluntary_switches', 'involuntary_switches']);
const MAY_BE_MISSING = new Set(['cpu_percent', 'cpu_ns', 'io_operations', 'run_queue_wait_ns', 'voluntary_switches', 'involuntary_switches', 'score', 'memory_efficiency', 'memory_returned', 'cpu_efficiency']);

function fact(label, value) {
  return [el('dt', {}, label), el('dd', {}, value)];
}

// What nothing measured of any thread is not a column; System Summary says why.
const columnsOf = (model) => COLUMNS.filter(([key]) => (MAY_BE_MISSING.has(key) ? model.threads.some((t) => t[key] !== null) : model.recorded || key === 'name' || OF_ALL.has(key)));

const orDash = (v) => (v === null ? '–' : count(v));

function stacksOf(model, { list, others }) {
  return [el('h3', {}, say('Where it allocated')),
    el('ul', { class: 'list' }, list.map((s) => el('li', {}, el('bdi', {}, s.site), ' ',
      el('span', { class: 'dim' }, sayCount('{bytes} in {n} call', '{bytes} in {n} calls', s.calls, { bytes: bytes(s.bytes) }) + (s.live > 0 ? `, ${bytes(s.live)} ${model.metrics.leaked}` : ''))))),
    others > 0 && el('p', { class: 'note' }, sayCount('and at {n} other call stack', 'and at {n} other call stacks', others))];
}

const listOf = (...parts) => parts.filter(Boolean).join(', ');

function memoryFacts(model, t) {
  const peak = t.noLive ? t.noLive : t.peak_bytes === 0 ? say('nothing was live') : t.peak_bytes === null ? say('not known of this part')
    : t.peak_time_ns === null ? figure('peak_bytes', bytes)(t) : say('{bytes} at {time}', { bytes: figure('peak_bytes', bytes)(t), time: time(t.peak_time_ns, model.trace.duration_ns) });

  return [
    fact(say('Alert'), ALERTS[t.alert]), fact(say('Peak'), peak),
    !t.noLive && fact(say('At the process’s peak'), say('{bytes}, {percent} of it', { bytes: figure('bytes_at_process_peak', bytes)(t), percent: percent(t.bytes_at_process_peak, model.totals.peak_bytes) })),
    fact(say('Average size'), t.allocations > 0 ? bytes(t.allocated_bytes / t.allocations) : '–'),
    fact(say('Reallocations'), count(t.reallocations)),
    fact(say('Own bytes freed'), say('{bytes}, by any thread', { bytes: figure('freed_bytes_of_own', bytes)(t) })),
    fact(say('Live at the end'), figure('live_bytes', bytes)(t)),
  ];
}

function detailOf(model, t, range) {
  const names = t.names ?? [], now = threadIn(model, t, range);
  return el('section', { class: `panel detail r-${t.group}`, 'aria-label': say('Focused thread') },
    el('div', {},
      el('h2', {}, nameOf(t.name), ' ', rolePill(t)),
      el('dl', { class: 'facts' },
        fact(say('Thread'), t.tid > 0 ? say('id {id}, tid {tid}', { id: t.id, tid: t.tid }) : say('id {id}', { id: t.id })),
        t.tracked ? memoryFacts(model, t) : fact(say('Memory'), say('not recorded')),
        fact(say('CPU'), t.cpu_ns === null ? '–' : say('{time}, {percent} of one core', { time: time(t.cpu_ns), percent: t.cpu_percent === null ? percent(t.cpu_ns, t.life_ns) : share(t.cpu_percent) })),
        t.run_queue_wait_ns !== null && fact(say('Run-queue wait'), time(t.run_queue_wait_ns)),
        t.voluntary_switches !== null && fact(say('Switches'), say('{waited} to wait, {gaveWay} made to give way', { waited: count(t.voluntary_switches), gaveWay: orDash(t.involuntary_switches) })),
        t.io_operations !== null && fact(say('I/O'), listOf(sayCount('{n} call', '{n} calls', t.io_operations), t.read_bytes !== null && say('{bytes} read', { bytes: bytes(t.read_bytes) }), t.written_bytes !== null && say('{bytes} written', { bytes: bytes(t.written_bytes) }))),
        range !== null && fact(say('In the range'), listOf(now.peak_bytes !== null && say('{bytes} at most', { bytes: bytes(now.peak_bytes) }), now.allocated_bytes !== null && say('{bytes} allocated', { bytes: bytes(now.allocated_bytes) }),
          now.cpu_percent !== null && say('{percent} CPU', { percent: share(now.cpu_percent) }), now.io_operations !== null && sayCount('{n} I/O call', '{n} I/O calls', now.io_operations)) || '–'),
        t.tracked && Object.entries(SCORES).map(([key, label]) => fact(label, t[key] === null ? `– ${t.scoreReasons[key]}` : say('{score} of 100', { score: decimals(t[key], 0) }))),
        names.length > 1 ? fact(say('Names'), names.map(([at, name], i) => [i > 0 ? ', ' : '', sayWith('{name} from {time}', { name: nameOf(name), time: time(at, model.trace.duration_ns) })]).flat(2)) : null)),
    el('div', {},
      t.tracked && el('h3', {}, listOf(t.detail ? say('Live bytes') : say('Live bytes (outline)'), t.cpu && say('processor share as a line'), range !== null && t.detail && say('in the range'))),
      t.tracked && sparkline(t.detail ? now.spark : t.spark, 640, 120, now.cpu),
      t.stacks !== null && t.stacks.list.length > 0 && stacksOf(model, t.stacks),
      t.cpu_ns === null && missing(say('Processor'), model.notMeasured.cpu_percent ?? say('no sample is of this thread')),
      t.io_operations === null && missing(say('I/O'), model.notMeasured.io_operations ?? say('no sample is of this thread'))));
}

export function createThreads(panel, model, state, actions) {
  let key = !model.recorded ? 'cpu_ns' : !model.noLive ? 'peak_bytes' : 'allocated_bytes', descending = true, query = '', limit = ROWS_AT_ONCE;
  const columns = columnsOf(model);
  const heads = columns.map(([column, label]) => el('th', { scope: 'col', title: HINTS[column], class: TEXT.has(column) ? 'text' : null },
    el('button', { type: 'button', onclick: () => {
      descending = key === column ? !descending : !TEXT.has(column);
      key = column;
      limit = ROWS_AT_ONCE;
      draw();
    } }, column === 'leaked_bytes' ? model.leakedLabel : label)));
  const body = el('tbody'), said = el('span', { class: 'end', role: 'status' });
  const more = el('button', { type: 'button', class: 'button', hidden: true, onclick: () => {
    limit += ROWS_AT_ONCE;
    draw();
  } });
  const detail = el('div'), note = el('p', { class: 'note', hidden: true }, say('In this range: threads that lived in it. Counts of calls, frees and leaks, and scores, are known of the whole recording only.'));
  const search = el('input', { type: 'search', placeholder: say('Name, tid or role'), 'aria-label': say('Search threads'), oninput: (event) => {
    query = event.target.value;
    limit = ROWS_AT_ONCE;
    draw();
  } });

  const row = (t) => el('tr', { class: `r-${t.group}${t.id === state.get().thread ? ' selected' : ''}`, 'data-row-id': t.id, 'data-thread-id': t.id, onclick: () => actions.toggle(t.id) },
    columns.map(([column, , print]) => (column === 'name'
      ? el('td', { class: 'text' }, el('button', { type: 'button', class: 'open', 'aria-pressed': String(t.id === state.get().thread) }, icon(t.group), nameOf(t.name)))
      : el('td', { class: TEXT.has(column) ? 'text' : null }, t.tracked || OF_ALL.has(column) ? print(t, model) : nothing(say('not recorded'))))));

  function cutRow() {
    const c = model.threadsCut;
    const ofLive = (value) => (!model.noLive ? bytes(value) : '–');
    const cells = { peak_bytes: '–', bytes_at_process_peak: ofLive(c.bytes_at_process_peak), allocated_bytes: bytes(c.allocated_bytes),
      allocations: count(c.allocations), deallocations: count(c.deallocations), temporary_allocations: count(c.temporary_allocations), leaked_bytes: ofLive(c.leaked_bytes) };
    return el('tr', {}, columns.map(([column], i) => el('td', { class: TEXT.has(column) ? 'text dim' : 'dim' }, i === 0 ? sayCount('{n} lighter thread', '{n} lighter threads, together', c.threads) : cells[column] ?? '')));
  }

  function draw() {
    const { range } = state.get(), list = model.threads.map((t) => threadIn(model, t, range)).filter((t) => (range === null || t.life_ns > 0) && matches(t, query)).sort(compareBy(key, descending));
    note.hidden = range === null;
    heads.forEach((th, i) => {
      if (columns[i][0] === key)
        th.setAttribute('aria-sort', descending ? 'descending' : 'ascending');
      else
        th.removeAttribute('aria-sort');
    });
    body.replaceChildren(...list.slice(0, limit).map(row));
    if (model.threadsCut && query === '' && range === null)
      body.append(cutRow());
    more.hidden = list.length <= limit;
    more.textContent = sayCount('Show {n} more', 'Show {n} more', Math.min(ROWS_AT_ONCE, list.length - limit));
    said.textContent = query === '' && range === null ? sayCount('{n} thread', '{n} threads', model.nThreads) : sayCount('{found} of {n} thread', '{found} of {n} threads', model.nThreads, { found: count(list.length) });
  }

  function mark() {
    const { thread } = state.get();
    for (const tr of body.rows) {
      const selected = tr.dataset.rowId !== undefined && Number(tr.dataset.rowId) === thread;
      tr.classList.toggle('selected', selected);
      tr.querySelector('.open')?.setAttribute('aria-pressed', String(selected));
    }
    const focused = model.byId.get(thread);
    detail.replaceChildren(...(focused ? [detailOf(model, focused, state.get().range)] : []));
  }

  const scatter = createScatter(model, state, actions);
  panel.append(detail, scatter.node, el('div', { class: 'panel' },
    el('div', { class: 'tools' }, search, said), note,
    el('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': say('Threads') },
      el('table', { class: 'threads' }, el('thead', {}, el('tr', {}, heads)), body)), more));
  mark();
  draw();
  scatter.start();
  state.subscribe((_, changed) => {
    if (changed.has('range'))
      draw();
    if (changed.has('thread') || changed.has('range'))
      mark();
  });
}
