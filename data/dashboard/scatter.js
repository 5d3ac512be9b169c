// SPDX-License-Identifier: MIT OR Apache-2.0
// Do threads that compute more allocate more?  Processor share against allocation rate, coloured by I/O: a point
// a thread, or a point a stretch of time of the focused thread (else of the process).  Beside it what the points
// say: Pearson r with its interval, Spearman, the line through them, what they are busy with; or why nothing is
// said.  Figures of the whole recording are the exporter's, those of a range are worked out here.

import { drawForWidth, el, svg, announce } from './dom.js';
import { decimals, ofData, say, sayIn } from './words.js';
import { bytes, count, rate, sayCount, share } from './format.js';
import { correlate, patternOf } from './statistics.js';
import { scatterLayout } from './plot.js';
import { spanOf, threadIn } from './range.js';

const SHADES = 8, RADIUS = 4.5;
const PATTERNS = { idle: sayIn('pattern', 'Idle'), compute_intensive: sayIn('pattern', 'Compute-intensive'), data_movement: sayIn('pattern', 'Data movement'), mixed: sayIn('pattern', 'Mixed') };
const REASONS = {
  'fewer than eight points': say('fewer than eight points'), 'a value is not finite': say('a value is not finite'), 'a figure hardly varies': say('a figure hardly varies'),
  'the first figure does not vary': say('the first figure does not vary'), 'the second figure does not vary': say('the second figure does not vary'),
  'the points stand for fewer than ten independent ones: too few for an interval': say('the points stand for fewer than ten independent ones: too few for an interval'),
};
const reasonOf = (text) => REASONS[text] ?? ofData(text);
const nOf = (of, n) => (of === 'thread' ? sayCount('{n} thread', '{n} threads', n) : sayCount('{n} sample', '{n} samples', n));
const sign = (v) => (v < 0 ? '−' : '+');
const r2 = (v) => `${v < 0 ? '−' : ''}${decimals(Math.abs(v), 2)}`;

function card(label, big, ...small) {
  return el('div', { class: big === null ? 'tile unmeasured' : 'tile' }, el('span', {}, label), el('b', {}, big ?? '–'), small.map((text) => el('small', {}, text)));
}

// What is drawn now: points {id?, cpu, rate, io, pattern}, what they are, and what they say together.
function cloudOf(model, { range, thread }, mode) {
  const { a, b } = spanOf(model, range), patterned = (p) => ({ ...p, pattern: p.pattern ?? patternOf(p.cpu, p.rate, model.patternLimits) });
  const said = (points, inTime) => correlate(points.map((p) => p.cpu), points.map((p) => p.rate), inTime);
  if (mode === 'threads') {
    const points = range === null ? model.points
      : model.points.map((p) => threadIn(model, model.byId.get(p.id), range)).filter((t) => t.life_ns > 0 && t.cpu_percent !== null && t.rate !== null)
        .map((t) => patterned({ id: t.id, cpu: t.cpu_percent, rate: t.rate, io: t.io_operations }));
    return { points, of: 'thread', says: range === null ? model.correlation : said(points, false) };
  }
  const all = model.samples.of.get(thread ?? -1) ?? [], points = all.filter((p) => p.at * model.bins >= a && p.at * model.bins < b).map(patterned);
  const { over_time: time } = model.correlation, whole = thread === null ? time.process : time.threads.find((t) => t.thread_id === thread);
  return { points, of: 'sample', says: range === null && whole ? whole : said(points, true) };
}

function cards(model, { points, of, says }) {
  const mean = (key) => points.reduce((sum, p) => sum + p[key], 0) / points.length;
  if (!says.available)
    return [card(say('Pearson r'), null, say('Nothing is said: {reason}.', { reason: reasonOf(says.reason) }), nOf(of, says.n))];
  const interval = says.interval_low === null ? say('no interval: {reason}', { reason: reasonOf(says.reasons.interval_low) })
    : say('{level}: {low} to {high}', { level: '95\u00a0%', low: r2(says.interval_low), high: r2(says.interval_high) });
  const pattern = patternOf(mean('cpu'), mean('rate'), model.patternLimits), alike = points.filter((p) => p.pattern === pattern).length;
  return [
    card(say('Pearson r'), r2(says.pearson), interval, say('n = {n}, effective {effective}', { n: count(says.n), effective: count(says.effective_n) })),
    card(say('Spearman ρ'), r2(says.spearman), say('of the ranks: outliers weigh less')),
    card(say('Trend'), `${sign(says.slope)}${rate(Math.abs(says.slope))}`, say('for each percent of processor')),
    card(say('Pattern'), PATTERNS[pattern], say('on average, as of {alike} of {all}', { alike: count(alike), all: nOf(of, points.length) })),
  ];
}

export function createScatter(model, state, actions) {
  let mode = 'threads', current = 0, cloud = null;
  const holder = el('div', { class: 'plot' }), side = el('div', { class: 'side' }), said = el('p', { class: 'said note' });
  const title = el('h2'), shades = Array.from({ length: SHADES }, (_, i) => svg('rect', { class: `s${i}`, x: i * 12, y: 0, width: 12, height: 10 }));
  const least = el('span', {}, `${say('I/O calls')} 0 `), most = el('span');
  const legend = el('span', { class: 'end legend' }, least, svg('svg', { width: 12 * SHADES, height: 10, 'aria-hidden': 'true' }, shades), most);
  const modes = ['threads', 'samples'].map((key) => el('button', { type: 'button', class: 'button', 'data-mode': key, onclick: () => {
    mode = key;
    draw();
  } }, key === 'threads' ? say('Threads') : say('Samples')));
  const node = el('section', { class: 'panel scatter', 'aria-label': say('Processor share and allocation rate') },
    el('div', { class: 'tools' }, title, el('span', { class: 'segments', role: 'group', 'aria-label': say('Points') }, modes), legend), el('div', { class: 'beside' }, holder, side), said);

  const nameOfPoint = (p) => (p.id === undefined ? '' : `${model.byId.get(p.id)?.name ?? say('thread {id}', { id: p.id })}: `);
  const words = (p) => nameOfPoint(p) + [say('{percent} of a core', { percent: share(p.cpu) }), rate(p.rate), p.io !== null && sayCount('{n} I/O call', '{n} I/O calls', p.io), PATTERNS[p.pattern]].filter(Boolean).join(', ');

  function show(i) {
    current = i;
    said.textContent = cloud.points.length > 0 ? words(cloud.points[i]) : '';
    holder.querySelectorAll('.point').forEach((c) => c.classList.toggle('current', Number(c.dataset.point) === i));
  }

  function walk(event) {
    const order = cloud.points.map((_, i) => i).sort((i, j) => cloud.points[i].cpu - cloud.points[j].cpu), at = order.indexOf(current);
    const next = { ArrowRight: order[at + 1], ArrowLeft: order[at - 1], Home: order[0], End: order[order.length - 1] }[event.key];
    if (event.key === 'Enter' && cloud.points[current]?.id !== undefined)
      actions.toggle(cloud.points[current].id);
    else if (next === undefined)
      return;
    else {
      show(next);
      announce(said.textContent);
    }
    event.preventDefault();
  }

  function pointNode(p, i, layout, mostIo, focus) {
    const shade = p.io === null ? 'unknown' : `s${mostIo > 0 ? Math.round(p.io / mostIo * (SHADES - 1)) : 0}`;
    const faded = mode === 'threads' && focus !== null && focus !== p.id;
    return svg('circle', { class: `point ${shade}${faded ? ' faded' : ''}${p.id !== undefined && p.id === focus ? ' focused' : ''}`, 'data-point': i, 'data-thread-id': p.id,
      cx: layout.x(p.cpu), cy: layout.y(p.rate), r: RADIUS, onpointerenter: () => show(i), onclick: p.id === undefined ? null : () => actions.toggle(p.id) }, svg('title', {}, words(p)));
  }

  function draw() {
    const s = state.get(), thread = model.byId.get(s.thread), width = Math.max(260, holder.clientWidth || 640), height = Math.max(240, Math.min(420, width * 0.6));
    cloud = cloudOf(model, s, mode);
    current = Math.max(0, Math.min(cloud.points.length - 1, current));
    title.textContent = mode === 'threads' ? say('Processor and allocation, by thread') : thread ? say('Processor and allocation over time, {thread}', { thread: thread.name }) : say('Processor and allocation over time, the process');
    for (const button of modes)
      button.setAttribute('aria-pressed', String(button.dataset.mode === mode));
    side.replaceChildren(...cards(model, cloud));

    const mostIo = Math.max(0, ...cloud.points.map((p) => p.io ?? 0));
    legend.hidden = !cloud.points.some((p) => p.io !== null);
    most.textContent = ` ${count(mostIo)}`;
    const why = (key) => (model.recorded ? model.notMeasured[key] ?? (cloud.says.reason ? reasonOf(cloud.says.reason) : say('nothing was sampled here')) : say('allocations were not recorded'));
    if (cloud.points.length === 0) {
      holder.replaceChildren(el('p', { class: 'missing' }, mode === 'threads' ? say('No thread has both figures: {reason}', { reason: why('cpu_percent') }) : say('No samples: {reason}', { reason: why('correlation_over_time') })));
      said.textContent = '';
      return;
    }
    const layout = scatterLayout(cloud.points, cloud.says, model.patternLimits, width, height), { left, top, right, bottom } = layout;
    const plot = svg('svg', { height, viewBox: `0 0 ${width} ${height}`, tabindex: '0', role: 'application', 'aria-roledescription': say('scatter plot'), onkeydown: walk,
      'aria-label': `${nOf(cloud.of, cloud.points.length)}: ${mode === 'threads' ? say('processor share against allocation rate. Arrow keys walk the points, Enter focuses a thread; the table below says the same.') : say('processor share against allocation rate. Arrow keys walk the points.')}` },
    layout.xTicks.map((v) => [svg('line', { class: 'gridline', x1: layout.x(v), x2: layout.x(v), y1: top, y2: bottom }), svg('text', { x: layout.x(v), y: bottom + 16, 'text-anchor': 'middle' }, `${v}\u00a0%`)]),
    layout.yTicks.map((v) => [svg('line', { class: 'gridline', x1: left, x2: right, y1: layout.y(v), y2: layout.y(v) }), svg('text', { x: left - 8, y: layout.y(v) + 4, 'text-anchor': 'end' }, v === 0 ? '0' : bytes(v))]),
    svg('text', { class: 'strong', x: left + 8, y: top + 14 }, say('Allocated a second')), svg('text', { class: 'strong', x: (left + right) / 2, y: height - 4, 'text-anchor': 'middle' }, say('Processor, share of one core')),
    cloud.points.map((p, i) => pointNode(p, i, layout, mostIo, s.thread)),
    layout.trend && svg('line', { class: 'trend', ...layout.trend }));
    const focused = holder.contains(document.activeElement);
    holder.replaceChildren(plot);
    if (focused)
      plot.focus({ preventScroll: true });
    show(current);
    said.textContent = '';
  }

  state.subscribe((now, changed) => now.tab === 'threads' && ['thread', 'range', 'tab'].some((key) => changed.has(key)) && draw());
  return { node, start: () => drawForWidth(holder, draw) };
}
