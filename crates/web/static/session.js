// Two minutes before the login session ends, a dialog asks whether to go on. Pages of one browser tell each other
// when the session was used, so that an old tab does not warn in vain. The server alone decides; without this the
// session simply ends.

const dialog = document.querySelector('[data-session-end]');
const warning = 1000 * Number(dialog.dataset.sessionWarning);
const left = dialog.querySelector('[data-session-left]');
const stay = dialog.querySelector('[data-session-stay]');
const last = dialog.querySelector('[data-session-last]');
const others = new BroadcastChannel('todoke-session');
let end = 0;
let isTold = false; // the person closed the dialog and knows how long is left

function lives(seconds) {
  end = Date.now() + 1000 * seconds;
  if (1000 * seconds <= warning) return;
  isTold = false;
  stay.disabled = false;
  last.hidden = true;
  if (dialog.open) dialog.close();
}

others.onmessage = (event) => lives(event.data);
lives(Number(dialog.dataset.sessionEnd));
others.postMessage(Number(dialog.dataset.sessionEnd));

setInterval(() => {
  const remaining = end - Date.now();
  if (remaining > warning || isTold) return;
  left.textContent = Math.max(0, Math.ceil(remaining / 1000));
  if (!dialog.open) dialog.showModal();
  // What was typed stays on the page: nothing is loaded by itself.
  if (remaining <= 0) stay.disabled = true;
}, 1000);

dialog.addEventListener('cancel', () => { isTold = true; });

stay.addEventListener('click', async () => {
  if (!last.hidden) {
    isTold = true;
    dialog.close();
    return;
  }
  const answer = await fetch(dialog.dataset.sessionExtend, {
    method: 'POST',
    headers: { 'x-csrf-token': dialog.dataset.csrf },
  }).catch(() => null);
  if (!answer?.ok) return;
  const { seconds } = await answer.json();
  lives(seconds);
  others.postMessage(seconds);
  // The day's end cannot be put off: the dialog says so, and the next press lets the person save.
  last.hidden = 1000 * seconds > warning;
});
