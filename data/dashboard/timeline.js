// SPDX-License-Identifier: MIT OR Apache-2.0
// Resource Timeline: lanes over the same time axis, of the chosen range.  Live memory, allocation rate, processor
// and its cores, resident memory beside the heap, I/O, network, GPU, and the threads' lives.  A gap is where
// nothing was sampled; a lane of which nothing was says why.

import { drawForWidth, el, svg, missing, nameOf } from './dom.js';
import { say, sayWith } from './words.js';
import { bytes, count, rate, sayCount, share, time } from './format.js';
import { curvePaths, ticks } from './plot.js';
import { addUp, greatest } from './series.js';
import { cursorLine, drivePlot, momentText, timeAxis } from './curves.js';
import { spanOf, zoom } from './range.js';

const LIFE_PX = 15, CORE_PX = 13, MOST_CORES = 64;
const perSecond = (v) => `${count(v)}/s`;
const orNothing = (v, print) => (v === null || v === undefined ? '–' : print(v));

function lane(label, small, ...content) {
  return el('div', { class: 'lane' }, el('div', {}, el('h2', {}, label), el('small', {}, small)), el('div', {}, ...content));
}

export function createTimeline(panel, model, state, actions) {
  let cursors = [];
  const { timeline } = model, part = (values) => {
    const { a, b } = spanOf(model, state.get().range);
    return values ? values.slice(a, b) : null;
  };

  // Those of the range that is looked at: where, from 0 to 1, and what they are called.
  function marksOf(range) {
    const { a, b, step } = spanOf(model, range), from = model.window.from + a * step, length = (b - a) * step;
    return length > 0 ? model.marks.map((m) => [(m.at - from) / length, `${m.text}, ${time(m.at)}`]).filter(([at]) => at >= 0 && at <= 1) : [];
  }

  // `curves` are [values, class], drawn in this order on one scale.
  function plotOf({ curves, most, print, height, width, label, read }) {
    const { range } = state.get(), cursor = cursorLine(model, state, range, width, height, read);
    const grid = ticks(most, height > 100 ? 3 : 2).slice(1).filter((v) => v <= most);
    const y = (v) => height - v / most * (height - 1);
    const drawn = svg('rect', { class: 'chosen', y: 0, height, visibility: 'hidden' });
    const plot = svg('svg', { height, viewBox: `0 0 ${width} ${height}`, tabindex: '0', 'aria-label': label },
      svg('rect', { width, height, fill: 'transparent' }),
      grid.map((v) => svg('line', { class: 'gridline', x1: 0, x2: width, y1: y(v), y2: y(v) })),
      curves.map(([values, name]) => {
        const paths = curvePaths(values, most, width, height);
        return svg('g', { class: name }, name === 'beside' ? null : svg('path', { class: 'area', d: paths.area }), svg('path', { class: 'curve', d: paths.curve }));
      }),
      marksOf(range).map(([at, text]) => svg('line', { class: 'mark', x1: at * width, x2: at * width, y1: 0, y2: height }, svg('title', {}, text))),
      svg('line', { class: 'base', x1: 0, x2: width, y1: height, y2: height }), drawn,
      grid.map((v) => svg('text', { x: 4, y: y(v) + 12 }, print(v))));
    cursors.push(cursor);
    plot.append(cursor.node);
    drivePlot(plot, model, state, range, (chosen) => {
      drawn.setAttribute('visibility', chosen ? 'visible' : 'hidden');
      if (chosen) {
        drawn.setAttribute('x', chosen[0] * width);
        drawn.setAttribute('width', (chosen[1] - chosen[0]) * width);
      }
    });
    return plot;
  }

  const readAt = (parts) => (bin) => parts.filter(([values]) => values).map(([values, print]) => (values[bin] === null ? say('not sampled here') : print(values[bin]))).join(', ');
  const roleOf = (thread, role) => (thread ? '' : `r-${role}`);
  const unmeasured = (label, key) => lane(label, say('not measured'), el('p', { class: 'missing' }, model.notMeasured[key] ?? model.notMeasured.resource_timeline ?? say('nothing of it was sampled')));
  const notRecorded = (label) => lane(label, say('not recorded'), el('p', { class: 'missing' }, say('allocations were not recorded')));

  function liveLane(width, thread) {
    if (!model.recorded)
      return notRecorded(say('Live memory'));
    if (model.noLive)
      return lane(say('Live memory'), say('not measured'), el('p', { class: 'missing' }, model.noLive));
    const height = 150, live = part(model.live), most = Math.max(...live, 0), { a, b } = spanOf(model, state.get().range);
    const whole = a === 0 && b === model.bins, at = live.indexOf(most), x = (at + 0.5) / live.length * width, left = x > width / 2;
    const plot = plotOf({ curves: [[live, roleOf(thread, 'memory_intensive')], thread?.detail && [part(thread.detail.live), `r-${thread.group}`]].filter(Boolean),
      most, print: bytes, height, width, read: (bin) => momentText(model, bin), label: say('Live bytes of the process, at most {bytes}', { bytes: bytes(whole ? model.totals.peak_bytes : most) }) });

    if (most > 0)
      plot.append(svg('line', { class: 'peak', x1: x, x2: x, y1: 0, y2: height }),
        svg('text', { x: left ? x - 6 : x + 6, y: height - 8, 'text-anchor': left ? 'end' : 'start' }, whole ? say('peak {time}', { time: time(model.totals.peak_time_ns, model.window.from + model.window.length) }) : say('highest here')));
    const max = { max: bytes(whole ? model.totals.peak_bytes : most) };
    return lane(say('Live memory'), [model.part === null ? say('process, max {max}', max) : say('this part, max {max}', max),
      thread?.detail && [el('br'), sayWith('{thread} in colour, max {max}', { thread: nameOf(thread.name), max: bytes(Math.max(...part(thread.detail.live))) })]], plot);
  }

  function rateLane(width, thread) {
    if (!model.recorded)
      return notRecorded(say('Allocation rate'));
    const { step } = spanOf(model, null), speed = (list) => list.map((v) => (step > 0 ? v / (step / 1e9) : 0));
    const values = speed(part(model.allocated)), most = Math.max(...values, 0);
    return lane(say('Allocation rate'), say('max {max} over {time}', { max: rate(most), time: time(step) }), plotOf({ curves: [[values, roleOf(thread, 'memory_intensive')], thread?.detail && [speed(part(thread.detail.allocated)), `r-${thread.group}`]].filter(Boolean),
      most, print: rate, height: 64, width, label: say('Allocation rate of the process, at most {rate} over {time}', { rate: rate(most), time: time(step) }) }));
  }

  function processorLane(width, thread) {
    const values = part(timeline.cpu);
    if (!values)
      return unmeasured(say('Processor'), 'cpu_percent');
    const most = Math.max(greatest(values) ?? 0, 0.1);
    return lane(say('Processor'), [say('max {max} of one core', { max: share(most) }), thread?.cpu && [el('br'), sayWith('{thread} max {max}', { thread: nameOf(thread.name), max: orNothing(greatest(part(thread.cpu)), share) })]],
      plotOf({ curves: [[values, roleOf(thread, 'cpu_intensive')], thread?.cpu && [part(thread.cpu), `r-${thread.group}`]].filter(Boolean), most, print: share, height: 56, width,
        read: readAt([[timeline.cpu, share]]), label: say('Processor share of the process, at most {share} of one core', { share: share(most) }) }));
  }

  function coresLane(width) {
    const cores = timeline.processors.filter((core) => core.series[0]).slice(0, MOST_CORES);
    if (cores.length === 0)
      return unmeasured(say('Cores'), 'system_cpu');
    const row = Math.max(4, Math.min(CORE_PX, 180 / cores.length)), height = cores.length * row;
    const plot = svg('svg', { class: 'cores', height, viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': say('How busy each of {n} processors of the machine was, over time', { n: count(cores.length) }) });
    cores.forEach((core, i) => {
      const values = part(core.series[0]), n = values.length;
      for (let from = 0, to; from < n; from = to) {
        for (to = from + 1; to < n && values[to] === values[from]; to++)
          continue;
        if (values[from] !== null)
          plot.append(svg('rect', { x: from / n * width, y: i * row, width: (to - from) / n * width + 0.3, height: row - 1, opacity: (values[from] / 100).toFixed(2) }));
      }
      plot.append(svg('rect', { class: 'hit', x: 0, y: i * row, width, height: row - 1 }, svg('title', {}, say('processor {number}: at most {share}', { number: core.name, share: orNothing(greatest(values), share) }))));
    });
    const mean = part(timeline.machine), known = mean ? mean.filter((v) => v !== null) : [];
    const words = sayCount('{n} core of the machine', '{n} cores of the machine', cores.length);
    return lane(say('Cores'), known.length > 0 ? `${words}, ${say('mean {share}', { share: share(known.reduce((x, y) => x + y, 0) / known.length) })}` : words, plot);
  }

  function residentLane(width) {
    const resident = part(timeline.resident), live = part(model.live);
    if (!resident)
      return unmeasured(say('Resident memory'), 'resource_timeline');
    const most = Math.max(greatest(resident) ?? 0, ...live), { recorded } = model;
    return lane(say('Resident memory'), [say('RSS max {max}', { max: orNothing(greatest(resident), bytes) }), recorded && [el('br'), say('line: live, max {max}', { max: bytes(Math.max(...live, 0)) })]],
      plotOf({ curves: [[resident, 'r-memory_intensive'], recorded && [live, 'beside']].filter(Boolean), most, print: bytes, height: 64, width,
        read: readAt([[timeline.resident, (v) => say('{bytes} resident', { bytes: bytes(v) })], [recorded && model.live, (v) => say('{bytes} live', { bytes: bytes(v) })]]),
        label: recorded ? say('Resident memory beside live bytes, at most {bytes}', { bytes: bytes(most) }) : say('Resident memory, at most {bytes}', { bytes: bytes(most) }) }));
  }

  function ioLane(width, thread) {
    const values = part(timeline.io_operations);
    if (!values)
      return unmeasured(say('I/O calls'), 'io_operations');
    const most = greatest(values) ?? 0;
    return lane(say('I/O calls'), [say('max {max}', { max: perSecond(most) }), el('br'), say('read max {read}, written max {written}', { read: orNothing(greatest(part(timeline.read) ?? []), rate), written: orNothing(greatest(part(timeline.written) ?? []), rate) })],
      plotOf({ curves: [[values, roleOf(thread, 'io_intensive')], thread?.io && [part(thread.io), `r-${thread.group}`]].filter(Boolean), most, print: perSecond, height: 56, width,
        read: readAt([[timeline.io_operations, perSecond], [timeline.read, (v) => say('{rate} read', { rate: rate(v) })], [timeline.written, (v) => say('{rate} written', { rate: rate(v) })]]), label: say('Calls that read or write, at most {rate}', { rate: perSecond(most) }) }));
  }

  function networkLane(width) {
    const received = part(timeline.received), sent = part(timeline.sent);
    if (!received || !sent)
      return unmeasured(say('Network'), 'network');
    const most = Math.max(greatest(received) ?? 0, greatest(sent) ?? 0);
    return lane(say('Network'), [timeline.networkOf === 'process' ? say('TCP of the process, in max {max}', { max: orNothing(greatest(received), rate) }) : say('of the machine, without loopback, in max {max}', { max: orNothing(greatest(received), rate) }),
      el('br'), say('line: out, max {max}', { max: orNothing(greatest(sent), rate) })],
      plotOf({ curves: [[received, 'r-io_intensive'], [sent, 'beside']], most, print: rate, height: 44, width,
        read: readAt([[timeline.received, (v) => say('{rate} in', { rate: rate(v) })], [timeline.sent, (v) => say('{rate} out', { rate: rate(v) })]]), label: say('Network, at most {rate}', { rate: rate(most) }) }));
  }

  function gpuLane(width) {
    const engines = timeline.engines.map((e) => e.series[0]).filter(Boolean), cards = timeline.gpus.map((g) => g.series[0]).filter(Boolean);
    const whole = engines.length > 0 ? addUp(engines) : cards.length > 0 ? addUp(cards) : null;
    if (!whole)
      return unmeasured(say('GPU'), 'gpu');
    const values = part(whole), most = Math.max(greatest(values) ?? 0, 0.1);
    return lane(say('GPU'), `${engines.length > 0 ? say('engines, by this process') : sayCount('{n} card', '{n} cards', cards.length)}, ${say('max {max}', { max: share(most) })}`,
      plotOf({ curves: [[values, 'r-balanced']], most, print: share, height: 44, width, read: readAt([[whole, share]]), label: say('GPU, at most {share} busy', { share: share(most) }) }));
  }

  function lives(width) {
    const { range, thread: focus } = state.get(), { a, b, from, to } = spanOf(model, range);
    const shown = (t) => t.card && (t.tracked || !model.recorded);
    const list = model.threads.filter((t) => shown(t) && t.start_ns < Math.max(to, from + 1) && t.start_ns + t.life_ns >= from);
    const scale = (ns) => (to > from ? Math.max(0, Math.min(1, (ns - from) / (to - from))) * width : 0);
    const plot = svg('svg', { class: 'lives', height: list.length * LIFE_PX, viewBox: `0 0 ${width} ${Math.max(1, list.length * LIFE_PX)}`, role: 'img',
      'aria-label': say('The lives of the heaviest threads; the same is in the table of Thread Performance Details') });
    const blocks = Math.min(96, b - a), group = (b - a) / blocks;

    list.forEach((t, i) => {
      const x = scale(t.start_ns), end = Math.max(x + 2, scale(t.start_ns + t.life_ns)), y = i * LIFE_PX + 2, live = t.detail?.live ?? [], most = Math.max(...live, 0);
      const g = svg('g', { class: `r-${t.group}${focus !== null && focus !== t.id ? ' faded' : ''}`, 'data-thread-id': t.id, onclick: () => actions.toggle(t.id) },
        svg('title', {}, t.peak_bytes === null || !t.tracked ? t.name : say('{thread}: {bytes} at its peak', { thread: t.name, bytes: bytes(t.peak_bytes) })),
        svg('rect', { x, y, width: end - x, height: LIFE_PX - 4, rx: 3, fill: 'var(--role)', opacity: 0.16 }));
      for (let k = 0; most > 0 && k < blocks; k++) {
        const v = Math.max(...live.slice(a + Math.floor(k * group), Math.max(a + Math.floor((k + 1) * group), a + Math.floor(k * group) + 1)));
        if (v > 0)
          g.append(svg('rect', { x: k / blocks * width, y, width: width / blocks + 0.3, height: LIFE_PX - 4, fill: 'var(--role)', opacity: (0.1 + 0.65 * v / most).toFixed(2) }));
      }
      const name = Array.from(t.name).slice(0, 32).join('');
      g.append(svg('text', { x: Math.min(x + 5, width - 120), y: y + 9 }, name));
      plot.append(g);
    });
    const cut = model.nThreads - model.threads.filter(shown).length;
    return lane(say('Threads'), [model.recorded ? say('life, name, live bytes') : say('life, name'), cut > 0 && [el('br'), sayCount('{n} more thread in the table', '{n} more threads in the table', cut)]],
      list.length > 0 ? plot : missing(say('Threads'), model.threads.length === 0 ? say('the recording has none') : say('none of those drawn lived in this range')));
  }

  const zoomBy = (factor) => () => state.set({ range: zoom(model, state.get().range, factor, state.get().cursor) });
  const buttons = [['−', say('Zoom out'), zoomBy(2)], ['+', say('Zoom in'), zoomBy(0.5)], [say('Whole recording'), null, () => state.set({ range: null })]]
    .map(([text, label, onclick]) => el('button', { type: 'button', class: 'button', 'aria-label': label, title: label, onclick }, text));
  const hint = el('span', { class: 'dim' }), tools = el('div', { class: 'tools' }, hint, el('span', { class: 'end' }, buttons)), lanes = el('div', { class: 'lanes' });

  function draw() {
    const { range } = state.get(), full = panel.clientWidth || 960, span = spanOf(model, range);
    const width = Math.max(240, full - (full > 964 ? 162 : 0)), thread = model.byId.get(state.get().thread);

    cursors = [];
    buttons[0].disabled = buttons[2].disabled = range === null;
    buttons[1].disabled = span.b - span.a <= 2;
    hint.textContent = say('Drag to select a range. Steps of {step}: ranges snap to them.', { step: time(span.step) });
    lanes.replaceChildren(liveLane(width, thread), rateLane(width, thread), processorLane(width, thread), coresLane(width), residentLane(width),
      ioLane(width, thread), networkLane(width), gpuLane(width), lives(width),
      el('div', { class: 'lane axis' }, el('div'), el('div', {}, svg('svg', { height: 18, viewBox: `0 0 ${width} 18`, 'aria-hidden': 'true' }, timeAxis(model, range, width, 13)))));
  }

  panel.append(tools, lanes);
  state.subscribe((s, changed) => {
    if (s.tab !== 'timeline')
      return;
    if (changed.has('thread') || changed.has('tab') || changed.has('range'))
      draw();
    else if (changed.has('cursor'))
      cursors.forEach((c) => c.update());
  });
  panel.addEventListener('keydown', (event) => {
    if (event.key === '+' || event.key === '-')
      zoomBy(event.key === '+' ? 0.5 : 2)();
  });
  drawForWidth(panel, draw);
}
