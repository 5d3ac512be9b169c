// SPDX-License-Identifier: MIT OR Apache-2.0
// The strip at the bottom: live bytes of the whole recording, and the range that everything above is of, with
// a handle at each end.  Handles are sliders for the keyboard; dragging over the strip draws a new range.

import { byId, drawForWidth, el, svg } from './dom.js';
import { say } from './words.js';
import { bytes, time } from './format.js';
import { curvePaths } from './plot.js';
import { cursorLine, drivePlot, momentText, timeAxis } from './curves.js';
import { spanOf } from './range.js';

const HEIGHT = 40, AXIS = 18;

const stripLabel = (model) => (model.recorded ? say('Live bytes of the process over {length}, at most {bytes}. Arrow keys read it moment by moment.', { length: time(model.window.length), bytes: bytes(model.totals.peak_bytes) })
  : say('The recording, {length} long; its memory was not recorded', { length: time(model.window.length) }));

function createHandle(model, state, side) {
  const edge = () => spanOf(model, state.get().range)[side === 'start' ? 'a' : 'b'];
  const move = (bin) => {
    let { a, b } = spanOf(model, state.get().range);
    if (side === 'start')
      a = Math.max(0, Math.min(b - 1, bin));
    else
      b = Math.max(a + 1, Math.min(model.bins, bin));
    state.set({ range: a === 0 && b === model.bins ? null : [a, b] });
  };
  const node = el('div', { class: `handle ${side}`, role: 'slider', tabindex: '0', 'aria-label': side === 'start' ? say('Start of the range') : say('End of the range'), 'aria-valuemin': 0, 'aria-valuemax': model.bins,
    onkeydown: (event) => {
      const step = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageUp: 16, PageDown: -16, Home: -model.bins, End: model.bins }[event.key];
      if (step === undefined)
        return;
      event.preventDefault();
      move(edge() + step);
    },
    onpointerdown: (event) => {
      event.preventDefault();
      node.focus();
      node.setPointerCapture(event.pointerId);
    },
    onpointermove: (event) => {
      if (!node.hasPointerCapture(event.pointerId))
        return;
      const box = node.parentElement.querySelector('svg').getBoundingClientRect();
      move(Math.round((event.clientX - box.left) / box.width * model.bins));
    } });

  return { node, place() {
    const { from, step } = spanOf(model, null), bin = edge();
    node.style.left = `calc(var(--edge) + (100% - 2 * var(--edge)) * ${bin / model.bins})`;
    node.setAttribute('aria-valuenow', bin);
    node.setAttribute('aria-valuetext', time(from + bin * step, from + model.window.length));
  } };
}

export function createStrip(model, state) {
  const strip = byId('strip'), holder = el('div');
  const handles = ['start', 'end'].map((side) => createHandle(model, state, side));
  const most = Math.max(...model.live, 0);
  let cursor = null;

  function draw() {
    const width = Math.max(200, holder.clientWidth);
    const thread = model.byId.get(state.get().thread);
    const whole = curvePaths(model.live, most, width, HEIGHT);
    const own = thread?.detail ? curvePaths(thread.detail.live, most, width, HEIGHT) : null;
    const { range } = state.get(), { a, b } = spanOf(model, range), x = (bin) => bin / model.bins * width;
    const drawn = svg('rect', { class: 'chosen', y: 0, height: HEIGHT, visibility: 'hidden' });
    const plot = svg('svg', {
      height: HEIGHT + AXIS, viewBox: `0 0 ${width} ${HEIGHT + AXIS}`, tabindex: '0',
      'aria-label': stripLabel(model),
    },
    svg('rect', { width, height: HEIGHT + AXIS, fill: 'transparent' }),
    svg('path', { class: 'area', d: whole.area }), svg('path', { class: 'curve', d: whole.curve }),
    own && svg('g', { class: `r-${thread.group}` }, svg('path', { class: 'area', d: own.area }), svg('path', { class: 'curve', d: own.curve })),
    range && [svg('rect', { class: 'outside', x: 0, y: 0, width: x(a), height: HEIGHT }), svg('rect', { class: 'outside', x: x(b), y: 0, width: width - x(b), height: HEIGHT }),
      svg('rect', { class: 'chosen', x: x(a), y: 0, width: x(b) - x(a), height: HEIGHT })],
    drawn, svg('line', { class: 'base', x1: 0, x2: width, y1: HEIGHT, y2: HEIGHT }), timeAxis(model, null, width, HEIGHT + 14));

    cursor = cursorLine(model, state, null, width, HEIGHT, (bin) => momentText(model, bin));
    plot.append(cursor.node);
    drivePlot(plot, model, state, null, (chosen) => {
      drawn.setAttribute('visibility', chosen ? 'visible' : 'hidden');
      if (chosen) {
        drawn.setAttribute('x', chosen[0] * width);
        drawn.setAttribute('width', (chosen[1] - chosen[0]) * width);
      }
    });
    const focused = holder.contains(document.activeElement);
    holder.replaceChildren(plot);
    if (focused)
      plot.focus({ preventScroll: true });
    strip.classList.toggle('ranged', range !== null);
    for (const handle of handles)
      handle.place();
  }

  strip.append(holder);
  if (model.window.length > 0)
    strip.append(...handles.map((handle) => handle.node));
  state.subscribe((_, changed) => {
    if (changed.has('thread') || changed.has('range'))
      draw();
    else if (changed.has('cursor'))
      cursor.update();
  });
  drawForWidth(holder, draw);
}
