// SPDX-License-Identifier: MIT OR Apache-2.0
// Thread Performance Details: every thread in a table that sorts and searches, and above it the
// focused thread in full.  Rows are made a few hundred at a time, so thousands stay quick.

import { el, icon, missing, nameOf, rolePill } from './dom.js';
import { bytes, count, estimate, percent, plural, rate, time } from './format.js';
import { compareBy, matches } from './model.js';
import { sparkline } from './curves.js';

const ROWS_AT_FIRST = 250;
const nothing = () => el('span', { class: 'dim', title: 'not measured' }, '–');

// A figure of a thread, with its error where it is an estimate.
const figure = (key, format) => (t) => estimate(format, t[key], t[`${key}_standard_error`]);

// 0 to 100, or why there is none.
const score = (key) => (t) => (t[key] === null ? el('span', { class: 'dim', title: t.scoreReasons[key] }, '–') : t[key].toFixed(0));

const COLUMNS = [
  ['name', 'Thread', null],
  ['tid', 'tid', (t) => t.tid || '–'],
  ['group', 'Role', (t) => rolePill(t)],
  ['peak_bytes', 'Peak', figure('peak_bytes', bytes)],
  ['bytes_at_process_peak', 'Live at process peak', figure('bytes_at_process_peak', bytes)],
  ['allocated_bytes', 'Allocated', figure('allocated_bytes', bytes)],
  ['rate', 'Rate', (t) => rate(t.rate)],
  ['allocations', 'Allocations', figure('allocations', count)],
  ['deallocations', 'Frees', figure('deallocations', count)],
  ['temporary_allocations', 'Temporary', figure('temporary_allocations', count)],
  ['leaked_bytes', 'Never freed', figure('leaked_bytes', bytes)],
  ['cpu_ns', 'CPU time', (t) => (t.cpu_ns === null ? nothing() : time(t.cpu_ns))],
  ['score', 'Score', score('score')],
  ['memory_efficiency', 'Memory efficiency', score('memory_efficiency')],
  ['memory_returned', 'Returned', score('memory_returned')],
  ['cpu_efficiency', 'CPU efficiency', score('cpu_efficiency')],
  ['start_ns', 'Started', (t, model) => time(t.start_ns, model.trace.duration_ns)],
  ['life_ns', 'Life', (t) => time(t.life_ns)],
];
const SCORES = { score: 'Score', memory_efficiency: 'Memory efficiency', memory_returned: 'Memory returned', cpu_efficiency: 'CPU efficiency' };
const TEXT = new Set(['name', 'group']);

function fact(label, value) {
  return [el('dt', {}, label), el('dd', {}, value)];
}

// What of the scores no thread has is not a column; System Summary says why.
const columnsOf = (model) => COLUMNS.filter(([key]) => !(key in SCORES) || model.threads.some((t) => t[key] !== null));

function stacksOf(model, { list, others }) {
  return [el('h3', {}, 'Where it allocated'),
    el('ul', { class: 'list' }, list.map((s) => el('li', {}, el('bdi', {}, s.site), ' ',
      el('span', { class: 'dim' }, `${bytes(s.bytes)} in ${plural(s.calls, 'call')}${s.live > 0 ? `, ${bytes(s.live)} ${model.metrics.leaked}` : ''}`)))),
    others > 0 && el('p', { class: 'note' }, `and at ${plural(others, 'other call stack')}`)];
}

function detailOf(model, t) {
  const names = t.names ?? [];
  return el('section', { class: `panel detail r-${t.group}`, 'aria-label': 'Focused thread' },
    el('div', {},
      el('h2', {}, nameOf(t.name), ' ', rolePill(t)),
      el('dl', { class: 'facts' },
        fact('Thread', `id ${t.id}${t.tid > 0 ? `, tid ${t.tid}` : ''}`),
        fact('Alert', t.tracked ? t.alert : 'not tracked'),
        fact('Peak', t.peak_time_ns === null ? 'nothing was live' : `${figure('peak_bytes', bytes)(t)} at ${time(t.peak_time_ns, model.trace.duration_ns)}`),
        fact('At the process’s peak', `${figure('bytes_at_process_peak', bytes)(t)}, ${percent(t.bytes_at_process_peak, model.totals.peak_bytes)} of it`),
        fact('Average size', t.allocations > 0 ? bytes(t.allocated_bytes / t.allocations) : '–'),
        fact('Reallocations', count(t.reallocations)),
        fact('Own bytes freed', `${figure('freed_bytes_of_own', bytes)(t)}, by any thread`),
        fact('Live at the end', figure('live_bytes', bytes)(t)),
        fact('CPU', t.cpu_ns === null ? '–' : `${time(t.cpu_ns)}, ${percent(t.cpu_ns, t.life_ns)} of one core`),
        t.io_operations !== null && fact('I/O', `${count(t.io_operations)} calls that read or write`),
        t.tracked && Object.entries(SCORES).map(([key, label]) => fact(label, t[key] === null ? `– ${t.scoreReasons[key]}` : `${t[key].toFixed(0)} of 100`)),
        names.length > 1 ? fact('Names', names.map(([at, name], i) => [i > 0 ? ', ' : '', nameOf(name), ` from ${time(at, model.trace.duration_ns)}`]).flat()) : null)),
    el('div', {},
      el('h3', {}, t.detail ? 'Live bytes' : 'Live bytes (outline)'),
      sparkline(t.spark, 640, 120),
      t.stacks !== null && t.stacks.list.length > 0 && stacksOf(model, t.stacks),
      t.cpu_ns === null && missing('Processor', model.notMeasured.cpu_percent ?? 'no sample is of this thread'),
      t.io_operations === null && missing('I/O', model.notMeasured.io_operations ?? 'no sample is of this thread')));
}

export function createThreads(panel, model, state, actions) {
  let key = 'peak_bytes', descending = true, query = '', limit = ROWS_AT_FIRST;
  const columns = columnsOf(model);
  const heads = columns.map(([column, label]) => el('th', { scope: 'col', class: TEXT.has(column) ? 'text' : null },
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
  const detail = el('div');
  const search = el('input', { type: 'search', placeholder: 'Name, tid or role', 'aria-label': 'Search threads', oninput: (event) => {
    query = event.target.value;
    limit = ROWS_AT_FIRST;
    draw();
  } });

  const row = (t) => el('tr', { class: `r-${t.group}${t.id === state.get().thread ? ' selected' : ''}`, 'data-row-id': t.id, onclick: () => actions.toggle(t.id) },
    columns.map(([column, , print]) => (column === 'name'
      ? el('td', { class: 'text' }, el('button', { type: 'button', class: 'open', 'aria-pressed': String(t.id === state.get().thread) }, icon(t.group), nameOf(t.name)))
      : el('td', { class: TEXT.has(column) ? 'text' : null }, t.tracked || ['tid', 'group', 'start_ns', 'life_ns', 'cpu_ns'].includes(column) ? print(t, model) : nothing()))));

  function cutRow() {
    const c = model.threadsCut;
    const cells = { peak_bytes: '–', bytes_at_process_peak: bytes(c.bytes_at_process_peak), allocated_bytes: bytes(c.allocated_bytes),
      allocations: count(c.allocations), deallocations: count(c.deallocations), temporary_allocations: count(c.temporary_allocations), leaked_bytes: bytes(c.leaked_bytes) };
    return el('tr', {}, columns.map(([column], i) => el('td', { class: TEXT.has(column) ? 'text dim' : 'dim' }, i === 0 ? `${count(c.threads)} lighter threads, together` : cells[column] ?? '')));
  }

  function draw() {
    const list = model.threads.filter((t) => matches(t, query)).sort(compareBy(key, descending));
    heads.forEach((th, i) => {
      if (columns[i][0] === key)
        th.setAttribute('aria-sort', descending ? 'descending' : 'ascending');
      else
        th.removeAttribute('aria-sort');
    });
    body.replaceChildren(...list.slice(0, limit).map(row));
    if (model.threadsCut && query === '')
      body.append(cutRow());
    more.hidden = list.length <= limit;
    more.textContent = `Show all ${count(list.length)}`;
    said.textContent = query === '' ? `${count(model.nThreads)} threads` : `${count(list.length)} of ${count(model.nThreads)} threads`;
  }

  function mark() {
    const { thread } = state.get();
    for (const tr of body.rows) {
      const selected = tr.dataset.rowId !== undefined && Number(tr.dataset.rowId) === thread;
      tr.classList.toggle('selected', selected);
      tr.querySelector('.open')?.setAttribute('aria-pressed', String(selected));
    }
    const focused = model.byId.get(thread);
    detail.replaceChildren(...(focused ? [detailOf(model, focused)] : []));
  }

  panel.append(detail, el('div', { class: 'panel' },
    el('div', { class: 'tools' }, search, said),
    el('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Threads' },
      el('table', { class: 'threads' }, el('thead', {}, el('tr', {}, heads)), body)), more));
  draw();
  mark();
  state.subscribe((_, changed) => changed.has('thread') && mark());
}
