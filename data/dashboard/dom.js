// SPDX-License-Identifier: MIT OR Apache-2.0
// Making elements.  Text only ever enters as text nodes and attributes, so no name can become markup;
// inline style attributes are not used either (the page's policy forbids them).

import { say } from './words.js';
import { ROLES } from './model.js';

const SVG = 'http://www.w3.org/2000/svg';

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false)
      continue;
    if (name.startsWith('on'))
      node.addEventListener(name.slice(2), value);
    else
      node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.flat(Infinity).filter((c) => c !== null && c !== undefined && c !== false));
  return node;
}

export const el = (tag, attributes = {}, ...children) => fill(document.createElement(tag), attributes, children);
export const svg = (tag, attributes = {}, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);
export const byId = (id) => document.getElementById(id);

// Shapes are the application's: memory as stacked blocks, processor as a gauge, I/O as arrows up and
// down, balanced as a diamond, light as a dash.
const ICONS = {
  memory_intensive: 'M3 3h10v3H3zM3 6h10v4H3zM3 10h10v3H3z',
  cpu_intensive: 'M8 2.5a5.5 5.5 0 1 0 .01 0M8 8l3-3.2M8 2.5v1.2M2.5 8h1.2M13.5 8h-1.2',
  io_intensive: 'M5 13V3.2M2.4 5.8 5 3.2l2.6 2.6M11 3v9.8M8.4 10.2l2.6 2.6 2.6-2.6',
  balanced: 'M8 2.2 13.8 8 8 13.8 2.2 8z',
  lightweight: 'M3.5 8h9',
  untracked: 'M8 2.5a5.5 5.5 0 1 0 .01 0M4.2 11.8l7.6-7.6',
  alert: 'M8 2.3 14.4 13.4H1.6zM8 6.4v3.4M8 11.6v.1',
  overview: 'M2.5 2.5h4.4v4.4H2.5zM9.1 2.5h4.4v4.4H9.1zM2.5 9.1h4.4v4.4H2.5zM9.1 9.1h4.4v4.4H9.1z',
  threads: 'M2.5 4h11M2.5 8h11M2.5 12h11',
  timeline: 'M2 11.5l3.2-4 3 2.6L14 3.6M2 13.6h12',
  memory: 'M2.5 13.5h11M2.5 10.3h8v3.2M2.5 7.1h5v3.2M2.5 13.5V4h3v3.1',
  system: 'M8 2.5a5.5 5.5 0 1 0 .01 0M8 7.4v3.4M8 5.2v.1',
  light: 'M8 5a3 3 0 1 0 .01 0M8 1.4v1M8 13.6v1M1.4 8h1M13.6 8h1M3.3 3.3l.7.7M12 12l.7.7M3.3 12.7l.7-.7M12 4l.7-.7',
  dark: 'M13.2 9.6A5.6 5.6 0 1 1 6.4 2.8a4.6 4.6 0 0 0 6.8 6.8z',
};

export function icon(name, attributes = {}) {
  return svg('svg', { class: 'icon', viewBox: '0 0 16 16', 'aria-hidden': 'true', ...attributes }, svg('path', { d: ICONS[name] }));
}

export function rolePill(thread) {
  return el('span', { class: 'role' }, ROLES[thread.group]);
}

// Direction and length of a name stay inside it.
export function nameOf(text) {
  return el('bdi', { title: text.length > 16 ? text : null }, text);
}

export function missing(what, reason) {
  return el('p', { class: 'missing' }, say('{what}: {reason}', { what, reason }));
}

// Draws what is as wide as `holder` when that gets another width.  What is hidden has none; and a drawing that
// makes its holder taller is not drawn again for that.
export function drawForWidth(holder, draw) {
  let drawn = null;
  const now = () => {
    drawn = holder.clientWidth;
    draw();
  };
  new ResizeObserver(() => holder.clientWidth > 0 && holder.clientWidth !== drawn && now()).observe(holder);
  addEventListener('beforeprint', now);
  now();
}

// What tells threads of one name apart.
export const idOf = (thread) => (thread.tid > 0 ? String(thread.tid) : say('id {id}', { id: thread.id }));

export function announce(text) {
  byId('announce').textContent = text;
}
