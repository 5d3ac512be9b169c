// SPDX-License-Identifier: MIT OR Apache-2.0
// Multi-Thread Overview: tiles of the whole process, what stands out, and a card for each of the
// heaviest threads.  The focused card grows in its place; nothing else moves.

import { el, icon, nameOf, rolePill } from './dom.js';
import { bytes, compact, count, estimate, percent, plural, rate, time } from './format.js';
import { compareBy, ROLES } from './model.js';
import { sparkline } from './curves.js';

const ORDERS = {
  peak_bytes: ['peak memory', true], allocated_bytes: ['allocated bytes', true], rate: ['allocation rate', true],
  allocations: ['allocations', true], name: ['name', false], id: ['order of creation', false],
};

function tile(label, figure, small, unmeasured = false) {
  return el('div', { class: unmeasured ? 'tile unmeasured' : 'tile' }, el('span', {}, label), el('b', {}, figure), el('small', {}, small));
}

// The processor time that threads read for themselves when they ended.
function processorTile(model) {
  const { with_cpu: known, cpu_ns: sum } = model.counts;

  if (known === 0)
    return tile('Processor', 'not measured', model.notMeasured.cpu_percent ?? 'no sample is of a thread', true);
  return tile('Processor', time(sum), known === model.nThreads
    ? `${percent(sum, model.trace.duration_ns)} of one core` : `in ${count(known)} of ${plural(model.nThreads, 'thread')}`);
}

function tiles(model) {
  const t = model.totals, seconds = model.trace.duration_ns / model.bins / 1e9;
  const fastest = seconds > 0 ? rate(Math.max(...model.allocated, 0) / seconds) : '–';
  const { tracked } = model.counts;

  return el('div', { class: 'tiles' },
    tile('Peak memory', estimate(bytes, t.peak_bytes, t.peak_bytes_standard_error), t.peak_time_ns === null ? 'nothing was live' : `at ${time(t.peak_time_ns, model.trace.duration_ns)}`),
    tile('Allocations', estimate(count, t.allocations, t.allocations_standard_error), `${estimate(bytes, t.allocated_bytes, t.allocated_bytes_standard_error)}, at most ${fastest}`),
    tile(model.leakedLabel, estimate(bytes, t.leaked_bytes, t.leaked_bytes_standard_error), plural(t.leaked_allocations, 'block')),
    tile('Threads', count(model.nThreads), tracked === model.nThreads ? 'all tracked' : `${count(tracked)} tracked`),
    processorTile(model));
}

export function findingsList(findings) {
  return el('ul', { class: 'list' }, findings.map((f) =>
    el('li', {}, icon('alert'), el('div', {}, el('b', {}, el('bdi', {}, f.text)), ' ', el('span', { class: 'dim' }, f.recommendation)))));
}

const LEAST_LIFE_NS = 10e6;
const FIGURE = (value, unit) => el('span', {}, el('b', {}, value), ` ${unit}`);

function unmeasured(unit, reason) {
  return el('span', { title: `${unit}: ${reason}` }, '– ', unit, el('span', { class: 'unseen' }, ' not measured'));
}

export function createCard(model, thread, onPress) {
  const life = thread.life_ns;
  // A share of a life of microseconds says nothing (and may pass 100 %): the time itself does.
  const share = life > LEAST_LIFE_NS ? percent(thread.cpu_ns, life) : time(thread.cpu_ns);
  const cpu = thread.cpu_ns !== null ? FIGURE(share, 'CPU') : unmeasured('CPU', model.notMeasured.cpu_percent ?? 'no sample is of this thread');
  const io = thread.io_operations !== null ? FIGURE(compact(thread.io_operations), 'I/O')
    : unmeasured('I/O', model.notMeasured.io_operations ?? 'no sample is of this thread');
  const alarm = thread.alert === 'normal' ? null
    : [icon('alert', { class: 'icon mark' }), el('span', { class: 'unseen' }, `${thread.alert} alert`)];

  return el('button', {
    type: 'button', class: `card r-${thread.group} a-${thread.tracked ? thread.alert : 'normal'}${thread.tracked ? '' : ' untracked'}`,
    'data-thread-id': thread.id, 'data-role': thread.group, 'data-alert': thread.alert, 'aria-pressed': 'false', onclick: onPress,
  },
  el('span', { class: 'who' }, icon(thread.group), nameOf(thread.name), thread.tracked && alarm, el('small', {}, thread.tid > 0 ? thread.tid : `id ${thread.id}`)),
  el('span', { class: 'what' },
    el('span', { class: 'big' }, thread.tracked ? [bytes(thread.peak_bytes), thread.peak_bytes_standard_error > 0 && el('small', {}, `± ${bytes(thread.peak_bytes_standard_error)} `), el('small', {}, 'peak')] : 'not recorded'), rolePill(thread)),
  thread.tracked && sparkline(thread.spark, 230, 44),
  thread.tracked && el('span', { class: 'how' },
    FIGURE(compact(thread.allocations), thread.allocations === 1 ? 'alloc' : 'allocs'), FIGURE(...rate(thread.rate).split('\u00a0')), cpu, io));
}

// Where a card may grow to without leaving the page: to the right at the left edge, and so on.
function growInwards(card, page) {
  const c = card.getBoundingClientRect(), p = page.getBoundingClientRect();
  const extra = c.width * 0.075;
  const x = c.left - extra < p.left + 4 ? 'left' : c.right + extra > p.right - 4 ? 'right' : 'center';
  card.style.transformOrigin = p.width < 560 ? 'center' : `${x} center`;
}

export function createOverview(panel, model, state, actions) {
  let order = 'peak_bytes', only = null;
  const grid = el('div', { class: 'cards' });
  const rest = el('p', { class: 'note' });

  function shown() {
    const list = model.threads.filter((t) => t.card && (only === null || t.group === only));
    const focused = model.byId.get(state.get().thread);
    if (focused && !list.includes(focused))
      list.push(focused);
    return list.sort(compareBy(order, ORDERS[order][1]));
  }

  function drawCards() {
    const list = shown();
    grid.replaceChildren(...list.map((t) => createCard(model, t, (event) => {
      event.stopPropagation();
      actions.toggle(t.id);
    })));
    const hidden = model.nThreads - list.length;
    rest.textContent = only === null && hidden > 0
      ? `Cards are drawn for the ${count(list.length)} heaviest threads; ${plural(hidden, 'other thread')} ${hidden === 1 ? 'is' : 'are'} in Thread Performance Details.` : '';
    mark();
  }

  function mark() {
    const { thread } = state.get();
    for (const card of grid.children) {
      const selected = Number(card.dataset.threadId) === thread;
      card.classList.toggle('selected', selected);
      card.setAttribute('aria-pressed', String(selected));
      if (selected)
        growInwards(card, document.body);
    }
  }

  function chips() {
    const numbers = { ...model.counts.roles, untracked: model.nThreads - model.counts.tracked };
    const groups = Object.keys(ROLES).filter((group) => numbers[group] > 0);
    return groups.map((group) => {
      const chip = el('button', {
        type: 'button', class: `chip r-${group}`, 'aria-pressed': 'false',
        onclick: (event) => {
          event.stopPropagation();
          only = only === group ? null : group;
          for (const other of chip.parentElement.querySelectorAll('.chip'))
            other.setAttribute('aria-pressed', String(other === chip && only !== null));
          drawCards();
        },
      }, icon(group), ROLES[group], el('i', {}, count(numbers[group])));
      return chip;
    });
  }

  const sort = el('select', { 'aria-label': 'Sort cards by', onchange: (event) => {
    order = event.target.value;
    drawCards();
  } }, Object.entries(ORDERS).map(([key, [label]]) => el('option', { value: key }, label)));

  panel.append(...[
    model.headline && el('p', { class: 'headline' }, el('bdi', {}, model.headline)),
    tiles(model),
    model.findings.length > 0 && el('div', { class: 'panel findings' }, findingsList(model.findings)),
    el('div', { class: 'tools' }, chips(), el('label', { class: 'end' }, 'Sort: ', sort)),
    grid, rest,
  ].filter(Boolean));
  if (model.threads.length === 0)
    grid.replaceWith(el('p', { class: 'empty' }, 'This recording has no threads: the program ended before it was recorded, or nothing was tracked.'));
  drawCards();
  state.subscribe((_, changed) => changed.has('thread') && (shown().length === grid.children.length ? mark() : drawCards()));
}
