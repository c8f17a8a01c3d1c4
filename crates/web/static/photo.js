// A photo on its way: looked at and made smaller on the device, covered where somebody wants that, sent part by part
// and gone on with after a break. Without this script the form sends the photo as it is.

const LONG_EDGE = 2048;
const FINE_AS_IT_IS = 1_500_000;
const TRIES = 12;

const wait = (ms) => new Promise((done) => setTimeout(done, ms));

/** Until the browser says that it is connected again, or for a while. */
const connected = (ms) =>
  new Promise((done) => {
    addEventListener('online', done, { once: true });
    setTimeout(done, ms);
  });

const letters = (bytes, from, to) => String.fromCharCode(...bytes.slice(from, to));

/** What a file is by its first bytes, whatever it is called. */
async function kindOf(file) {
  const bytes = new Uint8Array(await file.slice(0, 32).arrayBuffer());
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return 'photo';
  if (letters(bytes, 1, 4) === 'PNG') return 'photo';
  if (letters(bytes, 0, 4) === 'RIFF' && letters(bytes, 8, 12) === 'WEBP') return 'photo';
  if (letters(bytes, 4, 8) === 'ftyp' && /heic|heix|hevc|mif1|msf1|avif/.test(letters(bytes, 8, 32))) return 'heic';
  return 'other';
}

const bitmapOf = (file) => createImageBitmap(file, { imageOrientation: 'from-image' }).catch(() => null);

function canvasOf(bitmap) {
  const part = Math.min(1, LONG_EDGE / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(bitmap.width * part));
  canvas.height = Math.max(1, Math.round(bitmap.height * part));
  const pen = canvas.getContext('2d');
  pen.fillStyle = '#fff';
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return canvas;
}

const jpegOf = (canvas) => new Promise((done) => canvas.toBlob(done, 'image/jpeg', 0.88));

/** By what this photo is known again after a break, also when it is chosen anew. */
async function markOf(blob) {
  if (!crypto.subtle) return String(Math.random()).slice(2, 18);
  const hash = await crypto.subtle.digest('SHA-256', await blob.arrayBuffer());
  return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Somebody chooses what is covered: true if anything was burnt into the canvas, false if it goes as it is. */
function cover(tool, canvas) {
  const shown = tool.querySelector('canvas');
  const edges = Object.fromEntries([...tool.querySelectorAll('[data-edge]')].map((one) => [one.dataset.edge, one]));
  const box = () => {
    const [left, top, width, height] = ['left', 'top', 'width', 'height'].map((name) => Number(edges[name].value));
    return [left * canvas.width, top * canvas.height, width * canvas.width, height * canvas.height].map((n) => n / 100);
  };
  const draw = () => {
    const pen = shown.getContext('2d');
    pen.drawImage(canvas, 0, 0);
    pen.fillStyle = '#000';
    pen.fillRect(...box());
    pen.lineWidth = Math.max(2, canvas.width / 300);
    pen.strokeStyle = '#fff';
    pen.strokeRect(...box());
  };
  const burn = () => {
    const pen = canvas.getContext('2d');
    pen.fillStyle = '#000';
    pen.fillRect(...box());
  };
  shown.width = canvas.width;
  shown.height = canvas.height;
  tool.hidden = false;
  draw();
  tool.scrollIntoView({ block: 'nearest' });
  edges.left.focus({ preventScroll: true });

  const until = new AbortController();
  const on = (element, event, act) => element.addEventListener(event, act, { signal: until.signal });
  const place = (event) => {
    const { left, top, width, height } = shown.getBoundingClientRect();
    // The picture keeps its shape within its frame.
    const scale = Math.min(width / canvas.width, height / canvas.height);
    const [wide, high] = [canvas.width * scale, canvas.height * scale];
    const within = (n) => Math.min(100, Math.max(0, n * 100));
    return [
      within((event.clientX - left - (width - wide) / 2) / wide),
      within((event.clientY - top - (height - high) / 2) / high),
    ];
  };
  let from = null;
  on(shown, 'pointerdown', (event) => {
    from = place(event);
    shown.setPointerCapture(event.pointerId);
  });
  on(shown, 'pointermove', (event) => {
    if (!from) return;
    const to = place(event);
    edges.left.value = Math.min(from[0], to[0]);
    edges.top.value = Math.min(from[1], to[1]);
    edges.width.value = Math.abs(to[0] - from[0]);
    edges.height.value = Math.abs(to[1] - from[1]);
    draw();
  });
  on(shown, 'pointerup', () => (from = null));
  for (const edge of Object.values(edges)) on(edge, 'input', draw);

  return new Promise((done) => {
    let burnt = false;
    const end = (covered) => {
      until.abort();
      tool.hidden = true;
      done(covered);
    };
    on(tool.querySelector('[data-mask-more]'), 'click', () => {
      burn();
      burnt = true;
      draw();
    });
    on(tool.querySelector('[data-mask-done]'), 'click', () => {
      burn();
      end(true);
    });
    on(tool.querySelector('[data-mask-skip]'), 'click', () => end(burnt));
  });
}

for (const form of document.querySelectorAll('form[data-photo]')) {
  const words = JSON.parse(form.dataset.photo);
  const input = form.querySelector('input[type="file"]');
  const bar = form.querySelector('progress');
  const status = form.querySelector('[data-said]');
  const actions = form.querySelector('[data-send]');
  const tool = form.querySelector('[data-mask-tool]');
  const { pathname: action, search } = new URL(form.action);

  const say = (text, wrong = false) => {
    status.textContent = text;
    status.classList.toggle('field__error', wrong);
  };
  const stop = (text) => {
    say(text, true);
    bar.hidden = true;
    actions.hidden = false;
    input.disabled = false;
    input.focus();
  };

  /** One request, tried again while the line or the house is away; nothing if it never came through. */
  const ask = async (address, body) => {
    for (let tried = 0; tried < TRIES; tried += 1) {
      const answer = await fetch(address, { method: 'POST', body, credentials: 'same-origin' }).catch(() => null);
      if (answer && answer.status !== 503 && answer.status !== 429) return answer;
      say(answer ? words.busy : words.waiting);
      await (answer ? wait : connected)(Math.min(30_000, 1000 * 2 ** tried));
      say(words.sending);
    }
    return null;
  };

  const send = async (blob, masked) => {
    say(words.sending);
    bar.hidden = false;
    bar.value = 0;
    const about = new URLSearchParams({ mark: await markOf(blob), bytes: blob.size, masked });
    // What the house let go of meanwhile is begun anew, once.
    for (let begun = 0; begun < 2; begun += 1) {
      const begin = await ask(`${action}/uploads`, about);
      if (!begin) return words.lost;
      if (begin.status === 409) return goOn(begin);
      if (begin.status !== 200) return begin.status === 422 ? (await begin.json()).said : words.lost;
      const { upload, part, arrived } = await begin.json();
      const parts = Math.ceil(blob.size / part);
      let gone = false;
      for (let n = 0; n < parts && !gone; n += 1) {
        if (!arrived.includes(n)) {
          const kept = await ask(`${action}/uploads/${upload}/parts/${n}`, blob.slice(n * part, (n + 1) * part));
          if (!kept) return words.lost;
          if (kept.status === 409) return goOn(kept);
          if (kept.status !== 204 && kept.status !== 410) return words.lost;
          gone = kept.status === 410;
        }
        bar.value = (100 * (n + 1)) / parts;
      }
      if (gone) continue;
      say(words.reading);
      const replaces = form.elements.replaces?.value;
      const done = await ask(`${action}/uploads/${upload}/done`, new URLSearchParams(replaces ? { replaces } : {}));
      if (!done) return words.lost;
      if (done.status === 200 || done.status === 409) return goOn(done);
      if (done.status === 422) return (await done.json()).said;
      if (done.status !== 410) return words.lost;
    }
    return words.lost;
  };
  const goOn = async (answer) => {
    const { to: told } = await answer.json();
    const to = search ? told.replace('?', `${search}&`) : told;
    const [page] = to.split('#');
    if (page === location.pathname + location.search) location.reload();
    else location.assign(to);
    return null;
  };

  const take = async (file) => {
    say(words.preparing);
    const kind = await kindOf(file);
    const bitmap = await bitmapOf(file);
    // A browser that shows HEIC makes a JPEG of it; the others are told before anything is sent.
    if (kind === 'heic' && !bitmap) return words.heic;
    if (kind === 'other') return words.kind;
    let blob = file;
    let masked = false;
    const canvas = bitmap && canvasOf(bitmap);
    if (canvas && tool) {
      say('');
      masked = await cover(tool, canvas);
    }
    const large = bitmap && Math.max(bitmap.width, bitmap.height) > LONG_EDGE;
    if (canvas && (masked || large || kind === 'heic' || file.size > FINE_AS_IT_IS)) {
      blob = (await jpegOf(canvas)) ?? file;
    }
    return send(blob, masked);
  };

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const [file] = input.files;
    if (!file) return stop(words.none);
    actions.hidden = true;
    input.disabled = true;
    const wrong = await take(file).catch(() => words.lost);
    if (wrong) stop(wrong);
  });
}
