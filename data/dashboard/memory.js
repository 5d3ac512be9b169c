// SPDX-License-Identifier: MIT OR Apache-2.0
// Memory: the flame graph and the table of allocation sites, by one of five measures.

import { el } from './dom.js';
import { say, sayIn } from './words.js';
import { bytes, count, estimate, sayCount } from './format.js';
import { createBlocks } from './blocks.js';
import { createFlame } from './flame.js';
import { createMappings } from './mappings.js';

const STACKS_AT_FIRST = 100;
const NOT_RECORDED = say('Allocations were not recorded: no thread was tracked. Threads’ use of processor and I/O is in the other tabs.');

function frameText(frame) {
  return [el('bdi', {}, frame.name ?? say('unknown')), frame.inlined ? el('span', { class: 'dim' }, ` ${say('(inlined)')}`) : null, ' ',
    el('bdi', { class: 'source' }, frame.file ? `${frame.file}${frame.line > 0 ? `:${frame.line}` : ''}` : frame.module ?? '')];
}

function sourceOf(frame) {
  if (!frame?.file)
    return frame?.module ?? '';
  const base = frame.file.replace(/.*\//, '');
  return frame.line > 0 ? `${base}:${frame.line}` : base;
}

// The two functions that called the site: a program's own allocation wrapper is the same everywhere.
function callersOf(stack) {
  const names = [];
  for (const frame of stack.frames.slice(stack.site + 1)) {
    if (names.length < 2 && frame.name !== names[names.length - 1] && frame.name !== stack.frames[stack.site].name)
      names.push(frame.name ?? say('unknown'));
  }
  return names.map((name) => [' ‹ ', el('bdi', {}, name)]);
}

function stackRows(stack, noLive) {
  const site = stack.frames[stack.site];
  const open = el('button', { type: 'button', class: 'open', 'aria-expanded': 'false', onclick: () => {
    const shown = row.nextElementSibling?.classList.contains('frames');
    open.setAttribute('aria-expanded', String(!shown));
    if (shown)
      row.nextElementSibling.remove();
    else
      row.after(el('tr', { class: 'frames' }, el('td', { class: 'text', colspan: 7 },
        el('ol', {}, stack.frames.map((f) => el('li', {}, frameText(f))), stack.truncated && el('li', { class: 'dim' }, say('callers beyond this were not recorded'))))));
  } }, el('bdi', {}, site?.name ?? say('unknown')));
  const row = el('tr', {}, el('td', { class: 'text' }, open, el('span', { class: 'callers' }, callersOf(stack))), el('td', { class: 'text source' }, el('bdi', { title: site?.file ?? null }, sourceOf(site))),
    [['peak', bytes], ['leaked', bytes], ['bytes', bytes], ['calls', count], ['temporary', count]].map(([key, format]) => el('td', {}, noLive && (key === 'peak' || key === 'leaked') ? el('span', { class: 'dim', title: noLive }, '–') : estimate(format, stack[key], stack.errors[key]))));
  return row;
}

export function createMemory(panel, model, state) {
  const note = el('p', { class: 'note', hidden: true });
  if (model.stacks.length === 0) {
    panel.append(el('p', { class: 'empty' }, !model.recorded ? NOT_RECORDED : model.totals.allocations === 0
      ? say('Nothing was allocated while this was recorded.') : say('This recording has no call stacks.')), createMappings(model) ?? '');
    return;
  }

  let metric = !model.noLive ? 'peak' : 'bytes', query = '', limit = STACKS_AT_FIRST;
  const flame = createFlame(model, state);
  const body = el('tbody');
  const more = el('button', { type: 'button', class: 'button', onclick: () => {
    limit = Infinity;
    draw();
  } });
  const heads = [['', say('Allocation site')], ['', say('Source')], ['peak', say('Live at peak')], ['leaked', model.leakedLabel], ['bytes', say('Allocated')], ['calls', say('Calls')], ['temporary', say('Temporary')]]
    .map(([key, label], i) => el('th', { scope: 'col', class: i < 2 ? 'text' : null, 'data-metric': key },
      !(key in model.metrics) ? label : el('button', { type: 'button', onclick: () => choose(key) }, label)));
  const chips = Object.entries(model.metrics).map(([key, label]) => el('button', { type: 'button', class: 'chip', 'data-metric': key, onclick: () => choose(key) }, label));

  function choose(key) {
    metric = key;
    flame.setMetric(key);
    draw();
  }

  function restRow() {
    const c = model.stacksCut;
    return el('tr', { class: 'rest' }, el('td', { class: 'text', colspan: 2 }, sayCount('{n} lighter stack', '{n} lighter stacks, together', c.stacks)),
      [bytes(c.peak), bytes(c.leaked), bytes(c.bytes), count(c.calls), count(c.temporary)].map((text) => el('td', {}, text)));
  }

  function draw() {
    const q = query.trim().toLowerCase();
    const found = (s) => q === '' || s.frames.some((f) => (f.name ?? '').toLowerCase().includes(q) || (f.file ?? '').toLowerCase().includes(q) || (f.module ?? '').toLowerCase().includes(q));
    const list = model.stacks.filter(found).sort((a, b) => b[metric] - a[metric]);
    body.replaceChildren(...list.slice(0, limit).map((stack) => stackRows(stack, model.noLive)));
    if (model.stacksCut && q === '')
      body.append(restRow());
    more.hidden = list.length <= limit;
    more.textContent = say('Show all {n}', { n: count(list.length) });
    for (const chip of chips)
      chip.setAttribute('aria-pressed', String(chip.dataset.metric === metric));
    for (const th of heads)
      if (th.dataset.metric === metric)
        th.setAttribute('aria-sort', 'descending');
      else
        th.removeAttribute('aria-sort');
  }

  const search = el('input', { type: 'search', placeholder: say('Function, file or module'), 'aria-label': say('Search stacks'), oninput: (event) => {
    query = event.target.value;
    flame.setQuery(query);
    draw();
  } });
  panel.append(note, el('div', { class: 'tools' }, el('span', { class: 'dim' }, sayIn('stacks', 'by')), chips, flame.reset, el('span', { class: 'end' }, search)),
    el('div', { class: 'panel' }, flame.figure, model.flameFolded > 0 && el('p', { class: 'note' }, sayCount('{n} light frame not drawn; its bytes are in the frame below it.', '{n} light frames not drawn; their bytes are in the frames below them.', model.flameFolded))),
    el('div', { class: 'panel' }, el('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': say('Allocation sites') },
      el('table', { class: 'sites' }, el('thead', {}, el('tr', {}, heads)), body)), more), ...createBlocks(model).filter(Boolean), createMappings(model) ?? '');

  const explain = () => {
    const { thread, range } = state.get(), said = [
      thread !== null && say('These stacks are of all threads; those of one are in Thread Performance Details.'),
      range !== null && say('Stacks are known of the whole recording only; memscope export --range makes a page of a part.')].filter(Boolean);
    note.hidden = said.length === 0;
    note.textContent = said.join(' ');
  };
  flame.start();
  draw();
  explain();
  state.subscribe((_, changed) => (changed.has('thread') || changed.has('range')) && explain());
}
