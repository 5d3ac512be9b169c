// SPDX-License-Identifier: MIT OR Apache-2.0
// Curves over the whole trace, drawn as SVG: sparklines of cards, the strip at the bottom, lanes of the
// timeline.  They share one cursor, moved by pointer or by arrow keys.

import { svg, byId } from './dom.js';
import { axisTime, bytes, rate, time } from './format.js';
import { binAt, binX, curvePaths, ticks } from './plot.js';

export function sparkline(values, width, height) {
  const paths = curvePaths(values, Math.max(...values, 0), width, height);

  return svg('svg', { class: 'spark', viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    svg('path', { class: 'area', d: paths.area }), svg('path', { class: 'curve', d: paths.curve }));
}

export function timeAxis(duration, width, y) {
  const list = ticks(duration, Math.max(2, Math.floor(width / 140)));

  return list.map((t) => {
    const x = duration > 0 ? t / duration * width : 0;
    const atEnd = x > width - 40;
    return svg('text', { x: atEnd ? width : x, y, 'text-anchor': atEnd ? 'end' : x < 8 ? 'start' : 'middle' }, axisTime(t, duration, list[1] ?? duration));
  });
}

export function momentText(model, bin) {
  const start = bin / model.bins * model.trace.duration_ns;
  const seconds = model.trace.duration_ns / model.bins / 1e9;
  const speed = seconds > 0 ? `, ${rate(model.allocated[bin] / seconds)} allocated` : '';

  return `${time(start, model.trace.duration_ns)}: ${bytes(model.live[bin])} live${speed}`;
}

// Lets `node`, a plot over the whole trace, move the shared cursor.
export function driveCursor(node, model, state) {
  const move = (bin) => state.set({ cursor: bin });
  const values = { role: 'slider', 'aria-valuemin': 0, 'aria-valuemax': model.bins - 1, 'aria-valuenow': 0, 'aria-valuetext': momentText(model, 0) };

  for (const [name, value] of Object.entries(values))
    node.setAttribute(name, value);

  node.addEventListener('pointermove', (event) => {
    const box = node.getBoundingClientRect();
    move(binAt(event.clientX - box.left, model.bins, box.width));
  });
  node.addEventListener('pointerleave', () => move(null));
  node.addEventListener('keydown', (event) => {
    const now = state.get().cursor ?? Math.floor(model.bins / 2);
    const steps = { ArrowLeft: -1, ArrowRight: 1, PageUp: -16, PageDown: 16, Home: -model.bins, End: model.bins };
    if (!(event.key in steps))
      return;
    event.preventDefault();
    const bin = Math.max(0, Math.min(model.bins - 1, now + steps[event.key]));
    move(bin);
    node.setAttribute('aria-valuenow', bin);
    node.setAttribute('aria-valuetext', momentText(model, bin));
  });
}

// The line at the cursor's moment, with its reading where `reads`; moved in place, so that nothing is
// redrawn under the pointer.
export function cursorLine(model, state, width, height, reads) {
  const line = svg('line', { class: 'cursor', y1: 0, y2: height });
  const text = svg('text', { class: 'strong', y: 11 });
  const node = svg('g', {}, line, reads ? text : null);

  const update = () => {
    const { cursor } = state.get();
    node.setAttribute('visibility', cursor === null ? 'hidden' : 'visible');
    if (cursor === null)
      return;
    const x = binX(cursor, model.bins, width), left = x > width / 2;
    line.setAttribute('x1', x);
    line.setAttribute('x2', x);
    text.setAttribute('x', left ? x - 6 : x + 6);
    text.setAttribute('text-anchor', left ? 'end' : 'start');
    text.textContent = momentText(model, cursor);
  };
  update();
  return { node, update };
}

export function createStrip(model, state) {
  const strip = byId('strip');
  const most = Math.max(...model.live, 0), height = 40;
  let cursor = null;

  function draw() {
    const width = Math.max(200, strip.clientWidth - 36);
    const thread = model.byId.get(state.get().thread);
    const whole = curvePaths(model.live, most, width, height);
    const own = thread?.detail ? curvePaths(thread.detail.live, most, width, height) : null;
    const plot = svg('svg', {
      height: height + 18, viewBox: `0 0 ${width} ${height + 18}`, tabindex: '0',
      'aria-label': `Live bytes of the process over ${time(model.trace.duration_ns)}, at most ${bytes(model.totals.peak_bytes)}. Arrow keys read it moment by moment.`,
    },
    svg('rect', { width, height: height + 18, fill: 'transparent' }),
    svg('path', { class: 'area', d: whole.area }), svg('path', { class: 'curve', d: whole.curve }),
    own && svg('g', { class: `r-${thread.group}` }, svg('path', { class: 'area', d: own.area }), svg('path', { class: 'curve', d: own.curve })),
    svg('line', { class: 'base', x1: 0, x2: width, y1: height, y2: height }), timeAxis(model.trace.duration_ns, width, height + 14));

    cursor = cursorLine(model, state, width, height, true);
    plot.append(cursor.node);
    driveCursor(plot, model, state);
    strip.replaceChildren(plot);
  }

  state.subscribe((_, changed) => {
    if (changed.has('thread'))
      draw();
    else if (changed.has('cursor'))
      cursor.update();
  });
  new ResizeObserver(draw).observe(strip);
  draw();
}
