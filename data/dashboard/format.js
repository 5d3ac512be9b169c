// SPDX-License-Identifier: MIT OR Apache-2.0
// Figures as people read them: 1 MB is 10⁶ bytes, thousands are parted by a narrow space, one unit a
// figure.  The application prints the same.

import { chooseForm, decimals, putIn, say } from './words.js';

const THIN = '\u202f';
const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

export function count(n) {
  if (n === null)
    return '–';
  return String(Math.round(n)).replace(/\B(?=(\d{3})+(?!\d))/g, THIN);
}

// Where there is little room; exact figures are in the tables.
export function compact(n) {
  if (n < 100000)
    return count(n);
  const [size, unit] = n < 999500 ? [1e3, 'k'] : n < 999.95e6 ? [1e6, 'M'] : [1e9, 'G'];
  const value = n / size;
  return `${decimals(value, value < 99.95 ? 1 : 0)}\u00a0${unit}`;
}

// An estimate of a sampled recording with its standard error; exact figures have none.
export function estimate(format, value, error) {
  return error > 0 ? `${format(value)} ± ${format(error)}` : format(value);
}

export function bytes(n) {
  let value = n, unit = 0;
  // 999.6 kB would print as 1000 kB: the unit is chosen after rounding.
  while (Math.abs(value) >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  if (unit === 0)
    return `${Math.round(value)} B`.replace(' ', '\u00a0');
  const size = Math.abs(value);
  return `${decimals(value, size < 9.995 ? 2 : size < 99.95 ? 1 : 0)}\u00a0${UNITS[unit]}`;
}

export function rate(bytesPerSecond) {
  return `${bytes(bytesPerSecond)}/s`;
}

export function percent(part, whole) {
  if (!(whole > 0))
    return '–';
  const p = 100 * part / whole;
  if (p > 0 && p < 0.1)
    return `< ${decimals(0.1, 1)}\u00a0%`;
  return `${decimals(p, p >= 99.95 || p === 0 ? 0 : 1)}\u00a0%`;
}

// Of estimates, of which a part may come out larger than a whole that is known better.
export const partOf = (part, whole) => (part > whole && whole > 0 ? say('about all') : percent(part, whole));

// A share that is one already; null was not measured.
export function share(p) {
  if (p === null)
    return '–';
  if (p > 0 && p < 0.1)
    return `< ${decimals(0.1, 1)}\u00a0%`;
  return `${decimals(p, p >= 99.95 || p === 0 ? 0 : 1)}\u00a0%`;
}

// A moment or a length of time in ns; `span` chooses the unit, so that an axis has only one.
export function time(ns, span = ns) {
  const s = Math.abs(span) / 1e9;
  if (ns === null)
    return '–';
  if (s < 1e-3)
    return `${decimals(ns / 1e3, 1)}\u00a0µs`;
  if (s < 1)
    return `${decimals(ns / 1e6, 1)}\u00a0ms`;
  if (s < 120)
    return `${decimals(ns / 1e9, s < 10 ? 2 : 1)}\u00a0s`;
  const total = Math.round(ns / 1e9);
  const h = Math.floor(total / 3600), m = Math.floor(total / 60) % 60, sec = total % 60;
  const two = (n) => String(n).padStart(2, '0');
  return s < 3600 ? `${m}:${two(sec)}\u00a0min` : `${h}:${two(m)}:${two(sec)}\u00a0h`;
}

// The decimals that ticks `step` ns apart need, and no more; a recording of no length has one tick.
export function axisTime(ns, span, step) {
  if (span >= 120e9)
    return time(ns, span);
  const [unit, size] = span < 1e6 ? ['µs', 1e3] : span < 1e9 ? ['ms', 1e6] : ['s', 1e9];
  const digits = step > 0 ? Math.max(0, -Math.floor(Math.log10(step / size) + 1e-9)) : 0;
  return `${decimals(ns / size, digits)}\u00a0${unit}`;
}

// Text of a traced program for the screen: control characters become their pictures, so that a name
// made of them is seen, and those that turn the direction of text (by which a name could pass for
// another) the replacement character.  Markup cannot arise: text is only shown as text.
export function visible(text) {
  return text
    .replace(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '\ufffd')
    .replace(/[\u0000-\u001f]/g, (c) => String.fromCharCode(0x2400 + c.charCodeAt(0)))
    .replace(/[\u007f-\u009f]/g, '\u2421');
}

// A number and what there are so many of: {n} is the number as it is printed.
export function sayCount(one, many, n, values = {}) {
  return putIn(chooseForm(one, many, n), { n: count(n), ...values });
}
