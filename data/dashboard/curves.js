// SPDX-License-Identifier: MIT OR Apache-2.0
// Curves over time, drawn as SVG: sparklines of cards, and what lanes and the strip share: an axis, the line at
// the cursor's moment, and the pointer that moves it or draws a range.

import { svg } from './dom.js';
import { say } from './words.js';
import { axisTime, bytes, rate, time } from './format.js';
import { binAt, curvePaths, timeTicks } from './plot.js';
import { greatest } from './series.js';
import { spanOf } from './range.js';

const LEAST_DRAG_PX = 4;

// Processor share is a thin line over the memory, on its own scale: 100 % of a core, or more if it was more.
export function sparkline(values, width, height, cpu = null) {
  const paths = curvePaths(values, Math.max(...values, 0), width, height);
  const line = cpu && curvePaths(cpu, Math.max(100, greatest(cpu) ?? 0), width, height);

  return svg('svg', { class: 'spark', viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    svg('path', { class: 'area', d: paths.area }), svg('path', { class: 'curve', d: paths.curve }),
    line && svg('path', { class: 'cpu-line', d: line.curve }));
}

export function timeAxis(model, range, width, y) {
  const { from, to } = spanOf(model, range), list = timeTicks(from, to, Math.max(2, Math.floor(width / 140)));

  return list.map((t) => {
    const x = to > from ? (t - from) / (to - from) * width : 0, atEnd = x > width - 40;
    return svg('text', { x: atEnd ? width : x, y, 'text-anchor': atEnd ? 'end' : x < 8 ? 'start' : 'middle' }, axisTime(t, Math.max(to, 1), (list[1] ?? to) - list[0]));
  });
}

export function momentText(model, bin) {
  const { from, step } = spanOf(model, null), start = from + bin * step;
  const values = { time: time(start, from + model.window.length), live: bytes(model.live[bin]) };

  return step > 0 ? say('{time}: {live} live, {rate} allocated', { ...values, rate: rate(model.allocated[bin] / (step / 1e9)) }) : say('{time}: {live} live', values);
}

// Lets `node`, a plot of `range` of the recording, move the shared cursor and, by dragging, choose a range.
export function drivePlot(node, model, state, range, cover) {
  const { a, b } = spanOf(model, range), n = b - a;
  const values = { role: 'slider', 'aria-valuemin': a, 'aria-valuemax': b - 1, 'aria-valuenow': a, 'aria-valuetext': momentText(model, a) };
  let from = null;

  for (const [name, value] of Object.entries(values))
    node.setAttribute(name, value);

  const at = (event) => {
    const box = node.getBoundingClientRect();
    return Math.max(0, Math.min(1, (event.clientX - box.left) / box.width));
  };
  const chosen = (event) => [from, at(event)].sort((x, y) => x - y);
  const isDrag = (event) => from !== null && Math.abs(at(event) - from) * node.getBoundingClientRect().width > LEAST_DRAG_PX;
  node.addEventListener('pointerdown', (event) => {
    if (event.button === 0 && event.pointerType !== 'touch') {
      from = at(event);
      node.setPointerCapture?.(event.pointerId);
    }
  });
  node.addEventListener('pointermove', (event) => {
    state.set({ cursor: a + binAt(at(event), n, 1) });
    if (cover)
      cover(isDrag(event) ? chosen(event) : null);
  });
  node.addEventListener('pointerup', (event) => {
    if (isDrag(event)) {
      const [x, y] = chosen(event), start = Math.min(b - 1, a + Math.floor(x * n)), end = Math.max(start + 1, a + Math.ceil(y * n));
      event.stopPropagation();
      state.set({ range: start === 0 && end === model.bins ? null : [start, end] });
    }
    from = null;
    cover?.(null);
  });
  node.addEventListener('pointercancel', () => (from = null));
  node.addEventListener('pointerleave', () => state.set({ cursor: null }));
  node.addEventListener('keydown', (event) => {
    const now = state.get().cursor ?? Math.floor((a + b) / 2);
    const steps = { ArrowLeft: -1, ArrowRight: 1, PageUp: -16, PageDown: 16, Home: -model.bins, End: model.bins };
    if (!(event.key in steps))
      return;
    event.preventDefault();
    const bin = Math.max(a, Math.min(b - 1, now + steps[event.key]));
    state.set({ cursor: bin });
    node.setAttribute('aria-valuenow', bin);
    node.setAttribute('aria-valuetext', momentText(model, bin));
  });
}

// The line at the cursor's moment, with its reading from `read` where there is one; moved in place, so that
// nothing is redrawn under the pointer.
export function cursorLine(model, state, range, width, height, read) {
  const { a, b } = spanOf(model, range);
  const line = svg('line', { class: 'cursor', y1: 0, y2: height });
  const text = svg('text', { class: 'strong', y: 11 });
  const node = svg('g', {}, line, read ? text : null);

  const update = () => {
    const { cursor } = state.get(), inside = cursor !== null && cursor >= a && cursor < b;
    node.setAttribute('visibility', inside ? 'visible' : 'hidden');
    if (!inside)
      return;
    const x = (cursor - a + 0.5) / (b - a) * width, left = x > width / 2;
    line.setAttribute('x1', x);
    line.setAttribute('x2', x);
    text.setAttribute('x', left ? x - 6 : x + 6);
    text.setAttribute('text-anchor', left ? 'end' : 'start');
    if (read)
      text.textContent = read(cursor);
  };
  update();
  return { node, update };
}
