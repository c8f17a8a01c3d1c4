// Choosing a list: what cannot be read is sent once and put right, what looks different from last time asks, and
// the pages on the way stand every judgement.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { csv, heading, leave, openDesk, press } from './desk.mjs';
import { checkKeyboard, checkPage, openBrowser, startDemo } from './helpers.mjs';

let demo;
let browser;
before(async () => {
  [demo, browser] = await Promise.all([startDemo(), openBrowser()]);
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

async function judge(page, name) {
  await checkPage(page, name);
  await checkKeyboard(page, name);
}

/** Chooses a file on the upload page and waits for the page that says what became of it. */
async function choose(page, file, title) {
  await page.goto('/lists/new');
  await page.getByLabel('リストをここに置く').setInputFiles(file);
  await press(page, 'button', '検査する');
  await heading(page, title);
}

test('a refused file is sent once, and put right without being chosen again', async () => {
  const page = await openDesk(browser, demo.url);
  const sent = [];
  page.on('request', (request) => request.method() === 'POST' && sent.push(new URL(request.url()).pathname));
  await choose(page, { name: 'a.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7\n') }, 'リストを読めませんでした');
  assert.deepEqual(sent.splice(0), ['/lists']);
  await judge(page, 'list-refused');
  await choose(page, csv('a.csv', '名簿\nHER-SYS ID,電話番号\n'), 'リストを読めませんでした');
  assert.deepEqual(sent.splice(0), ['/lists']);
  assert.match(page.url(), /\/lists\/files\/\d+$/);
  await judge(page, 'list-unread');
  await page.getByLabel('この行が見出し: 1行目').check();
  await press(page, 'button', 'この読み取り方で検査する');
  await heading(page, '列を確かめる');
  await leave(page);
});

test('a list that looks different from the last one shows both side by side', async () => {
  const page = await openDesk(browser, demo.url);
  await page.goto('/lists/new');
  await judge(page, 'list-new');
  const before = csv('a.csv', '整理番号,HER-SYS ID,電話番号\n1,33874301,090-1234-5601\n2,33874302,090-1234-5602\n');
  await choose(page, before, /列を確かめる|検査結果/);
  const after = csv('b.csv', 'HER-SYS ID,連絡先電話番号,発病日\n33874311,090-1234-5611,11/20\n33874312,090-1234-5612,11/21\n');
  await choose(page, after, '列を確かめる');
  await page.getByText('リストの列が前回と変わっています').waitFor();
  await judge(page, 'list-columns');
  await press(page, 'link', '読み取り方を確かめる・変える');
  await judge(page, 'list-reading');
  await leave(page);
});
