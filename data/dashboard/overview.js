// SPDX-License-Identifier: MIT OR Apache-2.0
// Multi-Thread Overview: tiles of the whole process, what stands out, and a card for each of the
// heaviest threads.  The focused card grows in its place; nothing else moves.

import { el, icon, idOf, nameOf, rolePill } from './dom.js';
import { ofData, say, sayIn } from './words.js';
import { bytes, compact, count, estimate, percent, rate, sayCount, share, time } from './format.js';
import { compareBy, ROLES } from './model.js';
import { sparkline } from './curves.js';
import { processIn, spanOf, threadIn } from './range.js';

const ORDERS = {
  peak_bytes: [say('peak memory'), true], allocated_bytes: [say('allocated bytes'), true], rate: [say('allocation rate'), true],
  allocations: [say('allocations'), true], leaked_bytes: [say('leaked'), true], cpu_ns: [say('processor time'), true], io_operations: [say('I/O calls'), true],
  name: [say('name'), false], id: [say('order of creation'), false],
};

export function tile(label, figure, small, unmeasured = false) {
  return el('div', { class: unmeasured ? 'tile unmeasured' : 'tile' }, el('span', {}, label), el('b', {}, figure), el('small', {}, small));
}

// Of the process, as it was sampled; else what threads read for themselves when they ended.
function processorTile(model) {
  const { with_cpu: known, cpu_ns: sum } = model.counts, { cpu_percent: cpu, available_cores: cores } = model.resources.process;

  if (cpu !== null)
    return tile(say('Processor'), share(cpu), cores === null ? say('of one core') : sayCount('of one core; {n} core', 'of one core; {n} cores', cores));
  if (known === 0)
    return tile(say('Processor'), say('not measured'), model.notMeasured.cpu_percent ?? say('no sample is of a thread'), true);
  return tile(say('Processor'), time(sum), known === model.nThreads
    ? say('{percent} of one core', { percent: percent(sum, model.window.length) })
    : sayCount('in {known} of {n} thread', 'in {known} of {n} threads', model.nThreads, { known: count(known) }));
}

function wholeTiles(model) {
  const t = model.totals, seconds = model.window.length / model.bins / 1e9;
  const fastest = seconds > 0 ? rate(Math.max(...model.allocated, 0) / seconds) : '–';
  const { tracked } = model.counts;

  return [...(model.recorded ? [
    model.noLive ? tile(say('Peak memory'), '–', model.noLive, true) : tile(say('Peak memory'), estimate(bytes, t.peak_bytes, t.peak_bytes_standard_error), t.peak_time_ns === null ? say('nothing was live') : say('at {time}', { time: time(t.peak_time_ns, model.window.from + model.window.length) })),
    tile(say('Allocations'), estimate(count, t.allocations, t.allocations_standard_error), say('{bytes}, at most {rate}', { bytes: estimate(bytes, t.allocated_bytes, t.allocated_bytes_standard_error), rate: fastest })),
    model.noLive ? tile(model.leakedLabel, '–', model.noLive, true) : tile(model.leakedLabel, estimate(bytes, t.leaked_bytes, t.leaked_bytes_standard_error), sayCount('{n} block', '{n} blocks', t.leaked_allocations)),
  ] : [say('Peak memory'), say('Allocations'), model.leakedLabel].map((label) => tile(label, '–', say('not recorded'), true))),
  tile(say('Threads'), count(model.nThreads), tracked === model.nThreads && tracked > 0 ? say('all tracked') : say('{n} tracked', { n: count(tracked) })),
  processorTile(model)];
}

function rangeTiles(model, range) {
  const p = processIn(model, range), { from, step } = spanOf(model, null), cards = model.threads.map((t) => threadIn(model, t, range)).filter((t) => t.life_ns > 0);
  return [
    ...(model.recorded ? [
      model.noLive ? tile(say('Peak in the range'), '–', model.noLive, true) : tile(say('Peak in the range'), bytes(p.peak), say('at {time}', { time: time(from + p.peakBin * step, from + model.window.length) })),
      tile(say('Allocated in it'), bytes(p.bytes), say('at most {rate}', { rate: rate(p.fastest) })),
      tile(model.leakedLabel, '–', say('known of the whole recording only'), true),
    ] : [say('Peak in the range'), say('Allocated in it'), model.leakedLabel].map((label) => tile(label, '–', say('not recorded'), true))),
    tile(say('Threads'), count(cards.length), say('lived in it')),
    p.cpu === null ? tile(say('Processor'), '–', say('not sampled in it'), true)
      : tile(say('Processor'), share(p.cpu), p.io === null ? say('of one core') : say('of one core; {io} I/O calls', { io: compact(p.io) }))];
}

export function findingsList(findings) {
  return el('ul', { class: 'list' }, findings.map((f) =>
    el('li', {}, icon('alert'), el('div', {}, el('b', {}, el('bdi', {}, f.text)), ' ', el('span', { class: 'dim' }, ofData(f.recommendation))))));
}

const LEAST_LIFE_NS = 10e6;
const FIGURE = (value, unit) => el('span', {}, el('b', {}, value), ` ${unit}`);

function unmeasured(unit, reason) {
  return el('span', { title: say('{what}: {reason}', { what: unit, reason }) }, '– ', unit, el('span', { class: 'unseen' }, ` ${say('not measured')}`));
}

export function createCard(model, thread, onPress) {
  const life = thread.life_ns;
  // A share of a life of microseconds says nothing (and may pass 100 %): the time itself does.
  const busy = life <= LEAST_LIFE_NS ? time(thread.cpu_ns) : thread.cpu_percent !== null ? share(thread.cpu_percent) : percent(thread.cpu_ns, life);
  const cpu = thread.cpu_ns !== null ? FIGURE(busy, say('CPU')) : unmeasured(say('CPU'), model.notMeasured.cpu_percent ?? say('no sample is of this thread'));
  const io = thread.io_operations !== null ? FIGURE(compact(thread.io_operations), say('I/O'))
    : unmeasured(say('I/O'), model.notMeasured.io_operations ?? say('no sample is of this thread'));
  const reasons = [thread.alert === 'normal' ? null : thread.alert === 'high' ? say('high alert') : say('medium alert'),
    thread.leak_is_telling ? say('{bytes} leaked', { bytes: bytes(thread.leaked_bytes) }) : null].filter(Boolean);
  const alarm = reasons.length === 0 ? null
    : [el('span', { title: reasons.join(', ') }, icon('alert', { class: 'icon mark' })), el('span', { class: 'unseen' }, reasons.join(', '))];

  return el('button', {
    type: 'button', class: `card r-${thread.group} a-${thread.tracked ? thread.alert : 'normal'}${thread.tracked ? '' : ' untracked'}`,
    'data-thread-id': thread.id, 'data-role': thread.group, 'data-alert': thread.alert, 'aria-pressed': 'false', onclick: onPress,
  },
  el('span', { class: 'who' }, icon(thread.group), nameOf(thread.name), thread.tracked && alarm, el('small', {}, idOf(thread))),
  el('span', { class: 'what' },
    el('span', { class: 'big' }, thread.tracked && thread.noLive ? el('small', {}, thread.noLive) : thread.tracked ? [thread.peak_bytes === null ? '–' : bytes(thread.peak_bytes), thread.peak_bytes_standard_error > 0 && el('small', {}, `± ${bytes(thread.peak_bytes_standard_error)} `), el('small', {}, sayIn('card', 'peak'))] : say('not recorded')), rolePill(thread)),
  thread.tracked && sparkline(thread.spark, 230, 44, thread.cpu),
  // Of a thread that was not recorded the processor and I/O are known all the same.
  thread.tracked ? el('span', { class: 'how' },
    thread.part ? FIGURE(thread.allocated_bytes === null ? '–' : bytes(thread.allocated_bytes), '') : FIGURE(compact(thread.allocations), sayCount('alloc', 'allocs', thread.allocations)),
    FIGURE(...(thread.rate === null ? ['–', 'B/s'] : rate(thread.rate).split('\u00a0'))), cpu, io)
    : (thread.cpu_ns !== null || thread.io_operations !== null) && el('span', { class: 'how' }, cpu, io));
}

// Where a card may grow to without leaving the page: to the right at the left edge, and so on.
function growInwards(card, page) {
  const c = card.getBoundingClientRect(), p = page.getBoundingClientRect();
  const extra = c.width * 0.075;
  const x = c.left - extra < p.left + 4 ? 'left' : c.right + extra > p.right - 4 ? 'right' : 'center';
  card.style.transformOrigin = p.width < 560 ? 'center' : `${x} center`;
}

export function createOverview(panel, model, state, actions) {
  let order = !model.recorded ? 'cpu_ns' : !model.noLive ? 'peak_bytes' : 'allocated_bytes', only = null;
  const grid = el('div', { class: 'cards' }), top = el('div', { class: 'tiles' });
  const rest = el('p', { class: 'note' });

  function shown() {
    const { range, thread } = state.get();
    const list = model.threads.filter((t) => t.id === thread || (t.card && (only === null || t.group === only)))
      .map((t) => threadIn(model, t, range)).filter((t) => range === null || t.life_ns > 0 || t.id === thread);
    return list.sort(compareBy(order, ORDERS[order][1]));
  }

  function drawCards() {
    const list = shown();
    grid.replaceChildren(...list.map((t) => createCard(model, t, (event) => {
      event.stopPropagation();
      actions.toggle(t.id);
    })));
    const hidden = model.nThreads - list.length;
    const { range } = state.get();
    top.replaceChildren(...(range === null ? wholeTiles(model) : rangeTiles(model, range)));
    rest.textContent = range !== null ? say('In this range: peak, bytes, rate, processor and I/O; roles and alerts are those of the whole recording.') : only === null && hidden > 0
      ? sayCount('Cards are drawn for the {drawn} heaviest threads; {n} other is in Thread Performance Details.',
        'Cards are drawn for the {drawn} heaviest threads; {n} others are in Thread Performance Details.', hidden, { drawn: count(list.length) }) : '';
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

  const sort = el('select', { 'aria-label': say('Sort cards by'), onchange: (event) => {
    order = event.target.value;
    drawCards();
  } }, Object.entries(ORDERS).filter(([key]) => model.threads.some((t) => t[key] !== null)).map(([key, [label]]) => el('option', { value: key, selected: key === order }, key === 'leaked_bytes' ? model.metrics.leaked : label)));

  panel.append(...[
    model.headline && el('p', { class: 'headline' }, el('bdi', {}, model.headline)),
    model.recorded && model.totals.allocations === 0 && el('p', { class: 'headline' }, say('Nothing was allocated while this was recorded.')),
    top,
    model.findings.length > 0 && el('div', { class: 'panel findings' }, findingsList(model.findings)),
    el('div', { class: 'tools' }, chips(), el('label', { class: 'end' }, say('Sort:'), ' ', sort)),
    grid, rest,
  ].filter(Boolean));
  if (model.threads.length === 0)
    grid.replaceWith(el('p', { class: 'empty' }, say('This recording is empty: it has no threads. The program ended before it was recorded, or nothing was tracked.')));
  drawCards();
  state.subscribe((_, changed) => changed.has('range') ? drawCards() : changed.has('thread') && (shown().length === grid.children.length ? mark() : drawCards()));
}
