// SPDX-License-Identifier: MIT OR Apache-2.0
// The dashboard's modules that need no document: node --test dashboard.test.mjs, with the folder of the
// modules in DASHBOARD_SOURCES.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';

const load = (name) => import(pathToFileURL(`${process.env.DASHBOARD_SOURCES}/${name}`));
const format = await load('format.js');
const model = await load('model.js');
const plot = await load('plot.js');
const state = await load('state.js');

test('bytes: decimal units, chosen after rounding', () => {
  const cases = [[0, '0 B'], [999, '999 B'], [1000, '1.0 kB'], [999949, '999.9 kB'], [999950, '1.0 MB'],
    [18_400_000, '18.4 MB'], [1e9, '1.0 GB'], [2 ** 63, '9223.4 PB']];
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
  assert.equal(format.axisTime(2e9, 6.4e9, 1e9), '2\u00a0s');
  assert.equal(format.axisTime(5e8, 3e9, 5e8), '0.5\u00a0s');
});

test('percent says what is too small to print', () => {
  assert.equal(format.percent(1, 100000), '< 0.1\u00a0%');
  assert.equal(format.percent(0, 5), '0\u00a0%');
  assert.equal(format.percent(5, 5), '100\u00a0%');
  assert.equal(format.percent(5, 0), '–');
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

test('state tells only what changed; the address keeps it', () => {
  const s = state.createState({});
  const heard = [];
  s.subscribe((_, changed) => heard.push([...changed].join()));
  s.set({ thread: 3, tab: 'overview' });
  s.set({ thread: 3 });
  assert.deepEqual(heard, ['thread']);

  const known = { byId: new Map([[3, {}]]) };
  assert.equal(state.writeFragment({ tab: 'memory', thread: 3 }), '#tab=memory&thread=3');
  assert.deepEqual(state.readFragment('#tab=memory&thread=3', known, ['overview', 'memory']), { thread: 3, tab: 'memory' });
  assert.deepEqual(state.readFragment('#tab=x&thread=99', known, ['overview']), { thread: null, tab: 'overview' });
});

test('an estimate says how far it may be off; an exact figure does not', () => {
  assert.equal(format.estimate(format.bytes, 12e6, 1.5e6), `${format.bytes(12e6)} ± ${format.bytes(1.5e6)}`);
  assert.equal(format.estimate(format.count, 1200, 0), format.count(1200));
  assert.equal(format.estimate(format.count, 1200, undefined), format.count(1200));
});
