// SPDX-License-Identifier: MIT OR Apache-2.0
// Pure layout of plots: data and size to path text and ticks.  No document here; tested with node.

const r1 = (x) => Math.round(x * 10) / 10;

// The x of a bin's middle: a marker for a moment and the curve of the bins around it agree.
export function binX(bin, bins, width) {
  return (bin + 0.5) / bins * width;
}

export function binAt(x, bins, width) {
  return Math.max(0, Math.min(bins - 1, Math.floor(x / width * bins)));
}

// The highest value of each pixel column, never more points than columns.  A column of gaps alone is a gap.
export function decimate(values, width) {
  const columns = Math.max(1, Math.floor(width));
  if (values.length <= columns)
    return values.map((v, i) => [binX(i, values.length, width), v]);
  const points = [];
  for (let c = 0; c < columns; c++) {
    const from = Math.floor(c * values.length / columns), to = Math.floor((c + 1) * values.length / columns);
    let most = values[from];
    for (let i = from + 1; i < to; i++)
      if (values[i] !== null && (most === null || values[i] > most))
        most = values[i];
    points.push([c + 0.5, most]);
  }
  return points;
}

// Paths of the curve and of the area under it, from edge to edge; where nothing was sampled, there is neither.
export function curvePaths(values, most, width, height) {
  if (values.length === 0 || !(most > 0) || values.every((v) => v === null))
    return { curve: values.length === 0 || values.some((v) => v !== null) ? `M0,${height}H${width}` : '', area: '' };
  const y = (v) => r1(height - v / most * (height - 1));
  const points = decimate(values, width), half = width / points.length / 2;
  let curve = '', area = '';

  for (let i = 0, end; i < points.length; i = end) {
    for (end = i + 1; end < points.length && (points[end][1] === null) === (points[i][1] === null); end++)
      continue;
    if (points[i][1] === null)
      continue;
    const run = points.slice(i, end), left = r1(run[0][0] - half), right = r1(run[run.length - 1][0] + half);
    const piece = `M${left},${y(run[0][1])}L${run.map(([x, v]) => `${r1(x)},${y(v)}`).join('L')}L${right},${y(run[run.length - 1][1])}`;
    curve += piece;
    area += `${piece}V${height}H${left}Z`;
  }
  return { curve, area };
}

// Round moments from `from` to `to`, about `wanted` of them.
export function timeTicks(from, to, wanted) {
  if (!(to > from))
    return [from];
  const steps = ticks(to - from, wanted), step = steps[1] ?? to - from, list = [];
  for (let i = Math.ceil(from / step - 1e-9); i * step <= to + step * 1e-6; i++)
    list.push(i * step);
  return list;
}

// Round numbers from 0 to at least `most`, about `wanted` of them.
export function ticks(most, wanted) {
  if (!(most > 0))
    return [0];
  const rough = most / wanted, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((m) => m * power >= rough * 0.999) * power;
  const list = [];
  for (let i = 0; i * step <= most * 1.0001; i++)
    list.push(i * step);
  return list;
}

// A histogram in powers of two, {[from], [n]} a bin that holds something: a row for each bin from the first
// to the last of them, empty ones too.
export function binRows(bins, from, n, print) {
  const rows = [];
  for (const bin of bins) {
    while (rows.length > 0 && rows[rows.length - 1].next < bin[from]) {
      const { next } = rows[rows.length - 1];
      rows.push({ label: print(next), n: 0, next: next * 2 });
    }
    rows.push({ label: print(bin[from]), n: bin[n], error: bin[`${n}_standard_error`], next: bin[from] === 0 ? 1 : bin[from] * 2 });
  }
  return rows;
}

// Children side by side over their parent, root at the bottom.  A node narrower than `least` is not
// drawn.  Returns boxes {node, x, width, level} in pixels, and the number of levels.
export function flameBoxes(root, metric, width, least) {
  const boxes = [];
  let levels = 0;
  const whole = root[metric];
  const place = (node, x, level) => {
    const w = node[metric] / whole * width;
    if (w < least)
      return;
    boxes.push({ node, x: r1(x), width: r1(w), level });
    levels = Math.max(levels, level + 1);
    let at = x;
    for (const child of [...node.children].sort((a, b) => b[metric] - a[metric])) {
      place(child, at, level + 1);
      at += child[metric] / whole * width;
    }
  };
  if (whole > 0)
    place(root, 0, 0);
  return { boxes, levels };
}

// Which of the neutral tints a module's frames take: the same name, the same tint.
export function moduleTint(module, n) {
  let hash = 0;
  for (const c of module ?? '')
    hash = (hash * 31 + c.codePointAt(0)) >>> 0;
  return hash % n;
}

// A plot of points {cpu, rate}: axes that end where they do by default, or further out if the data does; the
// line through the points, cut to the plot.
export function scatterLayout(points, says, [fullCpu, fullRate], width, height) {
  const left = 62, top = 8, right = width - 14, bottom = height - 42;
  // As far as the points reach; those next to nothing are not blown up.
  const end = (key, usual) => {
    const most = Math.max(usual / 100, ...points.map((p) => p[key])), list = ticks(most, width < 420 ? 4 : 6), step = list[1] - list[0];
    return Math.ceil(most / step - 1e-9) * step;
  };
  const mostX = end('cpu', fullCpu), mostY = end('rate', fullRate);
  const x = (v) => r1(left + v / mostX * (right - left)), y = (v) => r1(bottom - v / mostY * (bottom - top));
  const axis = (most, wanted) => ticks(most, wanted);
  let trend = null;

  if (says.available && Number.isFinite(says.slope)) {
    const at = (v) => says.intercept + says.slope * v, inside = (v) => v >= 0 && v <= mostY;
    const crossings = says.slope === 0 ? [] : [0, mostY].map((v) => (v - says.intercept) / says.slope);
    const ends = [0, mostX, ...crossings].filter((v) => v >= 0 && v <= mostX && inside(Math.round(at(v) * 1e6) / 1e6)).sort((a, b) => a - b);
    if (ends.length >= 2)
      trend = { x1: x(ends[0]), y1: y(at(ends[0])), x2: x(ends[ends.length - 1]), y2: y(at(ends[ends.length - 1])) };
  }
  return { left, top, right, bottom, x, y, xTicks: axis(mostX, width < 420 ? 4 : 8), yTicks: axis(mostY, 6), trend };
}
