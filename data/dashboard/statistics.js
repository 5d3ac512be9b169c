// SPDX-License-Identifier: MIT OR Apache-2.0
// Correlation of a range that was chosen on the page.  The same formulas as analysis/ms-correlation.c, whose
// figures the page shows for the whole recording; the tests compare the two.

const Z95 = 1.959963984540054, LEAST_POINTS = 8, LEAST_EFFECTIVE = 10;

const mean = (list) => list.reduce((sum, v) => sum + v, 0) / list.length;
const product = (a, b) => a.reduce((sum, v, i) => sum + v * b[i], 0);
const centred = (list) => {
  const m = mean(list);
  return list.map((v) => v - m);
};

function pearsonOf(x, y) {
  const a = centred(x), b = centred(y);
  return Math.max(-1, Math.min(1, product(a, b) / Math.sqrt(product(a, a) * product(b, b))));
}

// Equal values share the mean of their ranks.
export function ranks(values) {
  const order = values.map((_, i) => i).sort((a, b) => values[a] - values[b]), list = [];
  for (let first = 0, end; first < order.length; first = end) {
    for (end = first + 1; end < order.length && values[order[end]] === values[order[first]]; end++)
      continue;
    for (let i = first; i < end; i++)
      list[order[i]] = (first + 1 + end) / 2;
  }
  return list;
}

function autocorrelation(values) {
  const v = centred(values), all = product(v, v);
  return all > 0 ? product(v.slice(0, -1), v.slice(1)) / all : 0;
}

function refusalOf(x, y) {
  if (x.length < LEAST_POINTS)
    return 'fewer than eight points';
  if (x.every((v) => v === x[0]))
    return 'the first figure does not vary';
  return y.every((v) => v === y[0]) ? 'the second figure does not vary' : null;
}

// Points in time are oldest first, at equal distances; others are independent.
export function correlate(x, y, inTime) {
  const refusal = refusalOf(x, y), n = x.length;
  if (refusal !== null)
    return { available: false, reason: refusal, n };

  const a = centred(x), pearson = pearsonOf(x, y);
  const both = inTime ? autocorrelation(x) * autocorrelation(y) : 0;
  const effective = Math.min(n, n * (1 - both) / (1 + both));
  const slope = product(a, centred(y)) / product(a, a);
  const reach = Z95 / Math.sqrt(effective - 3), known = effective >= LEAST_EFFECTIVE;
  return {
    available: true, n, pearson, spearman: pearsonOf(ranks(x), ranks(y)), effective_n: effective, slope, intercept: mean(y) - slope * mean(x),
    interval_low: known ? Math.tanh(Math.atanh(pearson) - reach) : null, interval_high: known ? Math.tanh(Math.atanh(pearson) + reach) : null,
    reasons: known ? {} : { interval_low: 'the points stand for fewer than ten independent ones: too few for an interval' },
  };
}

// What a point is busy with; limits as the exporter was set.
export function patternOf(cpu, rate, [fullCpu, fullRate, ratio, floor]) {
  const u = cpu / fullCpu, v = rate / fullRate;
  if (u < floor / 100 && v < floor / 100)
    return 'idle';
  return u >= ratio * v ? 'compute_intensive' : v >= ratio * u ? 'data_movement' : 'mixed';
}
