// Live progress: <section data-live="URL"> listens to server-sent events named "progress" (see live.rs)
// and changes numbers, bar and texts in place. Every word comes from the server or from data attributes.

const ANNOUNCE_EVERY_MS = 5000;
const RETRY_AFTER_FAILURE_MS = 5000;
const FAILURES_MAX = 3;

const number = new Intl.NumberFormat(document.documentElement.lang);
const setText = (element, text) => {
  if (element.textContent !== text) element.textContent = text;
};
// Rounded down, like the server's: 100 % only when nothing is missing.
const share = (part, total) => (total ? Math.floor((part * 1000) / total) / 10 : 0);

function drawBar(figure, counts, total) {
  let before = 0;
  for (const rect of figure.querySelectorAll('[data-bar]')) {
    const key = rect.dataset.bar;
    const start = share(before, total);
    before += counts[key] ?? 0;
    const width = share(before, total) - start;
    for (const part of figure.querySelectorAll(`[data-bar="${key}"], [data-bar-hatch="${key}"]`)) {
      part.setAttribute('x', `${start}%`);
      part.setAttribute('width', `${width}%`);
    }
  }
}

function show(section, update) {
  for (const [key, count] of Object.entries({ ...update.counts, total: update.total })) {
    section.querySelectorAll(`[data-count="${key}"]`).forEach((e) => setText(e, number.format(count)));
    section.querySelectorAll(`[data-share="${key}"]`).forEach((e) => setText(e, `${share(count, update.total)}%`));
  }
  for (const [key, text] of Object.entries(update.facts)) {
    section.querySelectorAll(`[data-fact="${key}"]`).forEach((e) => setText(e, text));
  }
  section.querySelectorAll('[data-progress]').forEach((figure) => drawBar(figure, update.counts, update.total));
}

const showLost = (section, isLost) =>
  section.querySelectorAll('[data-lost]').forEach((e) => { e.hidden = !isLost; });

// Loading at once would leave the browser's own error page while the server is away, and that one stays.
function reloadOnceThere() {
  setTimeout(() => {
    fetch(location.href, { method: 'HEAD', cache: 'no-store' }).then(() => location.reload(), reloadOnceThere);
  }, RETRY_AFTER_FAILURE_MS);
}

function listen(section) {
  const said = section.querySelector('[data-announce]');
  const source = new EventSource(section.dataset.live);
  let lastSaid = -Infinity;
  let failures = 0;

  source.addEventListener('progress', (event) => {
    failures = 0;
    showLost(section, false);
    const update = JSON.parse(event.data);
    show(section, update);
    const now = performance.now();
    if (said && (update.finished || now - lastSaid >= ANNOUNCE_EVERY_MS)) {
      lastSaid = now;
      setText(said, update.announcement);
    }
    if (update.finished) {
      source.close();
      setTimeout(() => location.reload(), 1500);
    }
  });
  // The browser reconnects by itself; if that does not help, show the page anew as without script.
  source.addEventListener('error', () => {
    failures += 1;
    const isClosed = source.readyState === EventSource.CLOSED;
    showLost(section, failures > 1 || isClosed);
    if (failures < FAILURES_MAX && !isClosed) return;
    source.close();
    reloadOnceThere();
  });
}

document.querySelectorAll('[data-live]').forEach(listen);
