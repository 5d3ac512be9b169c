// SPDX-License-Identifier: MIT OR Apache-2.0
// Puts the page together: reads the data block, makes the tabs, and is the only writer of what lies
// around them (orientation row, theme, address).  selectThread() and handleBackgroundClick() are global
// for whoever embeds or scripts the page.

import { el, icon, byId, announce, idOf } from './dom.js';
import { language, say } from './words.js';
import { bytes, sayCount, time } from './format.js';
import { readModel } from './model.js';
import { createState, readFragment, writeFragment } from './state.js';
import { spanOf } from './range.js';
import { createStrip } from './strip.js';
import { createOverview } from './overview.js';
import { createThreads } from './threads.js';
import { createTimeline } from './timeline.js';
import { createMemory } from './memory.js';
import { createSystem, stateText } from './system.js';

const TABS = {
  overview: [say('Multi-Thread Overview'), 'overview', createOverview],
  threads: [say('Thread Performance Details'), 'threads', createThreads],
  timeline: [say('Resource Timeline'), 'timeline', createTimeline],
  memory: [say('Memory'), 'memory', createMemory],
  system: [say('System Summary'), 'system', createSystem],
};

function createTheme() {
  const button = byId('theme'), dark = matchMedia('(prefers-color-scheme: dark)');
  let chosen = null;
  const apply = (theme) => {
    document.documentElement.dataset.theme = theme;
    const other = theme === 'dark' ? 'light' : 'dark';
    button.replaceChildren(el('span', {}, icon(other)));
    button.title = other === 'dark' ? say('Use dark colours') : say('Use light colours');
    button.setAttribute('aria-label', button.title);
  };
  const now = () => chosen ?? (dark.matches ? 'dark' : 'light');

  button.addEventListener('click', () => {
    chosen = now() === 'dark' ? 'light' : 'dark';
    apply(chosen);
  });
  dark.addEventListener('change', () => apply(now()));
  addEventListener('beforeprint', () => apply('light'));
  addEventListener('afterprint', () => apply(now()));
  apply(now());
}

// A tab is made when it is first shown, so that opening the page costs one of them, or when all go to paper.
function createTabs(model, state, actions) {
  const list = byId('tabs'), page = byId('page');
  const ids = Object.keys(TABS);
  const buttons = ids.map((id) => el('button', {
    type: 'button', role: 'tab', id: `show-${id}`, 'aria-controls': `tab-${id}`, onclick: () => state.set({ tab: id }),
    onkeydown: (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step)
        return;
      const next = ids[(ids.indexOf(id) + step + ids.length) % ids.length];
      state.set({ tab: next });
      byId(`show-${next}`).focus();
    },
  }, icon(TABS[id][1]), TABS[id][0]));
  const panels = ids.map((id) => el('section', { class: 'tab-panel', role: 'tabpanel', id: `tab-${id}`, 'aria-labelledby': `show-${id}` }));

  list.append(...buttons);
  page.append(...panels);
  const made = new Set();
  const make = (id) => {
    if (!made.has(id)) {
      made.add(id);
      TABS[id][2](panels[ids.indexOf(id)], model, state, actions);
    }
  };
  const show = () => {
    const { tab } = state.get();
    page.dataset.tab = tab;
    ids.forEach((id, i) => {
      buttons[i].setAttribute('aria-selected', String(id === tab));
      buttons[i].tabIndex = id === tab ? 0 : -1;
      panels[i].hidden = id !== tab;
    });
    byId(`show-${tab}`).scrollIntoView({ block: 'nearest', inline: 'nearest' });
    make(tab);
  };
  addEventListener('beforeprint', () => ids.forEach(make));
  return show;
}

const allThreads = (model) => (model.nThreads === 1
  ? sayCount('{n} thread', '{n} threads', 1)
  : sayCount('All {n} thread', 'All {n} threads', model.nThreads));

// What the page is of, where the exporter was asked for a part.
function partPills(model) {
  return model.part === null ? [] : [el('span', { class: 'pill', title: say('This page was made of a part of the recording') }, el('bdi', {}, model.part))];
}

function rangePill(model, state) {
  const { range } = state.get(), { from, to, step } = spanOf(model, range), end = model.window.from + model.window.length;
  return range && el('button', { type: 'button', class: 'pill', title: say('Show the whole recording. Ranges snap to steps of {step}.', { step: time(step) }), onclick: (event) => {
    event.stopPropagation();
    state.set({ range: null });
  } }, `${time(from, end)} – ${time(to, end)}`, el('i', {}, say('of {whole}', { whole: time(model.window.length, end) })), '✕');
}

// A flight recorder has exact counts, and only the last events.
const keptText = (trace) => say('the last {time} are kept', { time: time(trace.duration_ns - trace.ring.kept_from_ns, trace.duration_ns) });

function drawOrientation(model, state) {
  const thread = model.byId.get(state.get().thread), { trace } = model;
  const quality = !model.recorded ? say('no allocations, only resources') : trace.ring ? keptText(trace) : trace.sampled ? say('sampled') : trace.dropped_events > 0 ? sayCount('{n} event dropped', '{n} events dropped', trace.dropped_events) : say('every allocation');

  byId('pills').replaceChildren(thread
    ? el('button', { type: 'button', class: 'pill', title: say('Leave the focus (Escape)'), onclick: (event) => {
      event.stopPropagation();
      state.set({ thread: null });
    } }, el('bdi', {}, thread.name), el('i', {}, idOf(thread)), '✕')
    : el('span', { class: 'pill' }, allThreads(model)), ...partPills(model), ...[rangePill(model, state)].filter(Boolean));
  byId('about').textContent = `${stateText(trace)} · ${time(trace.duration_ns)} · ${sayCount('{n} event', '{n} events', trace.events)} · ${quality}`;
}

function createActions(model, state) {
  return {
    select(threadId) {
      const id = Number(threadId);
      if (!model.byId.has(id))
        return false;
      state.set({ thread: id });
      return true;
    },
    toggle(id) {
      state.set({ thread: state.get().thread === id ? null : id });
    },
    leave() {
      state.set({ thread: null });
    },
  };
}

const CONTROLS = 'button, a, input, select, table, svg[tabindex], .lives, .flame, .plot, [role="dialog"]';

function start() {
  const model = readModel(JSON.parse(byId('memscope-data').textContent));
  const state = createState(readFragment(location.hash, model, Object.keys(TABS)));
  const actions = createActions(model, state);
  const showTab = createTabs(model, state, actions);
  const toPeak = byId('to-peak');

  document.title = `${model.trace.program} – Memscope`;
  document.documentElement.lang = language();
  document.querySelector('.skip').textContent = say('Skip to the page');
  byId('tabs').setAttribute('aria-label', say('Pages'));
  byId('orientation').setAttribute('aria-label', say('What is shown'));
  byId('program').textContent = model.trace.program;
  createTheme();
  drawOrientation(model, state);
  // These ask how wide they are, which is quickly known before the tab is there.
  createStrip(model, state);
  showTab();

  if (model.totals.peak_time_ns !== null) {
    toPeak.hidden = false;
    toPeak.textContent = say('Peak {bytes} at {time}', { bytes: bytes(model.totals.peak_bytes), time: time(model.totals.peak_time_ns, model.window.from + model.window.length) });
    toPeak.title = say('Show this moment on every plot');
    toPeak.addEventListener('click', (event) => {
      event.stopPropagation();
      state.set({ cursor: model.live.indexOf(Math.max(...model.live)), range: null });
    });
  }

  const settle = (_, changed) => {
    const s = state.get();
    document.body.classList.toggle('focused', s.thread !== null);
    if (changed.has('tab'))
      showTab();
    if (changed.has('thread') || changed.has('range'))
      drawOrientation(model, state);
    if (changed.has('range'))
      announce(s.range === null ? say('The whole recording') : byId('pills').lastElementChild.textContent.replace('✕', ''));
    if (changed.has('thread')) {
      announce(s.thread === null ? allThreads(model) : say('Focus on {thread}', { thread: model.byId.get(s.thread).name }));
    }
    if (changed.has('tab') || changed.has('thread') || changed.has('range'))
      history.replaceState(null, '', location.pathname + location.search + writeFragment(s, model));
  };
  state.subscribe(settle);
  document.body.classList.toggle('focused', state.get().thread !== null);

  globalThis.selectThread = actions.select;
  globalThis.handleBackgroundClick = (event) => {
    // A click on something that does its own work is not a click on the background.
    if (!(event?.target instanceof Element) || !event.target.closest(CONTROLS))
      actions.leave();
  };
  byId('page').addEventListener('click', globalThis.handleBackgroundClick);
  addEventListener('keydown', (event) => {
    if (event.key === 'Escape')
      actions.leave();
  });
  addEventListener('hashchange', () => state.set(readFragment(location.hash, model, Object.keys(TABS))));
}

start();
