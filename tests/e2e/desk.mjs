// What somebody at a desk does in the demo: sign in, take a list in, read the numbers, fetch a report.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { inflateRawSync } from 'node:zlib';
import { openPage } from './helpers.mjs';

const PASSWORD = 'midori-no-kaze-17';

/** A sample list of the demo. */
export const sample = (name) => fileURLToPath(new URL(`../../crates/server/demo/lists/${name}`, import.meta.url));

/** A list of our own, as setInputFiles takes it. */
export const csv = (name, text) => ({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });

/** Presses a button or link by its name and waits for the page behind it. */
export async function press(page, role, name, within = page.locator('main')) {
  await within.getByRole(role, { name }).first().click();
  await page.waitForLoadState();
}

export const heading = (page, text, timeout) => page.locator('h1', { hasText: text }).waitFor({ timeout });

/** Goes to a page by the main navigation, whose groups open first. */
export async function goTo(page, name) {
  const menu = page.getByRole('navigation', { name: 'メイン' });
  const link = page.getByRole('link', { name, includeHidden: true });
  const group = menu.locator('details', { has: link });
  if (await group.count()) await group.locator('summary').click();
  await press(page, 'link', name, menu);
}

/** Fills in the sign-in page that stands open. */
export async function signInHere(page, login) {
  await page.getByLabel('ログインID').fill(login);
  await page.getByLabel('パスワード').fill(PASSWORD);
  await press(page, 'button', 'ログインする');
}

// Who has signed in where in this file, and when: `${url} ${login}` → { at, state }, the cookies.
const signedIn = new Map();

// What may not be undone is asked for within five minutes of signing in, so a session is shared for two.
const SHARED_MS = 120_000;

/**
 * A page of somebody who has signed in and stands before the day. Pages of one person share one session for a while;
 * what is told of sessions themselves signs in by itself (`openSession`).
 */
export async function openDesk(browser, url, login = 'aoba', options = {}) {
  const key = `${url} ${login}`;
  const shared = signedIn.get(key);
  if (!shared || Date.now() - shared.at > SHARED_MS) {
    signedIn.set(key, { at: Date.now(), state: await stateOf(await openSession(browser, url, login)) });
  }
  const page = await openPage(browser, url, { storageState: signedIn.get(key).state, ...options });
  await page.goto('/');
  await heading(page, '今日の配信');
  return page;
}

async function stateOf(page) {
  const state = await page.context().storageState();
  await page.context().close();
  return state;
}

/** A page with a session of its own, which `signOut` ends. */
export async function openSession(browser, url, login = 'aoba', options = {}) {
  const page = await openPage(browser, url, options);
  await page.goto('/');
  await signInHere(page, login);
  await heading(page, '今日の配信');
  return page;
}

/** The same for somebody whose first page is not the day of broadcasts: a doctor, a clerk of a desk. */
export async function openHome(browser, url, login, options = {}) {
  const page = await openPage(browser, url, options);
  await page.goto('/');
  await signInHere(page, login);
  await heading(page, 'ホーム');
  return page;
}

/** Signs out of the session. */
export async function signOut(page) {
  await press(page, 'button', 'ログアウト', page.locator('header'));
  await heading(page, 'ログイン');
}

/** The end of somebody's work at a page. */
export const leave = (page) => page.context().close();

/** From the day: a list and its text go to the check. Gives the address of the list. */
export async function upload(page, file, template = 'はじめのご連絡') {
  await page.goto('/');
  await page.getByLabel('送る文面').selectOption({ label: await optionWith(page, template) });
  await page.getByLabel('リストをここに置く').setInputFiles(file);
  await press(page, 'button', '検査する');
  await page.waitForURL(/\/lists\/\d+$/);
  return page.url();
}

/**
 * The same for a list whose columns may differ from those of the office's last one: then they are confirmed as they
 * are proposed. Which list was the last one depends on what other tests do at the same time.
 */
export async function uploadOther(page, file, template) {
  const list = await upload(page, file, template);
  await page.locator('h1').waitFor();
  if ((await page.locator('h1').innerText()) === '列を確かめる') {
    await press(page, 'button', /^この列で検査する/);
  }
  await heading(page, 'リストの検査結果');
  return list;
}

// The options say the version too.
async function optionWith(page, template) {
  const labels = await page.getByLabel('送る文面').locator('option').allTextContents();
  const found = labels.find((label) => label.startsWith(template));
  assert.ok(found, `no 「${template}」 among ${labels}`);
  return found;
}

/** From the check: on to the broadcast, pressing what a person presses. Gives the broadcast's address. */
export async function send(page) {
  await press(page, 'link', /人の文面を確かめる/);
  await press(page, 'link', /人への送信の確認に進む/);
  await press(page, 'button', /人に送信する/);
  await page.waitForURL(/\/broadcasts\/\d+/);
  return page.url();
}

/** The same for what the demo's rule wants a second person to look at: that person does, and the sender's page goes on. */
export async function sendApproved(page, browser, url) {
  await press(page, 'link', /人の文面を確かめる/);
  await press(page, 'link', /人への送信の確認に進む/);
  await press(page, 'button', /人への送信の承認を求める/);
  await heading(page, '承認を待っています');
  const broadcast = page.url();
  const approver = await openDesk(browser, url, 'shonin');
  await goTo(approver, /^承認$/);
  await approver.locator(`a[href="${new URL(broadcast).pathname}/approval"]`).click();
  await heading(approver, '送信の承認');
  const looked = approver.getByLabel(/人分の文面を見ました/);
  if (await looked.count()) await looked.check();
  await press(approver, 'button', /人への送信を承認する/);
  await approver.getByText('送信を承認しました', { exact: true }).waitFor();
  await leave(approver);
  await page.goto(broadcast);
  return broadcast;
}

/** The numbers of the broadcast that stands open: { total, delivered, … }. */
export function counts(page) {
  return page.locator('.tiles [data-count]').evaluateAll((all) =>
    Object.fromEntries(all.map((one) => [one.dataset.count, Number(one.textContent.replaceAll(',', ''))])),
  );
}

/** The page's own CSRF token and everything else that a form would send. */
export function fieldsOf(form) {
  return form.evaluate((one) => Object.fromEntries(new FormData(one)));
}

/** The rows of a CSV whose cells may be quoted; the first three letters are the byte order mark. */
export function parseCsv(bytes) {
  assert.deepEqual([...bytes.subarray(0, 3)], [0xef, 0xbb, 0xbf], 'Excel needs the byte order mark');
  const cell = /("(?:[^"]|"")*"|[^,\r\n]*)(,|\r\n|$)/gy;
  const rows = [[]];
  for (const [, value, end] of bytes.subarray(3).toString('utf8').matchAll(cell)) {
    rows.at(-1).push(value.replace(/^"|"$/g, '').replaceAll('""', '"'));
    if (end !== ',') rows.push([]);
  }
  return rows.filter((row) => row.some((value) => value !== ''));
}

/** Takes the results of a broadcast out as a file (CSV, Excel), for a purpose. */
export async function takeFile(page, broadcast, form) {
  await page.goto(`${broadcast}/export`);
  await page.getByLabel('何のために使いますか').fill('点検のため');
  await page.getByLabel(form).check();
  const coming = page.waitForEvent('download');
  await page.getByRole('button', { name: /行を書き出す/ }).click();
  return readFile(await (await coming).path());
}

/** The same as rows, without the line that says whose file it is. */
export async function takeReport(page, broadcast) {
  const rows = parseCsv(await takeFile(page, broadcast, 'CSV'));
  assert.match(rows.pop()[0], /^書き出し: .* 目的: 点検のため$/);
  return rows;
}

/** How many of the rows of a report ended in each state. */
export function tally([, ...rows]) {
  const found = {};
  for (const [, , state] of rows) found[state] = (found[state] ?? 0) + 1;
  return found;
}

/** The rows of the report's sheet, as texts. */
export function parseXlsx(bytes) {
  const files = unzip(bytes);
  const text = (xml) => [...xml.matchAll(/<t(?: [^>]*)?>([^<]*)<\/t>/g)].map(([, one]) => one).join('');
  const shared = [...(files['xl/sharedStrings.xml'] ?? '').matchAll(/<si>(.*?)<\/si>/gs)].map(([, one]) => text(one));
  const cells = (row) => {
    const values = Array(7).fill(''); // an empty cell is not written
    for (const [whole, column, inside = ''] of row.matchAll(/<c r="([A-G])\d+"[^>]*?(?:\/>|>(.*?)<\/c>)/gs)) {
      const value = inside.match(/<v>([^<]*)<\/v>/)?.[1] ?? '';
      values[column.charCodeAt(0) - 65] = /t="s"/.test(whole) ? shared[Number(value)] : text(inside) || value;
    }
    return values;
  };
  return [...files['xl/worksheets/sheet1.xml'].matchAll(/<row [^>]*>(.*?)<\/row>/gs)].map(([, row]) => cells(row));
}

// The files of a ZIP by its central directory (APPNOTE 4.3.12), as texts.
function unzip(bytes) {
  const files = {};
  const last = bytes.lastIndexOf(Buffer.from('PK\x05\x06'));
  let at = bytes.readUInt32LE(last + 16);
  for (let left = bytes.readUInt16LE(last + 10); left > 0; left -= 1) {
    const [name, extra, comment] = [28, 30, 32].map((field) => bytes.readUInt16LE(at + field));
    const local = bytes.readUInt32LE(at + 42);
    const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const packed = bytes.subarray(start, start + bytes.readUInt32LE(at + 20));
    const isPacked = bytes.readUInt16LE(at + 10) === 8;
    files[bytes.toString('utf8', at + 46, at + 46 + name)] = (isPacked ? inflateRawSync(packed) : packed).toString('utf8');
    at += 46 + name + extra + comment;
  }
  return files;
}
