// Figures: a list comes in and is a picture, a table and a file, for a desktop and a phone, with and without JavaScript;
// what is published of a week hides the small numbers. Each page stands the checks.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { csv, goTo, heading, leave, openDesk, parseCsv, press } from './desk.mjs';
import { checkKeyboard, checkPage, openBrowser, startTodoke } from './helpers.mjs';

const PEOPLE = 33;
const PHONE = { viewport: { width: 375, height: 800 } };
let folder;
let demo;
let browser;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'todoke-e2e-'));
  const start = startTodoke('demo', '--empty', '--listen', '127.0.0.1:0', '--directory', folder);
  [demo, browser] = await Promise.all([start, openBrowser()]);
});
after(async () => {
  await browser?.close();
  await demo?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** So many people whom nobody would take for one another. */
function list() {
  const person = (_, n) => `見本　${n},ミホン　${n},19${50 + n}/1/1,090-1555-${String(1000 + n)}`;
  return csv('発生届.csv', `氏名,フリガナ,生年月日,電話番号\n${Array.from({ length: PEOPLE }, person).join('\n')}\n`);
}

async function takeIn(page) {
  await page.goto('/intake/new');
  await page.locator('input[type=file]').setInputFiles(list());
  await press(page, 'button', '内容を確かめる');
  await press(page, 'button', `${PEOPLE}人を登録する`);
  await page.getByText(`${PEOPLE}人を登録しました`).waitFor();
}

/** Opens the table of a figure, as one does without JavaScript too. Gives its rows as texts. */
async function table(page, id) {
  const figure = page.locator(`section[aria-labelledby="${id}"]`);
  await figure.locator('summary').click();
  const rows = figure.locator('table tr');
  await rows.first().waitFor();
  return rows.evaluateAll((all) => all.map((row) => [...row.cells].map((cell) => cell.innerText.trim())));
}

/** Whether the page shows the list as it came: in the picture's words and in the table. */
async function showsThePeople(page) {
  await page.getByText(`この期間は${PEOPLE}人、前の期間は0人。`).first().waitFor();
  assert.equal(await page.locator('section[aria-labelledby=cases] svg[role=img]').count(), 1);
  const rows = await table(page, 'cases');
  assert.equal(rows.length, 30, 'headings, 28 days, the sum');
  assert.equal(rows.at(-2)[1], String(PEOPLE), 'today');
  assert.deepEqual(rows.at(-1).slice(0, 2), ['合計', String(PEOPLE)]);
  const hours = await table(page, 'hours');
  assert.equal(hours.at(-1).at(-2), String(PEOPLE));
  assert.equal(hours.at(-1).at(-1), '0', 'nobody in the period before');
}

/** What a link gives as a file. */
async function download(page, link) {
  const coming = page.waitForEvent('download');
  await link.click();
  return readFile(await (await coming).path());
}

// Two weeks and a day go by, and three of the people were another office's: what is published lies back so far.
const LATER = `
import sqlite3, sys
with sqlite3.connect(sys.argv[1], timeout=30) as db:
    db.execute("UPDATE cases SET received_at = received_at - 15 * 86400000")
    db.execute("UPDATE cases SET office_id = office_id + 1 WHERE case_id IN (SELECT case_id FROM cases ORDER BY case_id LIMIT 3)")
    db.execute("DELETE FROM figure_days")
`;

describe('figures', { concurrency: 1 }, () => {
  test('before anybody came the page says what will be there', async () => {
    const page = await openDesk(browser, demo.url);
    await goTo(page, '統計');
    await heading(page, '統計');
    await checkPage(page, 'figures-empty');
    await leave(page);
  });

  test('a list is a picture, a table and a file', async () => {
    const page = await openDesk(browser, demo.url);
    await takeIn(page);
    await page.goto('/figures');
    await checkPage(page, 'figures');
    await checkKeyboard(page, 'figures');
    await showsThePeople(page);
    const link = page.locator('section[aria-labelledby=cases] a[href*="form=csv"]');
    const file = parseCsv(await download(page, link));
    assert.deepEqual(file[0].slice(0, 2), ['日', '人数']);
    assert.equal(file[28][1], String(PEOPLE), 'the last of 28 days');
    await leave(page);
  });

  for (const javaScriptEnabled of [true, false]) {
    const how = javaScriptEnabled ? 'with' : 'without';
    test(`on a phone, ${how} JavaScript, the same numbers stand there`, async () => {
      const page = await openDesk(browser, demo.url, 'honcho', { ...PHONE, javaScriptEnabled });
      await page.goto('/figures');
      await showsThePeople(page);
      if (javaScriptEnabled) await checkPage(page, 'figures-tables-open');
      await page.getByLabel('期間').first().selectOption({ label: '7日間' });
      await press(page, 'button', 'この条件で表示する');
      await page.getByText('までの7日間').first().waitFor();
      assert.match(page.url(), /days=7/);
      await leave(page);
    });
  }

  test('what is published hides the small numbers, on the page and in the file', async () => {
    const page = await openDesk(browser, demo.url, 'honcho');
    await page.goto('/figures/published');
    await page.getByText('この週は公表できる数がありません').or(page.getByRole('heading', { name: '部署ごと' })).waitFor();
    await checkPage(page, 'figures-published-nobody');
    execFileSync(process.env.TEST_PYTHON ?? 'python3', ['-c', LATER, join(folder, 'demo.db')]);
    const weeks = page.getByLabel('週', { exact: true });
    const monday = new Date(Date.now() + (9 - 24 * 15) * 3_600_000);
    monday.setUTCDate(monday.getUTCDate() - ((monday.getUTCDay() + 6) % 7));
    await weeks.selectOption(monday.toISOString().slice(0, 10));
    await press(page, 'button', 'この週を表示する');
    const row = (name) => page.locator('tr', { has: page.getByRole('rowheader', { name }) });
    await row('あおば保健所').getByText('非公表').first().waitFor();
    await row('かわべ保健所').getByText('5未満').waitFor();
    assert.equal(await row('合計').first().getByRole('cell').first().innerText(), String(PEOPLE));
    await checkPage(page, 'figures-published');
    await checkKeyboard(page, 'figures-published');
    const file = await download(page, page.getByRole('link', { name: '公表用のファイル（CSV）' }));
    const rows = parseCsv(file);
    assert.equal(rows.find(([name]) => name === 'かわべ保健所')[1], '5未満');
    assert.equal(rows.find(([name]) => name === 'あおば保健所')[1], '非公表');
    const at = page.url();
    await leave(page);

    const phone = await openDesk(browser, demo.url, 'honcho', { ...PHONE, javaScriptEnabled: false });
    await phone.goto(at);
    await phone.getByText('5未満').first().waitFor();
    await leave(phone);
  });
});
