// SPDX-License-Identifier: MIT OR Apache-2.0
// The only state the tabs share: the focused thread, the open tab and the moment under the cursor.
// Whoever draws subscribes; whoever acts calls set().  The address's fragment follows it, so a link to
// `#tab=memory` or `#thread=3` opens there.

export function createState(initial) {
  const state = { thread: null, tab: 'overview', cursor: null, ...initial };
  const listeners = [];

  return {
    get: () => state,
    subscribe(listener) {
      listeners.push(listener);
    },
    set(change) {
      const changed = Object.keys(change).filter((key) => state[key] !== change[key]);
      if (changed.length === 0)
        return;
      Object.assign(state, change);
      for (const listener of listeners)
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
    tab: tabs.includes(wanted.get('tab')) ? wanted.get('tab') : 'overview',
  };
}

export function writeFragment(state) {
  const parts = [];
  if (state.tab !== 'overview')
    parts.push(`tab=${state.tab}`);
  if (state.thread !== null)
    parts.push(`thread=${state.thread}`);
  return parts.length > 0 ? `#${parts.join('&')}` : '';
}
