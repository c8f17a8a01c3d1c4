// Passkeys: <form data-passkey="create|get" data-passkey-ask="URL"> asks the server for a question, the browser for
// a passkey, and sends the answer as the form's own field "credential". Every word comes from the page.

const bytes = (text) => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
const withId = (one) => ({ ...one, id: bytes(one.id) });

async function question(form) {
  const answer = await fetch(form.dataset.passkeyAsk, {
    method: 'POST',
    headers: { 'x-csrf-token': form.querySelector('[name="csrf"]').value },
  });
  if (!answer.ok) throw new Error(`${answer.status}`);
  return answer.json();
}

async function create(options) {
  const made = await navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: bytes(options.challenge),
      user: withId(options.user),
      excludeCredentials: options.excludeCredentials.map(withId),
    },
  });
  return {
    clientDataJSON: text(made.response.clientDataJSON),
    attestationObject: text(made.response.attestationObject),
  };
}

async function get(options) {
  const shown = await navigator.credentials.get({
    publicKey: {
      ...options,
      challenge: bytes(options.challenge),
      allowCredentials: options.allowCredentials.map(withId),
    },
  });
  const { clientDataJSON, authenticatorData, signature, userHandle } = shown.response;
  return {
    id: text(shown.rawId),
    clientDataJSON: text(clientDataJSON),
    authenticatorData: text(authenticatorData),
    signature: text(signature),
    userHandle: userHandle ? text(userHandle) : null,
  };
}

// Back and forward bring the page as it was left: its old answer opens nothing any more.
addEventListener('pageshow', (event) => {
  if (!event.persisted) return;
  document.querySelectorAll('[data-passkey]').forEach((form) => { form.elements.credential.value = ''; });
});

for (const form of window.PublicKeyCredential ? document.querySelectorAll('[data-passkey]') : []) {
  const problem = form.querySelector('[data-passkey-problem]');
  form.hidden = false;
  form.closest('[data-passkey-part]')?.removeAttribute('hidden');
  form.addEventListener('submit', async (event) => {
    if (form.elements.credential.value) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    problem.hidden = true;
    try {
      const ask = form.dataset.passkey === 'create' ? create : get;
      form.elements.credential.value = JSON.stringify(await ask(await question(form)));
    } catch {
      // Closed, too late, or none that fits: which one, browsers do not say.
      problem.hidden = false;
      return;
    }
    form.requestSubmit();
  }, { capture: true });
}
