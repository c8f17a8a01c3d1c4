// Starts the demo and a quiet Chromium for the browser tests; the judgement of a page is in check-page.mjs.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { watch } from './check-page.mjs';

export { checkPage, checkKeyboard, problemsOf } from './check-page.mjs';

const target = process.env.CARGO_TARGET_DIR ?? fileURLToPath(new URL('../../target', import.meta.url));
const START_LIMIT = 60_000; // milliseconds; a debug build on a busy machine

/**
 * Starts `todoke demo` without patients on free ports with a folder of its own and waits for the address that it prints.
 * Returns { url, lines, stop }: lines is everything that it printed so far.
 */
export async function startDemo(...args) {
  const folder = await mkdtemp(join(tmpdir(), 'todoke-e2e-'));
  const removeFolder = () => rm(folder, { recursive: true, force: true });
  const demo = ['demo', '--empty', '--listen', '127.0.0.1:0', '--directory', folder, ...args];
  try {
    const server = await startServer('debug/todoke', demo);
    return { ...server, stop: () => server.stop().then(removeFolder) };
  } catch (error) {
    await removeFolder();
    throw error;
  }
}

/** `todoke` with exactly these arguments, which must make it print an address. */
export function startTodoke(...args) {
  return startServer('debug/todoke', args);
}

/** Runs `todoke` with these arguments to its end, which must be a good one. */
export async function runTodoke(...args) {
  const child = spawn(join(target, 'debug/todoke'), args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = await once(child, 'exit');
  assert.equal(code, 0, `todoke ${args.join(' ')}`);
}

/**
 * A simulated carrier as a process of its own: { address, counters, stop }. `counters` ends it and tells what it saw.
 */
export async function startSmsc() {
  const server = await startServer('debug/todoke', ['smsc', '--listen', '127.0.0.1:0', '--json']);
  return {
    address: server.address,
    stop: server.stop,
    async counters() {
      await server.stop('SIGINT');
      return JSON.parse(server.lines.at(-1));
    },
  };
}

/** The web crate's gallery of components and screens, without a database. */
export function startGallery() {
  return startServer('debug/examples/gallery', ['0']);
}

/** The pages of photos alone: { url, lines, stop }; behind the address stands where they begin. */
export function startPhotos() {
  return startServer('debug/examples/photo_pages', ['0']);
}

// Starts a program of ours that prints the address where it listens.
async function startServer(path, args) {
  const program = join(target, path);
  assert.ok(existsSync(program), `${program} is missing: bin/test browser builds it`);
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = once(child, 'exit');
  const lines = [];
  try {
    const [url, address] = await new Promise((resolve, reject) => {
      const look = (line) => {
        lines.push(line);
        const found = line.match(/(?:https?:\/\/)?(127\.0\.0\.1:\d+)/);
        if (found) resolve(found);
      };
      createInterface({ input: child.stdout }).on('line', look);
      createInterface({ input: child.stderr }).on('line', look);
      exited.then(([code]) => reject(new Error(`it ended with ${code}`)));
      setTimeout(() => reject(new Error('no address within a minute')), START_LIMIT).unref();
    });
    return {
      url,
      address,
      lines,
      async stop(signal = 'SIGTERM') {
        if (child.exitCode !== null || child.signalCode !== null) return;
        child.kill(signal);
        await exited;
      },
    };
  } catch (error) {
    child.kill('SIGKILL');
    throw new Error(`${path} ${args.join(' ')}: ${error.message}:\n${lines.join('\n')}`);
  }
}

/** Debian's Chromium without its background traffic, in Japanese where its language pack (chromium-l10n) is there. */
export function openBrowser() {
  const paths = [process.env.TEST_CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
  return chromium.launch({
    env: { ...process.env, LANGUAGE: 'ja' },
    executablePath: paths.find((path) => path && existsSync(path)),
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync',
      // Nothing leaves this machine, whatever a page asks for.
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
    ],
  });
}

/**
 * A page in a new context (no cookies), in Japanese and Japan time. Requests to anywhere but `url` are told by
 * checkPage, like console errors. Options are Playwright's, such as { javaScriptEnabled: false }.
 */
export async function openPage(browser, url, options = {}) {
  const context = await browser.newContext({
    baseURL: url,
    locale: 'ja-JP',
    timezoneId: 'Asia/Tokyo',
    viewport: { width: 1280, height: 800 },
    ...options,
  });
  const page = await context.newPage();
  await watch(page, url);
  return page;
}
