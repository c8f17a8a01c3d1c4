// Every page in every state that a person meets stands the checks; the way to the sending is gone by keyboard;
// and the pictures of the README are what the product looks like now.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, before, describe, test } from 'node:test';
import { csv, heading, leave, openDesk, press, sample, send, sendApproved, signInHere, upload } from './desk.mjs';
import { checkKeyboard, checkPage, openBrowser, openPage, startDemo, startTodoke } from './helpers.mjs';

const ONE_PART = '健康観察の登録のお願い';
const PICTURE_BYTES = 300_000;
const kept = fileURLToPath(new URL('../../docs/images', import.meta.url));
// `README_PICTURES=yes` takes those of the README anew; otherwise they only have to be takeable.
const pictures = process.env.README_PICTURES
  ? kept
  : join(process.env.CARGO_TARGET_DIR ?? fileURLToPath(new URL('../../target', import.meta.url)), 'screenshots');

let patient; // holds back for ten minutes
let slow; // sends at once, two a second
let browser;
before(async () => {
  [patient, slow, browser] = await Promise.all([
    startDemo('--hold', '600', '--rate', '50'),
    startDemo('--hold', '0', '--rate', '2'),
    openBrowser(),
  ]);
});
after(async () => {
  await browser?.close();
  await Promise.all([patient?.stop(), slow?.stop()]);
});

async function look(page, name) {
  await checkPage(page, name);
  await checkKeyboard(page, name);
}

// The phones' page loads itself anew all the time; not while it is judged.
async function holdStill(route) {
  const response = await route.fetch();
  const { refresh, ...headers } = response.headers();
  assert.ok(refresh, 'it says how often');
  await route.fulfill({ response, headers });
}

async function picture(page, name, from = 'body') {
  await mkdir(pictures, { recursive: true });
  await page.setViewportSize({ width: 1280, height: 1120 });
  await page.locator(from).first().evaluate((top) => top.scrollIntoView({ block: 'start' }));
  const path = join(pictures, `${name}.png`);
  await page.screenshot({ path });
  for (const file of [path, join(kept, `${name}.png`)]) {
    assert.ok((await stat(file)).size <= PICTURE_BYTES, `${file} is too large for a README`);
  }
}

describe('pages and their states', { concurrency: 3 }, () => {
  test('before anybody is in, and where nothing is', async () => {
    const page = await openPage(browser, patient.url);
    await page.goto('/');
    await look(page, 'sign-in');
    await page.getByLabel('ログインID').fill('aoba');
    await page.getByLabel('パスワード').fill('wrong');
    await press(page, 'button', 'ログインする');
    await look(page, 'sign-in-refused');
    await signInHere(page, 'aoba');
    await heading(page, '今日の配信');
    await look(page, 'day-empty');
    await page.route('**/phones', holdStill);
    for (const [path, name] of [['/phones', 'phones-empty'], ['/samples', 'samples'], ['/nowhere', 'not-found']]) {
      await page.goto(path);
      await look(page, name);
    }
    await page.goto('/templates/new');
    await page.getByLabel('本文').evaluate((body) => { body.value = 'あ'.repeat(100_000); });
    await page.getByLabel('文面の名前').fill('長すぎる文面');
    const [answer] = await Promise.all([page.waitForNavigation(), page.getByRole('button', { name: '保存する' }).click()]);
    assert.equal(answer.status(), 413);
    await look(page, 'too-large');
    await leave(page);
  });

  test('the first start', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'todoke-e2e-'));
    const anywhere = ['--listen', '127.0.0.1:0', '--resident-listen', '127.0.0.1:0'];
    const server = await startTodoke('serve', '--database', `sqlite:${join(folder, 'new.db')}`, '--simulate', ...anywhere);
    try {
      const page = await openPage(browser, server.url);
      await page.goto('/setup');
      await look(page, 'setup');
      await press(page, 'button', '登録してはじめる');
      await look(page, 'setup-refused');
      await page.context().close();
    } finally {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    }
  });

  test('pages that links lead to', async () => {
    const page = await openDesk(browser, patient.url, 'honcho');
    await page.goto('/links');
    await look(page, 'links-empty');
    await page.goto('/links/new');
    await page.getByLabel('ページのアドレス').fill('https://bit.ly/x');
    await press(page, 'button', '加える');
    await look(page, 'link-refused');
    await page.getByLabel('名前').fill('健康観察');
    await page.getByLabel('ページのアドレス').fill('https://www.pref.midori.lg.jp/kansatsu/');
    await press(page, 'button', '加える');
    await heading(page, '案内ページ「健康観察」');
    await look(page, 'link-made');
    await page.goto('/links');
    await look(page, 'links');
    await page.goto('/links/1');
    await press(page, 'button', 'この案内ページの使用をやめる');
    await heading(page, '案内ページ');
    await page.goto('/links/1');
    await look(page, 'link-retired');
    await leave(page);
  });

  test('what residents see', async () => {
    const address = patient.lines.join('\n').match(/住民.*(http:\/\/127\.0\.0\.1:\d+)/)[1];
    const page = await openPage(browser, address);
    for (const [path, name] of [['/', 'resident'], ['/nowhere', 'resident-not-found'], ['/l/123456789ABC', 'resident-link-over']]) {
      await page.goto(path);
      await checkPage(page, name);
    }
    await page.context().close();
  });

  test('a list on its way', async () => {
    const page = await openDesk(browser, patient.url);
    await page.goto('/lists/new');
    await look(page, 'list-new');
    await page.getByLabel('リストをここに置く').setInputFiles({ name: '絵.png', mimeType: 'image/png', buffer: Buffer.from('\x89PNG') });
    await page.locator('form[action="/lists"]').evaluate((form) => form.submit()); // as without script
    await heading(page, 'リストを読めませんでした');
    await look(page, 'list-refused');
    await upload(page, csv('列.csv', '氏名,電話番号\n例示　桜,09014440001\n'));
    await look(page, 'list-columns');
    const list = await upload(page, sample('aoba_am.csv'));
    await picture(page, 'check', 'main .button--large');
    await look(page, 'list-check');
    const row = page.locator('tr', { has: page.getByLabel('34行目の電話番号') });
    await row.locator('summary', { hasText: '除外する' }).click();
    await row.getByLabel('除外する理由').fill('電話で連絡する');
    await press(page, 'button', /除外する.*: 34行目/);
    await page.locator('main details').evaluateAll((all) => all.forEach((one) => { one.open = true; }));
    await look(page, 'list-check-open');
    await page.goto(`${list}/preview`);
    await look(page, 'list-preview');
    await page.goto(`${list}/confirm`);
    await look(page, 'list-confirm');
    await press(page, 'button', '71人に送信する');
    await look(page, 'broadcast-held');
    await press(page, 'button', /取消する/);
    await look(page, 'broadcast-withdrawn');
    await upload(page, sample('minato_12.csv'));
    await press(page, 'button', 'このリストを取り下げる');
    await look(page, 'list-withdrawn');
    await leave(page);
  });

  test('texts', async () => {
    const page = await openDesk(browser, patient.url, 'honcho');
    await page.goto('/templates');
    await look(page, 'templates');
    await press(page, 'link', '新しい文面を作る');
    await look(page, 'template-new');
    await page.getByLabel('文面の名前').fill('試し');
    await page.getByLabel('本文').fill('閉じない {{括弧');
    await press(page, 'button', '保存する');
    await look(page, 'template-refused');
    await page.getByLabel('本文').fill('番号は{{番号}}です。');
    await press(page, 'button', '保存する');
    await page.goto('/templates');
    await press(page, 'link', '試し');
    await look(page, 'template-edit');
    await press(page, 'button', 'この文面をしまう');
    await leave(page);
  });

  test('a broadcast as it moves', async () => {
    const centre = await openDesk(browser, slow.url);
    await upload(centre, csv('あおば_追加.csv', 'HER-SYS ID,電話番号\n70000001,09018880001\n'), ONE_PART);
    await send(centre);
    await heading(centre, '配信の結果');
    await upload(centre, sample('aoba_am.csv'));
    await leave(centre);
    const page = await openDesk(browser, slow.url, 'honcho');
    await upload(page, sample('kawabe_pm.xlsx'), ONE_PART);
    await sendApproved(page, browser, slow.url);
    await heading(page, '配信しています');
    await page.locator('.tiles [data-count="delivered"]', { hasText: /[1-9]/ }).waitFor();
    await picture(page, 'live');
    await look(page, 'broadcast-moving');
    const broadcast = page.url();
    await page.goto('/');
    await picture(page, 'today');
    await look(page, 'day');
    await page.route('**/phones', holdStill);
    await page.goto('/phones');
    await look(page, 'phones');
    await page.goto(broadcast);
    await press(page, 'button', '配信を止める');
    await heading(page, '配信を止めています');
    await look(page, 'broadcast-paused');
    await press(page, 'link', '残りを破棄する');
    await look(page, 'broadcast-discard');
    await press(page, 'button', /残り\d+人への配信を破棄する/);
    // What was handed over before is answered first: a window of 100 at two a second.
    await heading(page, '配信の結果', 120_000);
    await look(page, 'broadcast-result');
    await page.goto(`${broadcast}/messages`);
    await look(page, 'messages');
    await press(page, 'link', /記録.*: 3行目/);
    await look(page, 'message');
    await leave(page);
  });
});

test('from the upload to the confirmation by keyboard alone', async () => {
  const page = await openDesk(browser, patient.url);
  page.on('filechooser', () => {}); // from now on a chooser is never the system's own window
  const tabTo = async (target) => {
    for (let stop = 0; stop < 80; stop += 1) {
      if (await target.evaluate((one) => one === document.activeElement)) return;
      await page.keyboard.press('Tab');
    }
    assert.fail(`the Tab key does not reach ${target}`);
  };
  const enter = async (target) => {
    await tabTo(target);
    await page.keyboard.press('Enter');
    await page.waitForLoadState();
  };
  await tabTo(page.getByLabel('送る文面'));
  await page.keyboard.press('End');
  await tabTo(page.getByLabel('リストをここに置く'));
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.keyboard.press('Enter')]);
  // The headings of the lists before, so that nothing is asked of them.
  const rows = ['1,61408277,見本　桜,ミホン サクラ,S50.4.2,電話なし,', '2,60931544,例示　健,レイジ ケン,S61.9.17,09017770002,'];
  await chooser.setFiles(csv('鍵盤.csv', `整理番号,HER-SYS ID,氏名,フリガナ,生年月日,電話番号,備考\n${rows.join('\n')}\n`));
  await enter(page.getByRole('button', { name: '検査する' }));
  await heading(page, 'リストの検査結果');
  await tabTo(page.getByLabel('2行目の電話番号'));
  await page.keyboard.press('Control+A');
  await page.keyboard.type('09017770001');
  await page.keyboard.press('Enter');
  await page.getByText('直した内容で検査し直しました').waitFor();
  await enter(page.getByRole('link', { name: '2人の文面を確かめる' }));
  await heading(page, '文面のプレビュー');
  await enter(page.getByRole('link', { name: '2人への送信の確認に進む' }));
  await enter(page.getByRole('button', { name: '2人に送信する' }));
  await heading(page, 'まもなく配信が始まります');
  await leave(page);
});
