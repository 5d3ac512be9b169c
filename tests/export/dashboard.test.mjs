// SPDX-License-Identifier: MIT OR Apache-2.0
// The dashboard's modules that need no document: node --test dashboard.test.mjs, with the folder of the
// modules in DASHBOARD_SOURCES, and in STATISTICS_FIGURES the program that says what analysis/ computes.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { execFileSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';

const load = (name) => import(pathToFileURL(`${process.env.DASHBOARD_SOURCES}/${name}`));
const format = await load('format.js');
const model = await load('model.js');
const plot = await load('plot.js');
const state = await load('state.js');
const series = await load('series.js');
const range = await load('range.js');
const statistics = await load('statistics.js');
const words = await load('words.js');

test('bytes: decimal units, chosen after rounding', () => {
  const cases = [[0, '0 B'], [999, '999 B'], [1000, '1.00 kB'], [999499, '999 kB'], [999500, '1.00 MB'], [9994999, '9.99 MB'], [9995000, '10.0 MB'],
    [18_400_000, '18.4 MB'], [1e9, '1.00 GB'], [2 ** 63, '9223 PB']];
  for (const [n, text] of cases)
    assert.equal(format.bytes(n), text.replace(' ', '\u00a0'));
});

test('counts are grouped, compact ones keep three digits', () => {
  assert.equal(format.count(15602059), '15\u202f602\u202f059');
  assert.equal(format.count(999), '999');
  assert.equal(format.count(null), '–');
  assert.equal(format.compact(99999), '99\u202f999');
  assert.equal(format.compact(610601), '611\u00a0k');
  assert.equal(format.compact(999600), '1.0\u00a0M');
  assert.equal(format.compact(4917148), '4.9\u00a0M');
});

test('time: one unit for an axis', () => {
  assert.equal(format.time(1500, 1500), '1.5\u00a0µs');
  assert.equal(format.time(0, 5e9), '0.00\u00a0s');
  assert.equal(format.time(61e9, 3000e9), '1:01\u00a0min');
  assert.equal(format.time(3661e9, 9000e9), '1:01:01\u00a0h');
  assert.equal(format.time(null), '–');
  assert.equal(format.axisTime(0, 1, 0), '0\u00a0µs');
  assert.equal(format.axisTime(2e9, 6.4e9, 1e9), '2\u00a0s');
  assert.equal(format.axisTime(5e8, 3e9, 5e8), '0.5\u00a0s');
});

test('percent says what is too small to print', () => {
  assert.equal(format.percent(1, 100000), '< 0.1\u00a0%');
  assert.equal(format.percent(0, 5), '0\u00a0%');
  assert.equal(format.percent(5, 5), '100\u00a0%');
  assert.equal(format.percent(5, 0), '–');
  assert.equal(format.partOf(5, 5), '100\u00a0%');
  assert.equal(format.partOf(103, 100), 'about all');
  assert.equal(format.partOf(1, 0), '–');
});

test('hostile text stays visible text', () => {
  assert.equal(format.visible('\u202egpj.exe'), '\ufffdgpj.exe');
  assert.equal(format.visible('\u001b[2J\u007f'), '\u241b[2J\u2421');
  assert.equal(format.visible('</script>'), '</script>');
});

test('series: differences add up again', () => {
  assert.deepEqual(model.undelta([3, 0, -2, 5]), [3, 3, 1, 6]);
  assert.deepEqual(model.unspark('0o'), [0, 1]);
});

test('sorting: what was not measured comes last, whichever way', () => {
  const rows = [{ id: 0, v: 2 }, { id: 1, v: null }, { id: 2, v: 7 }, { id: 3, v: 2 }];
  assert.deepEqual([...rows].sort(model.compareBy('v', true)).map((r) => r.id), [2, 0, 3, 1]);
  assert.deepEqual([...rows].sort(model.compareBy('v', false)).map((r) => r.id), [0, 3, 2, 1]);
});

test('a plot never has more points than columns, and keeps the peak', () => {
  const values = Array.from({ length: 1000 }, (_, i) => (i === 617 ? 99 : i % 7));
  const points = plot.decimate(values, 100);
  assert.equal(points.length, 100);
  assert.equal(Math.max(...points.map(([, v]) => v)), 99);
  assert.equal(plot.binAt(plot.binX(41, 256, 900), 256, 900), 41);
  assert.equal(plot.curvePaths([], 0, 10, 10).area, '');
});

test('ticks are round and reach the end', () => {
  assert.deepEqual(plot.ticks(10, 5), [0, 2, 4, 6, 8, 10]);
  assert.deepEqual(plot.ticks(0, 5), [0]);
  for (const most of [1e-3, 0.7, 3.3, 449e6, 7e12]) {
    const list = plot.ticks(most, 5);
    assert.ok(list.length >= 3 && list.length <= 7, `${most}: ${list}`);
    assert.ok(list[list.length - 1] <= most * 1.001);
  }
});

test('flame: children lie within their parent, heaviest first; slivers are left out', () => {
  const leaf = (peak) => ({ peak, children: [] });
  const root = { peak: 100, children: [leaf(10), { peak: 80, children: [leaf(79), leaf(0.1)] }] };
  const { boxes, levels } = plot.flameBoxes(root, 'peak', 1000, 2);
  assert.equal(levels, 3);
  assert.deepEqual(boxes.map((b) => [b.x, b.width, b.level]), [[0, 1000, 0], [0, 800, 1], [0, 790, 2], [800, 100, 1]]);
  assert.deepEqual(plot.flameBoxes({ peak: 0, children: [] }, 'peak', 100, 1).boxes, []);
});

test('histogram: bins in between that hold nothing are rows too', () => {
  const bins = [{ from: 0, n: 1 }, { from: 4, n: 7 }, { from: 8, n: 2 }];
  assert.deepEqual(plot.binRows(bins, 'from', 'n', String).map((r) => [r.label, r.n]),
    [['0', 1], ['1', 0], ['2', 0], ['4', 7], ['8', 2]]);
  assert.deepEqual(plot.binRows([], 'from', 'n', String), []);
});

// 100 stretches of 10 ms, from 1 s on.
const timed = { bins: 100, window: { from: 1e9, length: 1e9 }, byId: new Map([[3, {}]]) };

test('state tells only what changed; the address keeps it', () => {
  const s = state.createState({});
  const heard = [];
  s.subscribe((_, changed) => heard.push([...changed].join()));
  s.set({ thread: 3, tab: 'overview' });
  s.set({ thread: 3, range: [1, 4] });
  s.set({ range: [1, 4] });
  assert.deepEqual(heard, ['thread', 'range']);

  assert.equal(state.writeFragment({ tab: 'memory', thread: 3, range: [10, 25] }, timed), '#tab=memory&thread=3&range=1.1000..1.2500');
  assert.deepEqual(state.readFragment('#tab=memory&thread=3&range=1.1..1.25', timed, ['overview', 'memory']), { thread: 3, range: [10, 25], tab: 'memory' });
  assert.deepEqual(state.readFragment('#tab=x&thread=99&range=x..y', timed, ['overview']), { thread: null, range: null, tab: 'overview' });
});

test('ranges snap to stretches, and one that was written reads the same', () => {
  assert.deepEqual(range.snap(timed, 1.104e9, 1.106e9), [10, 11]);
  assert.deepEqual(range.snap(timed, 0, 9e9), null);
  assert.deepEqual(range.snap(timed, 5e9, 6e9), [99, 100]);
  assert.equal(range.snap(timed, 2e9, 1e9), null);
  assert.deepEqual(range.parseRange(timed, '1100ms..1.25s'), [10, 25]);
  assert.deepEqual(range.parseRange(timed, '..1500ms'), [0, 50]);
  for (const bad of ['', '1', '1..2..3', '-1..2', '1e3..2e3', '1..<b>', 'NaN..2'])
    assert.equal(range.parseRange(timed, bad), null, bad);
  for (const bins of [7, 100, 256])
    for (const length of [1, 999, 3053653455, 9e12]) {
      const m = { bins, window: { from: 12345, length } };
      for (const r of [[0, 1], [3, 5], [bins - 1, bins]])
        assert.deepEqual(length < bins * 2 ? r : range.parseRange(m, range.printRange(m, r)), r);
    }
});

test('zooming keeps within the recording', () => {
  assert.deepEqual(range.zoom(timed, null, 0.5), [25, 75]);
  assert.deepEqual(range.zoom(timed, null, 0.5, 2), [0, 50]);
  assert.deepEqual(range.zoom(timed, [90, 100], 2), [80, 100]);
  assert.equal(range.zoom(timed, [20, 80], 2), null);
});

test('a thread in a range: what its stretches hold, and null for what they do not', () => {
  const t = { id: 1, name: 'w', start_ns: 1.2e9, life_ns: 0.5e9, allocations: 9, peak_bytes: 50, leaked_bytes: 1, score: 3, cpu_ns: 1, group: 'balanced',
    detail: { live: Array.from({ length: 100 }, (_, i) => i), allocated: Array(100).fill(10) }, cpu: Array.from({ length: 100 }, (_, i) => (i < 20 ? null : 40)), io: Array(100).fill(100) };
  const m = { ...timed, live: t.detail.live, allocated: t.detail.allocated, timeline: { cpu: t.cpu } };
  assert.equal(range.threadIn(m, t, null), t);
  const part = range.threadIn(m, t, [10, 40]);
  assert.equal(part.peak_bytes, 39);
  assert.equal(part.allocated_bytes, 300);
  assert.equal(part.rate, 300 / 0.2);
  assert.equal(part.cpu_percent, 40);
  assert.ok(Math.abs(part.cpu_ns - 0.4 * 0.2e9) < 1);
  assert.ok(Math.abs(part.io_operations - 30) < 1e-9);
  assert.deepEqual([part.allocations, part.leaked_bytes, part.score], [null, null, null]);
  assert.equal(range.threadIn(m, { ...t, detail: null }, [10, 40]).peak_bytes, null);
  assert.equal(range.processIn(m, [10, 40]).peakBin, 39);
});

test('coded series: units, runs and gaps', () => {
  assert.deepEqual(series.uncode([10, 'AF.B!.AAA__']), [50, 50, 50, null, null, 0, 40950]);
  assert.deepEqual(series.uncode([0.01, 'Ab']), [0.27]);
  assert.equal(series.uncode(null), null);
  assert.equal(series.meanOf([null, 2, 4]), 3);
  assert.equal(series.meanOf([null]), null);
  assert.deepEqual(series.addUp([[1, null, null], [2, 3, null]]), [3, 3, null]);
});

test('a curve has no line where there is a gap', () => {
  const { curve, area } = plot.curvePaths([1, 1, null, 1], 1, 40, 10);
  assert.equal(curve.match(/M/g).length, 2);
  assert.equal(area.match(/Z/g).length, 2);
  assert.equal(plot.curvePaths([null, null], 1, 40, 10).curve, '');
});

test('correlation: known by hand; what cannot be said is refused', () => {
  const straight = statistics.correlate([1, 2, 3, 4, 5, 6, 7, 8], [3, 5, 7, 9, 11, 13, 15, 17], false);
  assert.ok(Math.abs(straight.pearson - 1) < 1e-12 && Math.abs(straight.slope - 2) < 1e-12 && Math.abs(straight.intercept - 1) < 1e-12);
  assert.equal(straight.interval_low, null);
  assert.equal(statistics.correlate([1, 2, 3, 4, 5, 6, 7], [3, 5, 7, 9, 11, 13, 15], false).available, false);
  assert.equal(statistics.correlate([1, 1, 1, 1, 1, 1, 1, 1], [1, 2, 3, 4, 5, 6, 7, 8], false).reason, 'the first figure does not vary');
  assert.deepEqual(statistics.ranks([5, 1, 5, 9]), [2.5, 1, 2.5, 4]);
  assert.equal(statistics.patternOf(40, 0, [40, 50e6, 2, 5]), 'compute_intensive');
  assert.equal(statistics.patternOf(0.1, 10, [40, 50e6, 2, 5]), 'idle');
});

test('statistics: as analysis/ has them, of noise, lines, walks, ties and what does not vary', () => {
  const { limits, cases } = JSON.parse(execFileSync(process.env.STATISTICS_FIGURES, { maxBuffer: 1e8 }));
  const keys = ['pearson', 'spearman', 'slope', 'intercept', 'effective_n', 'interval_low', 'interval_high'], reasons = new Set();
  let compared = 0, unknown = 0;
  for (const truth of cases) {
    const says = statistics.correlate(truth.x, truth.y, truth.in_time), what = `${truth.x.length} points, ${truth.in_time}`;
    assert.equal(says.available, truth.reason === null, what);
    assert.deepEqual(truth.x.map((x, i) => statistics.patternOf(x, truth.y[i], limits)), truth.patterns, what);
    if (!says.available) {
      assert.equal(says.reason, truth.reason, what);
      reasons.add(says.reason);
      continue;
    }
    for (const key of keys) {
      assert.equal(says[key] === null, truth[key] === null, `${what}: ${key}`);
      unknown += truth[key] === null;
      // An intercept may be the small difference of large ones.
      const scale = key === 'intercept' ? Math.max(...truth.y.map(Math.abs)) : Math.max(1e-6, Math.abs(truth[key]));
      assert.ok(truth[key] === null || Math.abs(says[key] - truth[key]) <= 1e-9 * scale, `${what}: ${key} ${says[key]} ${truth[key]}`);
      compared++;
    }
  }
  assert.ok(compared > 1000 && unknown > 20 && reasons.size === 2, `${compared}, ${unknown}, ${[...reasons]}`);
});

test('words: English by itself; numbers choose their form, in the page as in the sources', () => {
  assert.equal(format.sayCount('{n} block', '{n} blocks', 1), '1 block');
  assert.equal(format.sayCount('{n} block with {bytes}', '{n} blocks with {bytes}', 1200, { bytes: '3 B' }), '1\u202f200 blocks with 3 B');
  assert.deepEqual(words.sayWith('{thread} in colour, max {max}', { thread: 7, max: '3' }), [7, ' in colour, max ', '3']);
  const plural = { of: Array.from({ length: 200 }, (_, n) => (n === 1 ? 0 : n % 10 > 1 && n % 10 < 5 && (n % 100 < 10 || n % 100 > 20) ? 1 : 2)).join(''), millions: 2 };
  words.useWords({ language: 'de', plural, words: [['{n} a', '{n} b', '{n} c'], '{max} von {what}'], data: { 'it was not tracked': 'nicht verfolgt' } });
  try {
    assert.deepEqual([0, 1, 2, 5, 12, 22, 112, 122, 1000, 1002, 3000000].map((n) => format.sayCount(0, 0, n).slice(-1)), [...'cabccbcbcbc']);
    assert.equal(words.say(1, { what: 'x', max: 3 }), '3 von x');
    assert.equal(words.ofData('it was not tracked'), 'nicht verfolgt');
    assert.equal(words.ofData('constructor'), 'constructor');
    assert.equal(format.bytes(18_400_000), '18,4\u00a0MB');
    assert.equal(format.percent(1, 100000), '< 0,1\u00a0%');
    assert.equal(format.axisTime(5e8, 3e9, 5e8), '0,5\u00a0s');
  } finally {
    words.useWords(null);
  }
});

test('scatter: axes end where the points do', () => {
  const says = { available: true, slope: 1e6, intercept: 0 };
  const small = plot.scatterLayout([{ cpu: 1, rate: 1 }], says, [40, 50e6], 600, 400);
  assert.equal(small.xTicks[small.xTicks.length - 1], 1);
  assert.equal(small.yTicks[small.yTicks.length - 1], 5e5);
  const usual = plot.scatterLayout([{ cpu: 40, rate: 50e6 }], says, [40, 50e6], 600, 400);
  assert.deepEqual([usual.xTicks.at(-1), usual.yTicks.at(-1)], [40, 50e6]);
  assert.ok(usual.trend.y1 <= usual.bottom && usual.trend.y2 >= usual.top);
  assert.ok(plot.scatterLayout([{ cpu: 180, rate: 1 }], says, [40, 50e6], 600, 400).xTicks.at(-1) >= 180);
});

test('an estimate says how far it may be off; an exact figure does not', () => {
  assert.equal(format.estimate(format.bytes, 12e6, 1.5e6), `${format.bytes(12e6)} ± ${format.bytes(1.5e6)}`);
  assert.equal(format.estimate(format.count, 1200, 0), format.count(1200));
  assert.equal(format.estimate(format.count, 1200, undefined), format.count(1200));
});

test('the site of a stack is who called the allocator, as far as that is known', () => {
  const names = ['operator new', 'g_malloc', 'load', 'main'];
  const frames = names.map((_, i) => [i, -1, 0, -1, 0, i < 2 ? 1 : 0]);
  const of = (list) => model.readStacks({ frames, stacks: [[1, 1, 1, 1, 1, 1, 1, 0, list]] }, (i) => names[i])[0];

  assert.equal(of([0, 1, 2, 3]).site, 2);
  assert.equal(of([3]).site, 0);
  assert.equal(of([0, 1]).site, 0); // nobody else is known
  assert.equal(of([]).site, 0);
});
