// SPDX-License-Identifier: MIT OR Apache-2.0
// Address space (mmap and its family, thread stacks): apart from the heap, and never added to it.

import { el } from './dom.js';
import { say } from './words.js';
import { bytes, count, sayCount, time, visible } from './format.js';

const KINDS = { anonymous: say('Anonymous'), reserved: say('Reserved (no access)'), file: say('Files'), thread_stack: say('Thread stacks'), break: say('Break (brk, sbrk)') };

// The first `nText` columns are words, the others figures.
const table = (label, nText, heads, rows) => el('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': label },
  el('table', {}, el('thead', {}, el('tr', {}, heads.map((head, i) => el('th', { scope: 'col', class: i < nText ? 'text' : null }, head)))), el('tbody', {}, rows)));

// What tells stacks apart that end in the same function: the nearest callers that have names.
function mappersOf(frames) {
  const named = frames.slice(1).filter((f) => !/\+0x[0-9a-f]+$/.test(f));
  return (named.length > 0 ? named : frames.slice(1)).slice(0, 3);
}

function kindRows(kinds) {
  return Object.entries(kinds).filter(([, k]) => k.mappings > 0).map(([key, k]) => el('tr', {},
    el('td', { class: 'text' }, KINDS[key] ?? key),
    [bytes(k.bytes_at_process_peak), bytes(k.total_mapped_bytes), count(k.mappings), bytes(k.live_bytes)].map((text) => el('td', {}, text))));
}

function stackRow(stack) {
  const frames = stack.frames.map(visible);
  return el('tr', {},
    el('td', { class: 'text' }, el('bdi', { title: frames.join('\n') }, frames[0] ?? say('no call stack')),
      el('span', { class: 'callers' }, mappersOf(frames).map((name) => [' ‹ ', el('bdi', {}, name)]))),
    el('td', { class: 'text' }, stack.kinds.map((kind) => KINDS[kind] ?? kind).join(', ')),
    [bytes(stack.peak_bytes), bytes(stack.total_mapped_bytes), count(stack.mappings), bytes(stack.live_bytes)].map((text) => el('td', {}, text)));
}

// Null where mappings were not recorded, or none was made.
export function createMappings(model) {
  const m = model.mappings;
  if (!m || m.mappings === 0)
    return null;
  const left = model.trace.state === 'running' ? say('Mapped now') : say('Mapped at the end');
  return el('section', { class: 'panel mappings' }, el('h2', {}, say('Mappings')),
    el('p', { class: 'note' }, say('Address space from mmap, brk and thread stacks: at most {bytes} mapped at once, at {time}. Not memory in use, and no part of the heap above.',
      { bytes: bytes(m.mapped_peak_bytes), time: time(m.peak_time_ns, model.trace.duration_ns) })),
    table(say('Mappings by kind'), 1, [say('Made of'), say('At the peak'), say('Mapped'), say('Mappings'), left], kindRows(m.kinds)),
    table(say('Stacks that had most mapped'), 2, [say('Mapped by'), say('Made of'), say('Mapped at once'), say('Mapped'), say('Mappings'), left], m.stacks.map(stackRow)),
    m.other_stacks > 0 && el('p', { class: 'note' }, sayCount('{n} stack with less mapped not shown.', '{n} stacks with less mapped not shown.', m.other_stacks)));
}
