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

// The highest value of each pixel column, never more points than columns.
export function decimate(values, width) {
  const columns = Math.max(1, Math.floor(width));
  if (values.length <= columns)
    return values.map((v, i) => [binX(i, values.length, width), v]);
  const points = [];
  for (let c = 0; c < columns; c++) {
    const from = Math.floor(c * values.length / columns), to = Math.floor((c + 1) * values.length / columns);
    let most = values[from];
    for (let i = from + 1; i < to; i++)
      most = Math.max(most, values[i]);
    points.push([c + 0.5, most]);
  }
  return points;
}

// Paths of the curve and of the area under it, from edge to edge.
export function curvePaths(values, most, width, height) {
  if (values.length === 0 || !(most > 0))
    return { curve: `M0,${height}H${width}`, area: '' };
  const y = (v) => r1(height - v / most * (height - 1));
  const points = decimate(values, width);
  const text = points.map(([x, v]) => `${r1(x)},${y(v)}`).join('L');
  const first = y(points[0][1]), last = y(points[points.length - 1][1]);
  const curve = `M0,${first}L${text}L${width},${last}`;
  return { curve, area: `${curve}V${height}H0Z` };
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
