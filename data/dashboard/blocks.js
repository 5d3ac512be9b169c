// SPDX-License-Identifier: MIT OR Apache-2.0
// What blocks are like: how large, how old when they are freed, which grow again and again, and who frees
// whose.

import { el, svg } from './dom.js';
import { bytes, count, estimate, plural, time } from './format.js';
import { binRows } from './plot.js';

const panel = (title, note, ...content) => el('section', { class: 'panel' }, el('h2', {}, title), note && el('p', { class: 'note' }, note), content);
const region = (label, table) => el('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': label }, table);

function bar(share) {
  return svg('svg', { viewBox: '0 0 100 10', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    svg('rect', { x: 0, y: 0, width: 100 * share, height: 10 }));
}

function histogram(title, [from, to], rows) {
  const most = Math.max(...rows.map((row) => row.n), 1);
  return panel(title, null, region(title, el('table', { class: 'bins' },
    el('thead', {}, el('tr', {}, el('th', { scope: 'col' }, from), el('th', { scope: 'col' }, to), el('th', { scope: 'col' }, 'Blocks'))),
    el('tbody', {}, rows.map((row) => el('tr', {}, el('td', {}, row.label), el('td', {}, bar(row.n / most)), el('td', {}, estimate(count, row.n, row.error))))))));
}

const age = (ns) => (ns < 1000 ? `${ns}\u00a0ns` : time(ns));

function histograms(model) {
  const sizes = binRows(model.histograms.sizes, 'from_bytes', 'allocations', bytes);
  const ages = binRows(model.histograms.lifetimes, 'from_ns', 'deallocations', age);

  return el('div', { class: 'pair' },
    sizes.length > 0 && histogram('Sizes of blocks', ['From', 'Allocations'], sizes),
    ages.length > 0 && histogram('Ages of blocks when they are freed', ['From', 'Frees'], ages));
}

function growth(model) {
  const { growth_chains: sites, other_growth_chains: others, growth_chains_reason: reason } = model.waste;
  const title = 'Blocks that realloc made larger again and again';
  if (sites === null)
    return panel(title, `Not available: ${reason}.`);
  if (sites.length === 0)
    return null;
  return panel(title, 'At most so many bytes were copied. Asking for the final size at once saves that.',
    region('Growth chains', el('table', {},
      el('thead', {}, el('tr', {}, ['Grown at', 'Copied', 'Blocks', 'Growths each', 'From, mean', 'To, mean'].map((head, i) => el('th', { scope: 'col', class: i < 1 ? 'text' : null }, head)))),
      el('tbody', {}, sites.map((s) => el('tr', {}, el('td', { class: 'text site' }, el('bdi', {}, s.site)),
        [bytes(s.copied_bytes), count(s.chains), s.growths_a_chain.toFixed(1), bytes(s.mean_first_bytes), bytes(s.mean_final_bytes)].map((text) => el('td', {}, text))))))),
    others > 0 && el('p', { class: 'note' }, `${plural(others, 'call stack')} with less not shown.`));
}

function interactions(model) {
  const { pairs, other_pairs: others, other_bytes: rest } = model.interactions;
  const name = (id) => el('bdi', {}, model.byId.get(id)?.name ?? `thread ${id}`);
  if (pairs.length === 0)
    return null;
  return panel('Who frees whose memory', 'Blocks that another thread freed than had allocated them.',
    region('Who frees whose memory', el('table', {},
      el('thead', {}, el('tr', {}, ['Allocated by', 'Freed by', 'Bytes', 'Blocks'].map((head, i) => el('th', { scope: 'col', class: i < 2 ? 'text' : null }, head)))),
      el('tbody', {}, pairs.map((p) => el('tr', {}, el('td', { class: 'text site' }, name(p.alloc_thread)), el('td', { class: 'text site' }, name(p.free_thread)),
        el('td', {}, estimate(bytes, p.bytes, p.bytes_standard_error)), el('td', {}, estimate(count, p.frees, p.frees_standard_error))))))),
    others > 0 && el('p', { class: 'note' }, `${plural(others, 'pair')} with ${bytes(rest)} together not shown.`));
}

// Null where a recording has none of it.
export function createBlocks(model) {
  return [histograms(model), growth(model), interactions(model)];
}
