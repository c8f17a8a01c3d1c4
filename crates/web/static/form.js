// Every form: a second click sends nothing twice; a password can be shown; mistakes are announced.
// The server holds all of this by itself; here it is only made more comfortable.

// Heard last, at the document: what another script of the page has taken over is not sent by the browser.
document.addEventListener('submit', (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.getAttribute('method') !== 'post') return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = 'yes';
  event.submitter?.setAttribute('aria-disabled', 'true');
});

// Back and forward bring the page as it was left: let its forms be sent again.
addEventListener('pageshow', (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll('form[data-sent]')) {
    delete form.dataset.sent;
    form.querySelectorAll('[aria-disabled]').forEach((button) => button.removeAttribute('aria-disabled'));
  }
});

for (const button of document.querySelectorAll('[data-reveal]')) {
  const input = document.getElementById(button.dataset.reveal);
  const show = button.textContent;
  button.hidden = false;
  button.addEventListener('click', () => {
    const hidden = input.type === 'password';
    input.type = hidden ? 'text' : 'password';
    button.textContent = hidden ? button.dataset.hideLabel : show;
  });
}

// A number is selected by one click anyway; where the browser lets us, a button copies it.
for (const button of document.querySelectorAll('[data-copy]')) {
  if (!navigator.clipboard) continue;
  const label = button.textContent;
  button.hidden = false;
  button.setAttribute('aria-live', 'polite');
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = button.dataset.copied;
    setTimeout(() => (button.textContent = label), 3000);
  });
}

// An open group of the navigation lies over the page: it closes when somebody goes on, and with Escape.
for (const group of document.querySelectorAll('.nav details')) {
  const outside = (event) => group.contains(event.target) || group.removeAttribute('open');
  document.addEventListener('focusin', outside);
  document.addEventListener('click', outside);
  group.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || !group.open) return;
    group.open = false;
    group.firstElementChild.focus();
  });
}

document.querySelector('[data-focus]')?.focus();
