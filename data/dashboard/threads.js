// SPDX-License-Identifier: MIT OR Apache-2.0
// Thread Performance Details: every thread in a table that sorts and searches, above it processor share
// against allocation rate, and the focused thread in full.  Rows are made a few hundred at a time, so
// thousands stay quick.

import { el, icon, missing, nameOf, rolePill } from './dom.js';
import { bytes, count, estimate, percent, plural, rate, share, time } from './format.js';
import { compareBy, matches } from './model.js';
import { sparkline } from './curves.js';
import { threadIn } from './range.js';
import { createScatter } from './scatter.js';

const ROWS_AT_FIRST = 250;
const WHOLE_ONLY = 'known of the whole recording only';
const nothing = (why = 'not measured') => el('span', { class: 'dim', title: why }, '–');

// A figure of a thread, with its error where it is an estimate.
const figure = (key, format) => (t) => (t[key] === null ? nothing(t.part ? WHOLE_ONLY : 'not known') : estimate(format, t[key], t[`${key}_standard_error`]));

// What was sampled of a thread, or read by it at its end.
const measured = (key, format) => (t) => (t[key] === null ? nothing(t.part && t.whole[key] !== null ? WHOLE_ONLY : 'not measured') : format(t[key]));

// 0 to 100, or why there is none.
const score = (key) => (t) => (t[key] === null ? nothing(t.part ? WHOLE_ONLY : t.scoreReasons[key]) : t[key].toFixed(0));

const COLUMNS = [
  ['name', 'Thread', null],
  ['tid', 'tid', (t) => t.tid || '–'],
  ['group', 'Role', (t) => rolePill(t)],
  ['peak_bytes', 'Peak', figure('peak_bytes', bytes)],
  ['bytes_at_process_peak', 'Live at process peak', figure('bytes_at_process_peak', bytes)],
  ['allocated_bytes', 'Allocated', figure('allocated_bytes', bytes)],
  ['rate', 'Rate', figure('rate', rate)],
  ['allocations', 'Allocations', figure('allocations', count)],
  ['deallocations', 'Frees', figure('deallocations', count)],
  ['temporary_allocations', 'Temporary', figure('temporary_allocations', count)],
  ['leaked_bytes', 'Never freed', figure('leaked_bytes', bytes)],
  ['cpu_percent', 'CPU', measured('cpu_percent', share)],
  ['cpu_ns', 'CPU time', measured('cpu_ns', (v) => time(v))],
  ['io_operations', 'I/O calls', measured('io_operations', count)],
  ['run_queue_wait_ns', 'Run-queue wait', measured('run_queue_wait_ns', (v) => time(v))],
  ['voluntary_switches', 'Waited', measured('voluntary_switches', count)],
  ['involuntary_switches', 'Gave way', measured('involuntary_switches', count)],
  ['score', 'Score', score('score')],
  ['memory_efficiency', 'Memory efficiency', score('memory_efficiency')],
  ['memory_returned', 'Returned', score('memory_returned')],
  ['cpu_efficiency', 'CPU efficiency', score('cpu_efficiency')],
  ['start_ns', 'Started', (t, model) => time(t.start_ns, model.trace.duration_ns)],
  ['life_ns', 'Life', (t) => time(t.life_ns)],
];
const HINTS = { cpu_percent: 'of one core, over its life', io_operations: 'system calls that read or write', run_queue_wait_ns: 'ready to run, and no processor was free', voluntary_switches: 'times it gave up the processor to wait', involuntary_switches: 'times it was made to give way' };
const SCORES = { score: 'Score', memory_efficiency: 'Memory efficiency', memory_returned: 'Memory returned', cpu_efficiency: 'CPU efficiency' };
const TEXT = new Set(['name', 'group']);
// Of any thread, tracked or not.
const OF_ALL = new Set(['tid', 'group', 'start_ns', 'life_ns', 'cpu_percent', 'cpu_ns', 'io_operations', 'run_queue_wait_ns', 'voluntary_switches', 'involuntary_switches']);
const MAY_BE_MISSING = new Set(['cpu_percent', 'cpu_ns', 'io_operations', 'run_queue_wait_ns', 'voluntary_switches', 'involuntary_switches', 'score', 'memory_efficiency', 'memory_returned', 'cpu_efficiency']);

function fact(label, value) {
  return [el('dt', {}, label), el('dd', {}, value)];
}

// What nothing measured of any thread is not a column; System Summary says why.
const columnsOf = (model) => COLUMNS.filter(([key]) => !MAY_BE_MISSING.has(key) || model.threads.some((t) => t[key] !== null));

const orDash = (v) => (v === null ? '–' : count(v));

function stacksOf(model, { list, others }) {
  return [el('h3', {}, 'Where it allocated'),
    el('ul', { class: 'list' }, list.map((s) => el('li', {}, el('bdi', {}, s.site), ' ',
      el('span', { class: 'dim' }, `${bytes(s.bytes)} in ${plural(s.calls, 'call')}${s.live > 0 ? `, ${bytes(s.live)} ${model.metrics.leaked}` : ''}`)))),
    others > 0 && el('p', { class: 'note' }, `and at ${plural(others, 'other call stack')}`)];
}

function detailOf(model, t, range) {
  const names = t.names ?? [], now = threadIn(model, t, range);
  return el('section', { class: `panel detail r-${t.group}`, 'aria-label': 'Focused thread' },
    el('div', {},
      el('h2', {}, nameOf(t.name), ' ', rolePill(t)),
      el('dl', { class: 'facts' },
        fact('Thread', `id ${t.id}${t.tid > 0 ? `, tid ${t.tid}` : ''}`),
        fact('Alert', t.tracked ? t.alert : 'not tracked'),
        fact('Peak', t.peak_bytes === 0 ? 'nothing was live' : t.peak_bytes === null ? 'not known of this part' : `${figure('peak_bytes', bytes)(t)}${t.peak_time_ns === null ? '' : ` at ${time(t.peak_time_ns, model.trace.duration_ns)}`}`),
        fact('At the process’s peak', `${figure('bytes_at_process_peak', bytes)(t)}, ${percent(t.bytes_at_process_peak, model.totals.peak_bytes)} of it`),
        fact('Average size', t.allocations > 0 ? bytes(t.allocated_bytes / t.allocations) : '–'),
        fact('Reallocations', count(t.reallocations)),
        fact('Own bytes freed', `${figure('freed_bytes_of_own', bytes)(t)}, by any thread`),
        fact('Live at the end', figure('live_bytes', bytes)(t)),
        fact('CPU', t.cpu_ns === null ? '–' : `${time(t.cpu_ns)}, ${t.cpu_percent === null ? percent(t.cpu_ns, t.life_ns) : share(t.cpu_percent)} of one core`),
        t.run_queue_wait_ns !== null && fact('Run-queue wait', time(t.run_queue_wait_ns)),
        t.voluntary_switches !== null && fact('Switches', `${count(t.voluntary_switches)} to wait, ${orDash(t.involuntary_switches)} made to give way`),
        t.io_operations !== null && fact('I/O', `${count(t.io_operations)} calls${t.read_bytes === null ? '' : `, ${bytes(t.read_bytes)} read`}${t.written_bytes === null ? '' : `, ${bytes(t.written_bytes)} written`}`),
        range !== null && fact('In the range', `${now.peak_bytes === null ? '–' : bytes(now.peak_bytes)} at most, ${now.allocated_bytes === null ? '–' : bytes(now.allocated_bytes)} allocated${now.cpu_percent === null ? '' : `, ${share(now.cpu_percent)} CPU`}${now.io_operations === null ? '' : `, ${count(now.io_operations)} I/O calls`}`),
        t.tracked && Object.entries(SCORES).map(([key, label]) => fact(label, t[key] === null ? `– ${t.scoreReasons[key]}` : `${t[key].toFixed(0)} of 100`)),
        names.length > 1 ? fact('Names', names.map(([at, name], i) => [i > 0 ? ', ' : '', nameOf(name), ` from ${time(at, model.trace.duration_ns)}`]).flat()) : null)),
    el('div', {},
      el('h3', {}, `${t.detail ? 'Live bytes' : 'Live bytes (outline)'}${t.cpu ? ', and processor share as a line' : ''}${range !== null && t.detail ? ', in the range' : ''}`),
      sparkline(t.detail ? now.spark : t.spark, 640, 120, now.cpu),
      t.stacks !== null && t.stacks.list.length > 0 && stacksOf(model, t.stacks),
      t.cpu_ns === null && missing('Processor', model.notMeasured.cpu_percent ?? 'no sample is of this thread'),
      t.io_operations === null && missing('I/O', model.notMeasured.io_operations ?? 'no sample is of this thread')));
}

export function createThreads(panel, model, state, actions) {
  let key = 'peak_bytes', descending = true, query = '', limit = ROWS_AT_FIRST;
  const columns = columnsOf(model);
  const heads = columns.map(([column, label]) => el('th', { scope: 'col', title: HINTS[column], class: TEXT.has(column) ? 'text' : null },
    el('button', { type: 'button', onclick: () => {
      descending = key === column ? !descending : !TEXT.has(column);
      key = column;
      draw();
    } }, column === 'leaked_bytes' ? model.leakedLabel : label)));
  const body = el('tbody'), said = el('span', { class: 'end', role: 'status' });
  const more = el('button', { type: 'button', class: 'button', hidden: true, onclick: () => {
    limit = Infinity;
    draw();
  } }, 'Show all');
  const detail = el('div'), note = el('p', { class: 'note', hidden: true }, `In this range: threads that lived in it. Counts of calls, frees and leaks, and scores, are ${WHOLE_ONLY}.`);
  const search = el('input', { type: 'search', placeholder: 'Name, tid or role', 'aria-label': 'Search threads', oninput: (event) => {
    query = event.target.value;
    limit = ROWS_AT_FIRST;
    draw();
  } });

  const row = (t) => el('tr', { class: `r-${t.group}${t.id === state.get().thread ? ' selected' : ''}`, 'data-row-id': t.id, 'data-thread-id': t.id, onclick: () => actions.toggle(t.id) },
    columns.map(([column, , print]) => (column === 'name'
      ? el('td', { class: 'text' }, el('button', { type: 'button', class: 'open', 'aria-pressed': String(t.id === state.get().thread) }, icon(t.group), nameOf(t.name)))
      : el('td', { class: TEXT.has(column) ? 'text' : null }, t.tracked || OF_ALL.has(column) ? print(t, model) : nothing('not recorded')))));

  function cutRow() {
    const c = model.threadsCut;
    const cells = { peak_bytes: '–', bytes_at_process_peak: bytes(c.bytes_at_process_peak), allocated_bytes: bytes(c.allocated_bytes),
      allocations: count(c.allocations), deallocations: count(c.deallocations), temporary_allocations: count(c.temporary_allocations), leaked_bytes: bytes(c.leaked_bytes) };
    return el('tr', {}, columns.map(([column], i) => el('td', { class: TEXT.has(column) ? 'text dim' : 'dim' }, i === 0 ? `${count(c.threads)} lighter threads, together` : cells[column] ?? '')));
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
    more.textContent = `Show all ${count(list.length)}`;
    said.textContent = query === '' && range === null ? `${count(model.nThreads)} threads` : `${count(list.length)} of ${count(model.nThreads)} threads`;
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

  panel.append(detail, createScatter(model, state, actions), el('div', { class: 'panel' },
    el('div', { class: 'tools' }, search, said), note,
    el('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Threads' },
      el('table', { class: 'threads' }, el('thead', {}, el('tr', {}, heads)), body)), more));
  draw();
  mark();
  state.subscribe((_, changed) => {
    if (changed.has('range'))
      draw();
    if (changed.has('thread') || changed.has('range'))
      mark();
  });
}
