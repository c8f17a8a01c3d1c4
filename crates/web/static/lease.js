// How long a caller has a person to themselves: counts down, and asks for more as long as somebody types or points.
// The server alone decides; without this a button does the same.

const form = document.querySelector('[data-lease]');
const left = form.querySelector('[data-lease-left]');
const told = form.querySelector('[role="status"]');
const words = left.dataset.leaseWords;
const RENEW_EVERY_MS = 60_000; // as often as at most, however much is typed
let end = performance.now() + 1000 * Number(form.dataset.lease);
let renewed = performance.now();
let isAsking = false;

function say(sentence) {
  if (told.textContent !== sentence) told.textContent = sentence;
}

function show() {
  const seconds = Math.max(0, Math.ceil((end - performance.now()) / 1000));
  left.textContent = words.replace('◯', Math.ceil(seconds / 60));
  if (seconds === 0) say(told.dataset.leaseOver);
  else if (seconds <= 60) say(told.dataset.leaseSoon);
  else say('');
}

async function renew() {
  if (isAsking || performance.now() - renewed < RENEW_EVERY_MS) return;
  isAsking = true;
  const body = new URLSearchParams(new FormData(form));
  body.set('quiet', 'yes');
  const answer = await fetch(form.action, { method: 'POST', body }).catch(() => null);
  renewed = performance.now();
  isAsking = false;
  // Somebody else may have the person by now: then the time runs out as it was told.
  if (!answer?.ok) return;
  const { seconds } = await answer.json();
  end = performance.now() + 1000 * seconds;
  show();
}

for (const sign of ['input', 'keydown', 'pointerdown']) document.addEventListener(sign, renew, { passive: true });
show();
setInterval(show, 1000);
