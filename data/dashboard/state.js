// SPDX-License-Identifier: MIT OR Apache-2.0
// The only state the tabs share: the focused thread, the range, the open tab and the moment under the cursor.
// Whoever draws subscribes; whoever acts calls set().  The address's fragment follows it, so a link to
// `#tab=memory`, `#thread=3` or `#range=1.5..3` opens there.

import { parseRange, printRange } from './range.js';

const same = (a, b) => a === b || (Array.isArray(a) && Array.isArray(b) && a[0] === b[0] && a[1] === b[1]);

export function createState(initial) {
  const state = { thread: null, range: null, tab: 'overview', cursor: null, ...initial };
  const listeners = [];

  return {
    get: () => state,
    subscribe(listener) {
      listeners.push(listener);
    },
    set(change) {
      const changed = Object.keys(change).filter((key) => !same(state[key], change[key]));
      if (changed.length === 0)
        return;
      Object.assign(state, change);
      // Who joins because of this change has drawn it already.
      for (const listener of [...listeners])
        listener(state, new Set(changed));
    },
  };
}

export function readFragment(fragment, model, tabs) {
  const wanted = new URLSearchParams(fragment.replace(/^#/, ''));
  const id = wanted.get('thread');
  const known = id !== null && /^\d+$/.test(id) && model.byId.has(Number(id));

  return {
    thread: known ? Number(id) : null,
    range: wanted.has('range') ? parseRange(model, wanted.get('range')) : null,
    tab: tabs.includes(wanted.get('tab')) ? wanted.get('tab') : 'overview',
  };
}

export function writeFragment(state, model) {
  const parts = [];
  if (state.tab !== 'overview')
    parts.push(`tab=${state.tab}`);
  if (state.thread !== null)
    parts.push(`thread=${state.thread}`);
  if (state.range !== null)
    parts.push(`range=${printRange(model, state.range)}`);
  return parts.length > 0 ? `#${parts.join('&')}` : '';
}
