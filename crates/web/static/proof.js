// A proof of work: numbers that make SHA-256 begin with zeros are found while the form is filled in, in short steps
// between which the page answers. Whoever is faster waits for the rest. Without this the form goes through as well,
// within narrower limits.

const STEP_MS = 12; // nobody notices a page that is busy for so long
const roots = (of, power) => {
  // The first 32 bits of the fractional part, as SHA-256 defines its constants.
  const primes = [];
  for (let n = 2; primes.length < of; n++) if (primes.every((p) => n % p)) primes.push(n);
  return primes.map((p) => ((p ** power % 1) * 2 ** 32) | 0);
};
const START = roots(8, 1 / 2);
const ROUNDS = roots(64, 1 / 3);
const words = new Int32Array(64);
const turn = (x, n) => (x >>> n) | (x << (32 - n));

// The first 32 bits of the hash of a text of at most 55 letters of ASCII.
export function head(text) {
  words.fill(0, 0, 16);
  for (let at = 0; at < text.length; at++) words[at >> 2] |= text.charCodeAt(at) << (24 - 8 * (at & 3));
  words[text.length >> 2] |= 0x80 << (24 - 8 * (text.length & 3));
  words[15] = 8 * text.length;
  for (let i = 16; i < 64; i++) {
    const [near, far] = [words[i - 2], words[i - 15]];
    const one = turn(near, 17) ^ turn(near, 19) ^ (near >>> 10);
    const other = turn(far, 7) ^ turn(far, 18) ^ (far >>> 3);
    words[i] = one + words[i - 7] + other + words[i - 16];
  }
  let [a, b, c, d, e, f, g, h] = START;
  for (let i = 0; i < 64; i++) {
    const mixed = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25);
    const first = (h + mixed + ((e & f) ^ (~e & g)) + ROUNDS[i] + words[i]) | 0;
    const second = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + second) | 0];
  }
  return (START[0] + a) >>> 0;
}

// Gives the page its turn without the pause that timers have.
const breathe = () =>
  new Promise((done) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = done;
    port2.postMessage(0);
  });

async function solve({ proof, proofBits, proofParts }) {
  const seed = proof.split('.')[2];
  const limit = 2 ** (32 - proofBits);
  const numbers = [];
  let until = performance.now() + STEP_MS;
  for (let part = 0; part < Number(proofParts); part++) {
    let number = 0;
    while (head(`${seed}.${part}.${number}`) >= limit) {
      number++;
      if (number % 64 === 0 && performance.now() > until) {
        await breathe();
        until = performance.now() + STEP_MS;
      }
    }
    numbers.push(number);
  }
  return `${proof}.${numbers.join('-')}`;
}

for (const field of globalThis.document?.querySelectorAll('[data-proof]') ?? []) {
  const { form } = field;
  const told = form.querySelector('[data-proof-wait]');
  let waits = null;
  solve(field.dataset).then((proof) => {
    field.value = proof;
    told.textContent = '';
    if (waits) form.requestSubmit(waits.button);
  });
  form.addEventListener(
    'submit',
    (event) => {
      if (field.value) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      waits = { button: event.submitter };
      told.textContent = told.dataset.proofWait;
    },
    { capture: true },
  );
}
