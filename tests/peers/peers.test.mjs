// The foreign peers against one another: what our own SMPP is measured by must itself be sound.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const python = process.env.TEST_PYTHON ?? join(here, '../../target/venv/bin/python');
const twoPartText = '陽性の方へのお知らせです。'.repeat(8);

const smscs = {
  npm: [process.execPath, join(here, 'npm-smsc.mjs')],
  pypi: [python, join(here, 'pypi_smsc.py')],
};

// Starts a peer that prints JSON lines; resolves when it listens.
async function startPeer([command, ...args]) {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const events = [];
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => events.push(JSON.parse(line)));
  await Promise.race([
    once(lines, 'line'),
    once(child, 'exit').then(([code]) => assert.fail(`${args[0]} ended with ${code} before it listened`)),
  ]);
  return {
    port: events[0].port,
    events,
    async stop() {
      const closed = once(lines, 'close');
      child.stdin.end(); // all are started with --with-parent
      await closed;
      return events.at(-1);
    },
  };
}

function run(command, args) {
  return new Promise((resolve) => {
    execFile(command, args, { timeout: 60_000 }, (error, stdout) => resolve({ code: error ? error.code : 0, stdout }));
  });
}

async function runClient(port, ...args) {
  const { code, stdout } = await run(python, [join(here, 'smpplib_client.py'), '--port', String(port), ...args]);
  return { code, ...JSON.parse(stdout) };
}

let folder;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'todoke-peers-'));
});
after(() => rm(folder, { recursive: true }));

for (const [name, command] of Object.entries(smscs)) {
  describe(`the ${name} SMSC`, () => {
    for (const receipts of ['text', 'tlv', 'both']) {
      test(`takes long Japanese messages and sends receipts by ${receipts}`, async () => {
        const smsc = await startPeer([...command, '--with-parent', '--receipts', receipts, '--id-format', 'hex']);
        const client = await runClient(smsc.port, '--count', '5', '--text', twoPartText);
        const count = await smsc.stop();
        assert.equal(client.code, 0);
        assert.deepEqual(client.receipts, { DELIVRD: 10 });
        assert.equal(client.unknown_receipts, 0);
        assert.equal(count.accepted, 10);
        const parts = smsc.events
          .filter((event) => event.event === 'submit' && event.destination_addr === '819010000000')
          .sort((a, b) => (a.udh < b.udh ? -1 : 1)); // the PyPI package hands them on in any order
        assert.equal(parts.map((part) => part.text).join(''), twoPartText);
        assert.match(parts[0].udh, /^050003..0201$/);
      });
    }

    test('throttles as told and sends receipts to a receiver bound apart', async () => {
      const smsc = await startPeer([...command, '--with-parent', '--throttle-every', '5', '--state', 'UNDELIV']);
      const client = await runClient(smsc.port, '--count', '20', '--bind', 'separate');
      await smsc.stop();
      assert.deepEqual(client.refused, { 0x58: 4 });
      assert.deepEqual(client.receipts, { UNDELIV: 16 });
    });
  });
}

test('the npm SMSC refuses a wrong password', async () => {
  const smsc = await startPeer([...smscs.npm, '--with-parent']);
  const client = await runClient(smsc.port, '--password', 'wrong');
  await smsc.stop();
  assert.deepEqual(client, { code: 3, bind_refused: 0x0d });
});

test('the npm SMSC cuts the line without an answer when told', async () => {
  const smsc = await startPeer([...smscs.npm, '--with-parent', '--drop-after', '4', '--receipts', 'none']);
  const client = await runClient(smsc.port, '--count', '10', '--window', '1', '--no-receipts');
  const count = await smsc.stop();
  assert.equal(client.code, 2);
  assert.equal(client.accepted, 3);
  assert.equal(count.submits, 4);
});

test('a tapped line is dissected without a fault, and a damaged capture is found out', async () => {
  const capture = join(folder, 'line.pcap');
  const smsc = await startPeer([...smscs.npm, '--with-parent']);
  const tap = await startPeer([
    python, join(here, 'tap.py'), '--with-parent', '--to', `127.0.0.1:${smsc.port}`, '--capture', capture,
  ]);
  const client = await runClient(tap.port, '--count', '20', '--window', '20', '--text', twoPartText);
  await tap.stop();
  await smsc.stop();
  assert.equal(client.code, 0);
  const good = await run(join(here, 'dissect.sh'), [capture]);
  assert.equal(good.code, 0, good.stdout);
  const { commands } = JSON.parse(good.stdout);
  assert.equal(commands.submit_sm, 40);
  assert.equal(commands.deliver_sm_resp, 40);

  const bytes = await readFile(capture);
  // The tenth octet behind a destination_addr is sm_length: one that reaches beyond its PDU.
  bytes[bytes.indexOf('819010000005') + 13 + 9] = 250;
  await writeFile(capture, bytes);
  const bad = await run(join(here, 'dissect.sh'), [capture]);
  assert.notEqual(bad.code, 0);
});
