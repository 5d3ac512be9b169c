// SPDX-License-Identifier: MIT OR Apache-2.0
// Address space (mmap and its family, thread stacks): apart from the heap, and never added to it.

import { el } from './dom.js';
import { bytes, count, plural, time, visible } from './format.js';

const KINDS = { anonymous: 'Anonymous', reserved: 'Reserved (no access)', file: 'Files', thread_stack: 'Thread stacks', break: 'Break (brk, sbrk)' };

const table = (label, heads, rows) => el('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': label },
  el('table', {}, el('thead', {}, el('tr', {}, heads.map((head, i) => el('th', { scope: 'col', class: i === 0 ? 'text' : null }, head)))), el('tbody', {}, rows)));

function kindRows(kinds) {
  return Object.entries(kinds).filter(([, k]) => k.mappings > 0).map(([key, k]) => el('tr', {},
    el('td', { class: 'text' }, KINDS[key] ?? key),
    [bytes(k.bytes_at_process_peak), bytes(k.mapped_bytes), count(k.mappings), bytes(k.live_bytes)].map((text) => el('td', {}, text))));
}

function stackRow(stack) {
  const [site, ...callers] = stack.frames.map(visible);
  return el('tr', {},
    el('td', { class: 'text' }, el('bdi', { title: stack.frames.map(visible).join('\n') }, site ?? 'no call stack'),
      callers.length > 0 && el('span', { class: 'callers' }, ' ‹ ', el('bdi', {}, callers[0]))),
    el('td', { class: 'text' }, stack.kinds.map((kind) => KINDS[kind] ?? kind).join(', ')),
    [bytes(stack.peak_bytes), bytes(stack.mapped_bytes), count(stack.mappings), bytes(stack.live_bytes)].map((text) => el('td', {}, text)));
}

// Null where mappings were not recorded, or none was made.
export function createMappings(model) {
  const m = model.mappings;
  if (!m || m.mappings === 0)
    return null;
  const left = model.trace.state === 'running' ? 'Mapped now' : 'Mapped at the end';
  return el('section', { class: 'panel mappings' }, el('h2', {}, 'Mappings'),
    el('p', { class: 'note' }, `Address space from mmap, brk and thread stacks: at most ${bytes(m.mapped_peak_bytes)} mapped at once, at ${time(m.peak_time_ns, model.trace.duration_ns)}. Not memory in use, and no part of the heap above.`),
    table('Mappings by kind', ['Made of', 'At the peak', 'Mapped', 'Mappings', left], kindRows(m.kinds)),
    table('Stacks that had most mapped', ['Mapped by', 'Made of', 'Mapped at once', 'Mapped', 'Mappings', left], m.stacks.map(stackRow)),
    m.other_stacks > 0 && el('p', { class: 'note' }, `${plural(m.other_stacks, 'stack')} with less mapped not shown.`));
}
