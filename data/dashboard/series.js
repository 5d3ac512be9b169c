// SPDX-License-Identifier: MIT OR Apache-2.0
// Series as the exporter codes them (ms-coded-series.c), and sums over parts of them.  A gap is null: nothing
// was sampled there.

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

// [unit, text]: two letters are a value of so many units, ! a gap, and . with a letter what is before it, so many
// times more.
export function uncode(coded) {
  if (!coded)
    return null;
  const [unit, text] = coded, values = [], digit = (i) => LETTERS.indexOf(text[i]);
  for (let i = 0; i < text.length;)
    if (text[i] === '!') {
      values.push(null);
      i++;
    } else if (text[i] === '.') {
      const last = values[values.length - 1];
      for (let k = digit(i + 1); k >= 0; k--)
        values.push(last);
      i += 2;
    } else {
      // 27 × 0.01 is 0.27 and not 0.27000000000000002.
      values.push(unit < 1 ? Math.round((64 * digit(i) + digit(i + 1)) * unit * 100) / 100 : (64 * digit(i) + digit(i + 1)) * unit);
      i += 2;
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
