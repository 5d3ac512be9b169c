// SPDX-License-Identifier: MIT OR Apache-2.0
// Series as the exporter codes them (ms-coded-series.c), and sums over parts of them.  A gap is null: nothing
// was sampled there.

// [unit, code, …]: null is a gap, −k the value before it k times more, anything else so many units.
export function uncode(coded) {
  if (!coded)
    return null;
  const [unit, ...codes] = coded, values = [];
  for (const code of codes) {
    if (code === null || code >= 0)
      values.push(code === null ? null : code * unit);
    else
      for (let i = 0, last = values[values.length - 1]; i < -code; i++)
        values.push(last);
  }
  return values;
}

export function greatest(values) {
  let most = null;
  for (const v of values)
    if (v !== null && (most === null || v > most))
      most = v;
  return most;
}

// The mean of what was sampled; null if nothing was.
export function meanOf(values) {
  const known = values.filter((v) => v !== null);
  return known.length > 0 ? known.reduce((sum, v) => sum + v, 0) / known.length : null;
}

// A rate in so many a second, summed over stretches of `seconds` each: gaps add nothing.
export function totalOf(values, seconds) {
  const known = values.filter((v) => v !== null);
  return known.length > 0 ? known.reduce((sum, v) => sum + v, 0) * seconds : null;
}

// Of several series, what each stretch has together; a gap where all have one.
export function addUp(list) {
  if (list.length === 0)
    return null;
  return list[0].map((_, i) => {
    const known = list.map((values) => values[i]).filter((v) => v !== null);
    return known.length > 0 ? known.reduce((a, b) => a + b, 0) : null;
  });
}
