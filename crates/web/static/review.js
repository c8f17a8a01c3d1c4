// Judging by keyboard: keys, pictures, the lease, what is taken back. Each of it is a button or a form as well.
//
// Keys act only while the panel has the focus, never in a field, and for nobody who has switched them off. A decision is
// sent without leaving the document and the next page takes the place of this one: so pictures that were fetched ahead
// are there, although nothing of them may be kept (no-store).

const ARMED_AFTER_MS = 400; // nobody has looked sooner: a key that bounces decides nothing
const RENEW_EVERY_MS = 60_000;
const RENEW_WITHIN_MS = 20_000; // one that hangs keeps no other waiting
const ABSENT_AFTER_MS = 4 * 60_000; // whoever left the desk is not kept signed in
const STEP = { zoom: 1.5, light: 0.2, pan: 80 };
const MOST = { zoom: 8, light: 2.4 };
const LEAST = { zoom: 1, light: 0.4 };
const ALIASES = { '=': '+', ';': '+', _: '-' };
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

let page = new AbortController(); // ends everything that belongs to the page that is shown
let isLeaving = false; // by one of our own forms, which says itself what becomes of the case
let ahead = []; // pictures of the next case; the document forgets what nobody holds
let active = performance.now();

function open() {
  page.abort();
  page = new AbortController();
  isLeaving = false;
  const { signal } = page;
  document.querySelectorAll('[data-left]').forEach((one) => countDown(one, signal));
  const panel = document.querySelector('[data-review]');
  if (!panel) return;
  const views = [...panel.querySelectorAll('[data-viewer]')].map((viewer) => view(viewer));
  if ('keys' in panel.dataset) listen(panel, views[0], signal);
  const form = panel.querySelector('[data-renew]');
  if (form) keep(form, signal);
  setTimeout(() => { panel.dataset.armed = 'yes'; }, ARMED_AFTER_MS);
  ahead = (panel.dataset.ahead ?? '').split(' ').filter(Boolean).map((address) => {
    const picture = new Image();
    picture.src = address;
    return picture;
  });
}

function nameOf(event) {
  const key = event.key.length === 1 ? event.key.toUpperCase() : event.key;
  if (/^[A-Z]$/.test(key) && event.shiftKey) return `Shift+${key}`;
  return ALIASES[key] ?? key;
}

function listen(panel, shown, signal) {
  panel.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (event.target.closest('input, textarea, select')) {
      if (event.key === 'Escape') panel.focus();
      return;
    }
    if (event.key in ARROWS && shown?.pan(ARROWS[event.key])) return event.preventDefault();
    const name = nameOf(event);
    const wanted = [...panel.querySelectorAll('[data-key]')].find((one) => one.dataset.key === name && one.checkVisibility());
    if (!wanted || (event.repeat && !wanted.dataset.view)) return;
    event.preventDefault();
    if ('judges' in wanted.dataset && !panel.dataset.armed) return;
    if (wanted.matches('textarea')) wanted.focus();
    else wanted.click();
  }, { signal });
}

// ---- pictures ----

function view(viewer) {
  const pictures = [...viewer.querySelectorAll('[data-picture]')];
  const tools = viewer.querySelector('[data-tools]');
  const strip = viewer.querySelector('[data-strip]'); // only of several
  const said = viewer.querySelector('[data-view-said]');
  const looks = pictures.map(() => ({ zoom: 1, turn: 0, light: 1 }));
  const words = said.dataset.viewSaid;
  let at = 0;
  viewer.classList.add('viewer--live');
  tools.hidden = false;
  if (strip) strip.hidden = false;
  for (const picture of pictures) {
    const stage = picture.querySelector('[data-stage]');
    stage.tabIndex = 0;
    stage.setAttribute('role', 'group');
    stage.setAttribute('aria-label', picture.querySelector('img').alt);
  }

  const stageOf = () => pictures[at].querySelector('[data-stage]');

  function show() {
    pictures.forEach((picture, index) => { picture.hidden = index !== at; });
    strip?.querySelectorAll('[data-show]').forEach((one, index) => {
      if (index === at) one.setAttribute('aria-current', 'true');
      else one.removeAttribute('aria-current');
    });
    const [stage, look] = [stageOf(), looks[at]];
    // What was in the middle stays there.
    const middle = [
      (stage.scrollLeft + stage.clientWidth / 2) / stage.scrollWidth,
      (stage.scrollTop + stage.clientHeight / 2) / stage.scrollHeight,
    ];
    stage.style.setProperty('--zoom', look.zoom);
    stage.style.setProperty('--turn', `${look.turn}deg`);
    stage.style.setProperty('--light', look.light);
    stage.querySelector('img').classList.toggle('viewer__image--across', look.turn % 180 !== 0);
    stage.scrollLeft = middle[0] * stage.scrollWidth - stage.clientWidth / 2;
    stage.scrollTop = middle[1] * stage.scrollHeight - stage.clientHeight / 2;
  }

  function say() {
    const look = looks[at];
    const turn = ((look.turn % 360) + 360) % 360;
    const values = [at + 1, Math.round(100 * look.zoom), turn, Math.round(100 * look.light)];
    said.textContent = values.reduce((text, value) => text.replace('◯', value), words);
  }

  const within = (kind, value) => Math.min(MOST[kind], Math.max(LEAST[kind], value));
  const step = (by) => { at = (at + by + pictures.length) % pictures.length; };
  const zoom = (by) => { looks[at].zoom = within('zoom', looks[at].zoom * by); };
  const light = (by) => { looks[at].light = within('light', looks[at].light + by); };
  const acts = {
    before: () => step(-1),
    after: () => step(1),
    closer: () => zoom(STEP.zoom),
    farther: () => zoom(1 / STEP.zoom),
    whole: () => { looks[at] = { zoom: 1, turn: 0, light: 1 }; },
    right: () => { looks[at].turn += 90; },
    left: () => { looks[at].turn -= 90; },
    lighter: () => light(STEP.light),
    darker: () => light(-STEP.light),
  };
  tools.addEventListener('click', (event) => {
    const tool = event.target.closest('[data-view]');
    if (!tool) return;
    acts[tool.dataset.view]();
    show();
    say();
  });
  strip?.addEventListener('click', (event) => {
    const chosen = event.target.closest('[data-show]');
    if (!chosen) return;
    at = Number(chosen.dataset.show);
    show();
    say();
  });
  show();
  return {
    pan([x, y]) {
      if (looks[at].zoom === 1) return false;
      stageOf().scrollBy(x * STEP.pan, y * STEP.pan);
      return true;
    },
  };
}

// ---- the lease ----

function keep(form, signal) {
  const left = form.querySelector('[data-lease-left]');
  const told = form.querySelector('[data-lease-told]');
  let end = performance.now() + 1000 * Number(form.dataset.seconds);
  let isLost = false;
  let kept = form.comment.defaultValue; // by the server
  let before = Promise.resolve();

  // What is kept already is left out: another window of the same doctor may have a newer word.
  const typed = () => {
    const body = new URLSearchParams(new FormData(form));
    body.set('quiet', 'yes');
    if (form.comment.value === kept) body.delete('comment');
    return body;
  };
  const say = (sentence) => { if (told.textContent !== sentence) told.textContent = sentence; };

  function show() {
    const seconds = Math.max(0, Math.ceil((end - performance.now()) / 1000));
    left.textContent = left.dataset.leaseLeft.replace('◯', Math.ceil(seconds / 60));
    left.parentElement.hidden = isLost; // it says whose the application is
    if (isLost) say(told.dataset.lost);
    else say(seconds === 0 ? told.dataset.over : '');
  }

  // One after the other: of two on their way the older could arrive last.
  const renew = () => { before = before.then(ask).catch(() => null); };

  async function ask() {
    if (document.visibilityState !== 'visible' || performance.now() - active > ABSENT_AFTER_MS) return;
    const { value } = form.comment;
    const ends = AbortSignal.any?.([signal, AbortSignal.timeout(RENEW_WITHIN_MS)]) ?? signal;
    const answer = await fetch(form.dataset.renew, { method: 'POST', body: typed(), signal: ends });
    if (!answer.ok) return;
    const { seconds, lost } = await answer.json();
    kept = value;
    isLost = lost;
    end = performance.now() + 1000 * seconds;
    show();
  }

  // Typed words are kept when the field is left, and with each sign of life.
  form.addEventListener('change', renew, { signal });
  document.addEventListener('visibilitychange', renew, { signal });
  addEventListener('pagehide', () => {
    if (!isLeaving) navigator.sendBeacon(form.dataset.leave, typed());
  }, { signal });
  const timers = [setInterval(renew, RENEW_EVERY_MS), setInterval(show, 1000)];
  signal.addEventListener('abort', () => timers.forEach(clearInterval));
  show();
  renew();
}

// ---- what can be taken back ----

function countDown(element, signal) {
  const seconds = element.querySelector('[data-left-seconds]');
  const end = performance.now() + 1000 * Number(element.dataset.left);
  const timer = setInterval(() => {
    const left = Math.max(0, (end - performance.now()) / 1000);
    seconds.textContent = Math.ceil(left);
    if (left > 0) return;
    clearInterval(timer);
    element.replaceChildren(element.dataset.over);
  }, 250);
  signal.addEventListener('abort', () => clearInterval(timer));
}

// ---- from one case to the next ----

document.addEventListener('submit', async (event) => {
  if (event.defaultPrevented) return;
  const form = event.target;
  if (!('swap' in form.dataset)) {
    isLeaving = true;
    return;
  }
  event.preventDefault();
  if (isLeaving) return;
  isLeaving = true;
  event.submitter?.setAttribute('aria-disabled', 'true');
  const action = event.submitter?.getAttribute('formaction') ?? form.getAttribute('action');
  const body = new URLSearchParams(new FormData(form, event.submitter));
  const answer = await fetch(action, { method: 'POST', body }).catch(() => null);
  const next = answer && new DOMParser().parseFromString(await answer.text(), 'text/html');
  const main = next?.querySelector('main.main--review');
  if (!main) {
    // Signed out, or no network: the browser says it better. What was done is not done twice.
    location.assign(answer?.redirected ? answer.url : location.href);
    return;
  }
  document.title = next.title;
  document.querySelector('main').replaceWith(main);
  if (answer.redirected) history.replaceState(null, '', answer.url);
  scrollTo(0, 0);
  open();
  (main.querySelector('[data-focus]') ?? main).focus();
});

for (const sign of ['keydown', 'pointerdown', 'input']) {
  document.addEventListener(sign, () => { active = performance.now(); }, { passive: true });
}
// A page that comes back as it was left may be somebody else's by now.
addEventListener('pageshow', (event) => { if (event.persisted) location.reload(); });
open();
