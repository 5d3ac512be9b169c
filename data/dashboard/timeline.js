// SPDX-License-Identifier: MIT OR Apache-2.0
// Resource Timeline: lanes over the same time axis.  Live memory and allocation rate of the process
// (and of the focused thread), the threads' lives, and in words what was not measured.

import { el, svg, missing, nameOf } from './dom.js';
import { bytes, count, plural, rate, time } from './format.js';
import { binX, curvePaths, ticks } from './plot.js';
import { cursorLine, driveCursor, timeAxis } from './curves.js';

const LIFE_PX = 15;

function lane(label, small, ...content) {
  return el('div', { class: 'lane' }, el('div', {}, el('h2', {}, label), el('small', {}, small)), el('div', {}, ...content));
}

function curveGroup(values, most, width, height, role) {
  const paths = curvePaths(values, most, width, height);
  return svg('g', { class: role ? `r-${role}` : null }, svg('path', { class: 'area', d: paths.area }), svg('path', { class: 'curve', d: paths.curve }));
}

// Of threads, and of the process over time.
function correlationOf({ correlation: c }) {
  const sentence = (what, r) => {
    if (!r.available)
      return missing(what, r.reason);
    const range = r.interval_low === null ? r.reasons.interval_low : `95\u00a0%: ${r.interval_low.toFixed(2)} to ${r.interval_high.toFixed(2)}`;
    return el('p', {}, `${what}: Pearson r ${r.pearson.toFixed(2)} (${range}), Spearman ${r.spearman.toFixed(2)}.`);
  };
  return [sentence(c.available ? `Of ${plural(c.n, 'thread')}` : 'Of threads', c),
    sentence(c.over_time.process.available ? `Over time, ${plural(c.over_time.process.n, 'sample')}` : 'Over time', c.over_time.process)];
}

// What was sampled of the machine and the process, in one line for each lane.
function sampledOf({ system: s, process: p }) {
  const share = (v) => (v === null ? '–' : `${v.toFixed(1)}\u00a0%`), amount = (v) => (v === null ? '–' : bytes(v));
  return {
    system_cpu: () => `${share(s.cpu_percent)} of ${s.processors === null ? 'the processors' : plural(s.processors, 'processor')} busy; this process: ${share(p.cpu_percent)} of one core`,
    io_operations: () => `${plural(p.io_operations, 'call')} that read ${amount(p.io_read_bytes)} and wrote ${amount(p.io_write_bytes)}`,
    network: () => (p.connections === null ? `${rate(s.network_sent_bytes_per_second)} sent by the machine`
      : `${plural(p.connections, 'connection')}, ${amount(p.tcp_sent_bytes)} sent, ${amount(p.tcp_received_bytes)} received`),
    gpu: () => (s.gpu_busy_percent === null ? `${share(p.gpu_busy_percent)} of the time busy with this process` : `${share(s.gpu_busy_percent)} busy`),
  };
}

export function createTimeline(panel, model, state, actions) {
  let cursors = [];
  const duration = model.trace.duration_ns;

  function plotOf(values, own, most, print, height, width, thread, label, mark) {
    const cursor = cursorLine(model, state, width, height, mark);
    const grid = ticks(most, 3).slice(1).filter((v) => v <= most);
    const y = (v) => height - v / most * (height - 1);
    const plot = svg('svg', { height, viewBox: `0 0 ${width} ${height}`, tabindex: '0', 'aria-label': label },
      svg('rect', { width, height, fill: 'transparent' }),
      grid.map((v) => svg('line', { class: 'gridline', x1: 0, x2: width, y1: y(v), y2: y(v) })),
      curveGroup(values, most, width, height, null),
      own && curveGroup(own, most, width, height, thread.group),
      svg('line', { class: 'base', x1: 0, x2: width, y1: height, y2: height }),
      grid.map((v) => svg('text', { x: 4, y: y(v) + 12 }, print(v))));
    cursors.push(cursor);
    plot.append(cursor.node);
    driveCursor(plot, model, state);
    return plot;
  }

  function livePlot(width, thread) {
    const height = 150, most = Math.max(...model.live, 0);
    const plot = plotOf(model.live, thread?.detail?.live, most, bytes, height, width, thread,
      `Live bytes of the process, at most ${bytes(model.totals.peak_bytes)} at ${time(model.totals.peak_time_ns, duration)}`, true);
    if (most > 0) {
      // The bin in which the curve is highest is the one the peak lies in.
      const x = binX(model.live.indexOf(most), model.bins, width), left = x > width / 2;
      plot.append(svg('line', { class: 'peak', x1: x, x2: x, y1: 0, y2: height }),
        svg('text', { x: left ? x - 6 : x + 6, y: height - 8, 'text-anchor': left ? 'end' : 'start' }, `peak ${time(model.totals.peak_time_ns, duration)}`));
    }
    return plot;
  }

  function lives(width) {
    const list = model.threads.filter((t) => t.card && t.tracked);
    const scale = (ns) => (duration > 0 ? ns / duration * width : 0);
    const { thread: focus } = state.get();
    const plot = svg('svg', { class: 'lives', height: list.length * LIFE_PX, viewBox: `0 0 ${width} ${Math.max(1, list.length * LIFE_PX)}`, role: 'img',
      'aria-label': 'The lives of the heaviest threads; the same is in the table of Thread Performance Details' });
    const blocks = 96, group = model.bins / blocks;

    list.forEach((t, i) => {
      const x = scale(t.start_ns), end = Math.max(x + 2, scale(t.start_ns + t.life_ns)), y = i * LIFE_PX + 2, live = t.detail?.live ?? [], most = Math.max(...live, 0);
      const g = svg('g', { class: `r-${t.group}${focus !== null && focus !== t.id ? ' faded' : ''}`, onclick: () => actions.toggle(t.id) },
        svg('title', {}, `${t.name}: ${bytes(t.peak_bytes)} at its peak`),
        svg('rect', { x, y, width: end - x, height: LIFE_PX - 4, rx: 3, fill: 'var(--role)', opacity: 0.16 }));
      for (let b = 0; most > 0 && b < blocks; b++) {
        const v = Math.max(...live.slice(Math.floor(b * group), Math.floor((b + 1) * group)));
        if (v > 0)
          g.append(svg('rect', { x: b / blocks * width, y, width: width / blocks + 0.3, height: LIFE_PX - 4, fill: 'var(--role)', opacity: (0.1 + 0.65 * v / most).toFixed(2) }));
      }
      const name = Array.from(t.name).slice(0, 32).join('');
      g.append(svg('text', { x: Math.min(x + 5, width - 120), y: y + 9 }, name));
      plot.append(g);
    });
    return plot;
  }

  function draw() {
    const full = panel.clientWidth || 960;
    const width = Math.max(240, full - (full > 964 ? 162 : 0));
    const thread = model.byId.get(state.get().thread);
    const seconds = duration / model.bins / 1e9;
    const speed = (list) => list.map((v) => (seconds > 0 ? v / seconds : 0));
    const most = Math.max(...speed(model.allocated), 0);
    const sampled = sampledOf(model.resources);
    const others = Object.entries({ 'Processor cores': 'system_cpu', 'I/O': 'io_operations', Network: 'network', GPU: 'gpu' });
    const cut = model.nThreads - model.threads.filter((t) => t.card && t.tracked).length;

    cursors = [];
    panel.replaceChildren(
      lane('Live memory', [`process, max ${bytes(model.totals.peak_bytes)}`, thread?.detail && [el('br'), nameOf(thread.name), ` in colour, max ${bytes(thread.peak_bytes)}`]], livePlot(width, thread)),
      lane('Allocation rate', `max ${rate(most)}`, plotOf(speed(model.allocated), thread?.detail && speed(thread.detail.allocated), most, rate, 70, width, thread,
        `Allocation rate of the process, at most ${rate(most)}`, false)),
      ...others.map(([label, key]) => (model.notMeasured[key] === undefined ? lane(label, 'over the recording', el('p', {}, sampled[key]()))
        : lane(label, 'not measured', el('p', { class: 'missing' }, model.notMeasured[key])))),
      lane('Threads', `life, name, live bytes${cut > 0 ? `; ${plural(cut, 'more thread')} in the table` : ''}`, lives(width)),
      el('div', { class: 'lane axis' }, el('div'), el('div', {}, svg('svg', { height: 18, viewBox: `0 0 ${width} 18`, 'aria-hidden': 'true' }, timeAxis(duration, width, 13)))),
      el('section', { class: 'panel' }, el('h2', {}, 'Correlation of processor time and allocation rate'), correlationOf(model)));
  }

  state.subscribe((s, changed) => {
    if (s.tab !== 'timeline')
      return;
    if (changed.has('thread') || changed.has('tab'))
      draw();
    else if (changed.has('cursor'))
      cursors.forEach((c) => c.update());
  });
  new ResizeObserver(() => panel.clientWidth > 0 && draw()).observe(panel);
  addEventListener('beforeprint', draw);
}
