// A broadcast in somebody's hand: stopped, resumed, discarded, cut off from its server; and texts with versions.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  counts, csv, goTo, heading, leave, openDesk, press, sample, send, sendApproved, takeReport, tally, upload,
} from './desk.mjs';
import { openBrowser, startDemo, startTodoke } from './helpers.mjs';

let demo;
let browser;
before(async () => {
  [demo, browser] = await Promise.all([startDemo('--hold', '1', '--rate', '30'), openBrowser()]);
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

// A text that goes out in one piece: stopping never cuts a message in two.
const ONE_PART = '健康観察の登録のお願い';
const STOPS_WITHIN = 5000; // milliseconds; what the page promises

const handedOver = ({ total, waiting, cancelled = 0 }) => total - waiting - cancelled;

// Once nothing is on its way any more the numbers of a stopped broadcast stand still.
async function comesToRest(page) {
  await page.locator('.tiles [data-count="accepted"]', { hasText: /^0$/ }).waitFor();
  return counts(page);
}

describe('in somebody’s hand', { concurrency: 3 }, () => {
  test('a broadcast of 300 is stopped, resumed, and its rest discarded, and every person is counted', async () => {
    const page = await openDesk(browser, demo.url, 'honcho');
    await upload(page, sample('kawabe_pm.xlsx'), ONE_PART);
    await sendApproved(page, browser, demo.url);
    await heading(page, '配信しています');
    await page.locator('.tiles [data-count="accepted"]', { hasText: /[1-9]/ }).waitFor();
    const pressed = Date.now();
    await press(page, 'button', '配信を止める');
    await heading(page, '配信を止めています');
    assert.ok(Date.now() - pressed < STOPS_WITHIN, 'the page says so at once');
    const stopped = await comesToRest(page);
    assert.ok(stopped.waiting > 0 && handedOver(stopped) > 0, JSON.stringify(stopped));
    assert.equal(stopped.total, 294);
    // What the carrier has seen by now is all that it will see.
    await page.reload();
    assert.deepEqual(await counts(page), stopped);
    await page.getByText(`まだ送っていない人: ${stopped.waiting}人`).waitFor();
    await page.getByText(`${handedOver(stopped)}人には、止める前に携帯電話会社へ渡しました。`).waitFor();

    await press(page, 'button', `${stopped.waiting}人への配信を再開する`);
    await heading(page, '配信しています');
    await page.locator('.tiles [data-count="accepted"]', { hasText: /[1-9]/ }).waitFor();
    await press(page, 'button', '配信を止める');
    await heading(page, '配信を止めています');
    const again = await comesToRest(page);
    assert.ok(again.waiting < stopped.waiting, 'it went on in between');

    await press(page, 'link', '残りを破棄する');
    await press(page, 'button', `残り${again.waiting}人への配信を破棄する`);
    await heading(page, '配信の結果');
    const end = await counts(page);
    assert.deepEqual(end, { ...again, waiting: 0, cancelled: again.waiting });
    const report = await takeReport(page, new URL(page.url()).pathname);
    const { 着信済: delivered, 取消: cancelled, 未送信: unsent } = tally(report);
    assert.deepEqual({ delivered, cancelled, unsent }, { delivered: end.delivered, cancelled: again.waiting, unsent: 6 });
    assert.equal(report.length, 1 + 300);
    await leave(page);
  });

  test('a page that watches goes on when its server was killed and is back', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'todoke-e2e-'));
    const start = (listen) => startTodoke('demo', '--listen', listen, '--directory', folder, '--hold', '1', '--rate', '15');
    let server = await start('127.0.0.1:0');
    try {
      const page = await openDesk(browser, server.url);
      await upload(page, sample('aoba_am.csv'), ONE_PART);
      await send(page);
      await heading(page, '配信しています');
      await page.locator('.tiles [data-count="accepted"]', { hasText: /[1-9]/ }).waitFor();
      const before = handedOver(await counts(page));
      await server.stop('SIGKILL');
      await page.getByText('サーバーとの接続が切れました').waitFor();
      server = await start(new URL(server.url).host);
      await page.getByText('サーバーとの接続が切れました').waitFor({ state: 'hidden' });
      // Nobody is signed out, the rest goes out, and what cannot be known is said to be unknown.
      await page.locator('.tiles [data-count="waiting"]', { hasText: /^0$/ }).waitFor({ timeout: 60_000 });
      const end = await counts(page);
      assert.equal(end.total, 71);
      assert.ok(handedOver(end) === 71 && before < 71, JSON.stringify({ before, end }));
      await leave(page);
    } finally {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    }
  });

  test('texts are made, mistakes in them explained, and a broadcast keeps the version that it was sent with', async () => {
    const page = await openDesk(browser, demo.url);
    await goTo(page, '文面');
    await press(page, 'link', '新しい文面を作る');
    const type = async (name, body) => {
      await page.getByLabel('文面の名前').fill(name);
      await page.getByLabel('本文').fill(body);
    };
    await type('', '番号は{{受付番号です');
    await press(page, 'button', '保存する');
    const alert = page.getByRole('alert');
    await alert.getByText('文面の名前を入力してください。').waitFor();
    await alert.getByText('文面の「{{」が閉じられていません').waitFor();
    assert.equal(await page.getByLabel('本文').inputValue(), '番号は{{受付番号です', 'nothing typed is lost');
    await type('受付のお知らせ', '番号は{{ }}です');
    await press(page, 'button', '保存する');
    await alert.getByText('中が空です').waitFor();
    await type('受付のお知らせ', '受付番号は{{受付番号}}です。');
    await press(page, 'button', '見え方を確かめる');
    assert.equal(await page.locator('.phone__bubble').innerText(), '受付番号は受付番号です。');
    await press(page, 'button', '保存する');

    // Sent with the first version; then there is a second one.
    await upload(page, csv('受付.csv', '受付番号,電話番号\nA-0001,09016660001\n'), '受付のお知らせ（第1版）');
    const broadcast = await sendApproved(page, browser, demo.url);
    await page.goto('/templates');
    await press(page, 'link', '受付のお知らせ');
    await page.getByLabel('本文').fill('受付番号: {{受付番号}}');
    await press(page, 'button', '第2版として保存する');
    await page.goto(broadcast);
    await page.getByRole('link', { name: '受付のお知らせ 第1版' }).waitFor();
    await page.goto(`${broadcast}/messages`);
    await press(page, 'link', /記録.*: 2行目/);
    await press(page, 'button', '1人の番号と文面を表示する');
    assert.equal(await page.locator('.phone__bubble').innerText(), '受付番号はA-0001です。');
    await page.goto('/templates');
    await press(page, 'link', '受付のお知らせ');
    for (const [version, body] of [['第1版', '受付番号は{{受付番号}}です。'], ['第2版', '受付番号: {{受付番号}}']]) {
      await page.locator('summary', { hasText: version }).click();
      await page.locator('.log').getByText(body, { exact: true }).waitFor();
    }
    // The next list takes the second version, which the office used last.
    await page.goto('/');
    assert.match(await page.getByLabel('送る文面').locator('option:checked').innerText(), /受付のお知らせ（第2版）/);
    await leave(page);
  });
});
