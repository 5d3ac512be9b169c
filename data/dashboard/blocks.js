// SPDX-License-Identifier: MIT OR Apache-2.0
// What blocks are like: how large, how old when they are freed, which grow again and again, and who frees
// whose.

import { el, svg } from './dom.js';
import { decimals, ofData, say } from './words.js';
import { bytes, count, estimate, sayCount, time } from './format.js';
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
    el('thead', {}, el('tr', {}, el('th', { scope: 'col' }, from), el('th', { scope: 'col' }, to), el('th', { scope: 'col' }, say('Blocks')))),
    el('tbody', {}, rows.map((row) => el('tr', {}, el('td', {}, row.label), el('td', {}, bar(row.n / most)), el('td', {}, estimate(count, row.n, row.error))))))));
}

const age = (ns) => (ns < 1000 ? `${ns}\u00a0ns` : time(ns));

function histograms(model) {
  const sizes = binRows(model.histograms.sizes, 'from_bytes', 'allocations', bytes);
  const ages = binRows(model.histograms.lifetimes, 'from_ns', 'deallocations', age);

  return el('div', { class: 'pair' },
    sizes.length > 0 && histogram(say('Sizes of blocks'), [say('From'), say('Allocations')], sizes),
    ages.length > 0 && histogram(say('Ages of blocks when they are freed'), [say('From'), say('Frees')], ages));
}

function growth(model) {
  const { growth_chains: sites, other_growth_chains: others, growth_chains_reason: reason } = model.waste;
  const title = say('Blocks that realloc made larger again and again');
  if (sites === null)
    return panel(title, say('Not available: {reason}.', { reason: ofData(reason) }));
  if (sites.length === 0)
    return null;
  return panel(title, say('At most so many bytes were copied. Asking for the final size at once saves that.'),
    region(title, el('table', {},
      el('thead', {}, el('tr', {}, [say('Grown at'), say('Copied'), say('Blocks'), say('Growths each'), say('From, mean'), say('To, mean')].map((head, i) => el('th', { scope: 'col', class: i < 1 ? 'text' : null }, head)))),
      el('tbody', {}, sites.map((s) => el('tr', {}, el('td', { class: 'text site' }, el('bdi', {}, s.site)),
        [bytes(s.copied_bytes), count(s.chains), decimals(s.growths_a_chain, 1), bytes(s.mean_first_bytes), bytes(s.mean_final_bytes)].map((text) => el('td', {}, text))))))),
    others > 0 && el('p', { class: 'note' }, sayCount('{n} call stack with less not shown.', '{n} call stacks with less not shown.', others)));
}

function interactions(model) {
  const { pairs, other_pairs: others, other_bytes: rest } = model.interactions;
  const name = (id) => el('bdi', {}, model.byId.get(id)?.name ?? say('thread {id}', { id }));
  if (pairs.length === 0)
    return null;
  return panel(say('Who frees whose memory'), say('Blocks that another thread freed than had allocated them.'),
    region(say('Who frees whose memory'), el('table', {},
      el('thead', {}, el('tr', {}, [say('Allocated by'), say('Freed by'), say('Bytes'), say('Blocks')].map((head, i) => el('th', { scope: 'col', class: i < 2 ? 'text' : null }, head)))),
      el('tbody', {}, pairs.map((p) => el('tr', {}, el('td', { class: 'text site' }, name(p.alloc_thread)), el('td', { class: 'text site' }, name(p.free_thread)),
        el('td', {}, estimate(bytes, p.bytes, p.bytes_standard_error)), el('td', {}, estimate(count, p.frees, p.frees_standard_error))))))),
    others > 0 && el('p', { class: 'note' }, sayCount('{n} pair with {bytes} not shown.', '{n} pairs with {bytes} together not shown.', others, { bytes: bytes(rest) })));
}

// Null where a recording has none of it.
export function createBlocks(model) {
  return [histograms(model), growth(model), interactions(model)];
}
