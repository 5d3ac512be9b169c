// SPDX-License-Identifier: MIT OR Apache-2.0
// The page's words in the reader's language.  Sources hold English; when the page is assembled, every text below
// becomes its number in the block of words, which the exporter puts in, in the language asked for.
//
//   say('Peak')                                a text
//   say('{figure} at {time}', { … })           with what is put in: names, figures
//   sayIn('role', 'Light')                     one whose meaning another place must tell
//   sayWith('{thread} in colour', { … })       the same with elements in it: a list for el()
//   sayCount('{n} block', '{n} blocks', n)     format.js
//   ofData(text)                               a fixed sentence that came with the data: a reason, an advice
//
// The first argument is always one plain string between single quotes; xgettext and assemble.py read it.

let catalog = typeof document === 'undefined' ? null : JSON.parse(document.getElementById('memscope-words').textContent);

// For tests, which have no page.
export function useWords(words) {
  catalog = words;
}

export const language = () => catalog?.language ?? 'en';

const wordOf = (id) => (typeof id === 'number' ? catalog.words[id] : id);

// Which form a number takes: a digit for each of the first two hundred, after which the last hundred repeat;
// whole millions may have one of their own.
export function pluralForm(n, plural) {
  const i = Math.round(Math.abs(n));
  if (!plural)
    return i === 1 ? 0 : 1;
  return i > 0 && i % 1e6 === 0 ? plural.millions : Number(plural.of[i < 200 ? i : 100 + i % 100]);
}

export const sayIn = (context, text) => wordOf(text);

export function chooseForm(one, many, n) {
  const forms = typeof one === 'number' ? wordOf(one) : [one, many];
  return forms[Math.min(pluralForm(n, catalog?.plural), forms.length - 1)];
}

const HOLE = /\{(\w+)\}/;

const pieces = (text, values) => text.split(HOLE).map((piece, i) => (i % 2 === 0 ? piece : values[piece]));

export const putIn = (text, values) => pieces(text, values).join('');

export const say = (text, values = {}) => putIn(wordOf(text), values);

export const sayWith = (text, values) => pieces(wordOf(text), values).filter((piece) => piece !== '');

export const ofData = (text) => (Object.hasOwn(catalog?.data ?? {}, text) ? catalog.data[text] : text);

// The sign between whole and part; thousands are parted by a narrow space in every language, as in the application.
const signs = new Map();
export function decimals(number, digits) {
  if (!signs.has(language()))
    signs.set(language(), new Intl.NumberFormat(language()).formatToParts(1.5).find((part) => part.type === 'decimal').value);
  return number.toFixed(digits).replace('.', signs.get(language()));
}

// In the order of the language's alphabet.
export const compareText = (a, b) => a.localeCompare(b, language());
