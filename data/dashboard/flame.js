// SPDX-License-Identifier: MIT OR Apache-2.0
// The flame graph of allocation stacks: root at the bottom, one tint a module.  A click, or Enter,
// zooms into a frame; arrows walk: up to the heaviest callee, down to the caller, left and right
// among siblings.

import { drawForWidth, el, svg, announce } from './dom.js';
import { say, sayWith } from './words.js';
import { bytes, count, estimate, percent } from './format.js';
import { flameBoxes, moduleTint } from './plot.js';

const FRAME_PX = 20, LEAST_PX = 2, CHAR_PX = 7, TINTS = 6;

export const isCount = (metric) => metric === 'calls' || metric === 'temporary';
export const printMetric = (metric, value) => (isCount(metric) ? count(value) : bytes(value));

export function createFlame(model, state) {
  let metric = !model.noLive ? 'peak' : 'bytes', root = model.flame[0], current = root, query = '';
  const holder = el('div'), said = el('p', { class: 'said' }), reset = el('button', { type: 'button', class: 'button', hidden: true, onclick: () => zoom(model.flame[0]) }, say('Whole graph'));
  const figure = el('figure', { class: 'flame' }, holder, said);

  const label = (node) => (node.parent < 0 ? model.trace.program : node.name ?? say('unknown'));

  function describe(node) {
    const whole = model.flame[0][metric];
    const parts = [el('b', {}, el('bdi', {}, label(node))), ` ${estimate((n) => printMetric(metric, n), node[metric], node.errors[metric])} ${model.metrics[metric]}, ${percent(node[metric], whole)}`];
    if (node.module)
      parts.push(el('span', { class: 'dim' }, ' ', sayWith('in {module}', { module: el('bdi', {}, node.module) })));
    said.replaceChildren(...parts);
  }

  function zoom(node) {
    root = current = node;
    reset.hidden = node === model.flame[0];
    draw();
  }

  function frameOf(box, height, levels) {
    const { node, x, width, level } = box, y = height - (level + 1) * FRAME_PX;
    const room = Math.floor((width - 10) / CHAR_PX), name = label(node);
    const chars = Array.from(name);
    const shown = room < 3 ? '' : chars.length <= room ? name : `${chars.slice(0, room - 1).join('')}…`;
    const found = query !== '' && name.toLowerCase().includes(query);

    return svg('g', { class: `node${found ? ' found' : ''}`, 'data-node': node.id,
      onpointerenter: () => describe(node), onclick: () => zoom(node) },
    svg('rect', { class: node.name === null ? 'fx' : `f${moduleTint(node.module, TINTS)}`, x, y, width, height: FRAME_PX - 1, rx: 3 }),
    shown && svg('text', { x: x + 6, y: y + 14 }, shown));
  }

  function mark() {
    for (const g of holder.querySelectorAll('g.node'))
      g.classList.toggle('current', Number(g.dataset.node) === current.id);
    describe(current);
  }

  function walk(event) {
    const parent = current.parent >= 0 ? model.flame[current.parent] : null;
    const order = (list) => [...list].sort((a, b) => b[metric] - a[metric]).filter((n) => n[metric] > 0);
    const siblings = parent ? order(parent.children) : [current];
    const at = siblings.indexOf(current);
    const next = { ArrowUp: order(current.children)[0], ArrowDown: current === root ? null : parent,
      ArrowLeft: siblings[at - 1], ArrowRight: siblings[at + 1] }[event.key];
    if (event.key === 'Enter')
      zoom(current);
    else if (event.key === 'Backspace')
      zoom(parent ?? root);
    else if (next && !(current === root && event.key !== 'ArrowUp'))
      current = next;
    else
      return;
    event.preventDefault();
    mark();
    announce(said.textContent);
  }

  function draw() {
    // Not laid out yet when a hidden tab is about to be printed: a width for paper, scaled to it.
    const width = Math.max(240, holder.clientWidth || 960);
    if (!root || !(model.flame[0][metric] > 0)) {
      holder.replaceChildren(el('p', { class: 'note' }, say('No stack has any of this: {measure}.', { measure: model.metrics[metric] })));
      said.textContent = '';
      return;
    }
    if (!(root[metric] > 0))
      root = current = model.flame[0];
    const { boxes, levels } = flameBoxes(root, metric, width, LEAST_PX);
    const height = levels * FRAME_PX;
    const plot = svg('svg', { height, viewBox: `0 0 ${width} ${height}`, tabindex: '0', role: 'application', 'aria-roledescription': say('flame graph'),
      'aria-label': say('Call stacks by {measure}. Arrow keys walk, Enter zooms in, Backspace out. The table below says the same.', { measure: model.metrics[metric] }), onkeydown: walk },
    boxes.map((box) => frameOf(box, height, levels)));
    const focused = holder.contains(document.activeElement);
    holder.replaceChildren(plot);
    if (focused)
      plot.focus({ preventScroll: true });
    mark();
  }

  return {
    figure, reset, start: () => drawForWidth(holder, draw),
    setMetric(value) {
      metric = value;
      reset.hidden = root === model.flame[0];
      draw();
    },
    setQuery(value) {
      query = value.trim().toLowerCase();
      draw();
    },
  };
}
