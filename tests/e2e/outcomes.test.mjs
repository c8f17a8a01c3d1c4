// The head office's side of a desk: a list of results is locked, looked at, approved by somebody else, held and
// delivered; a desk is made from one that ships, changed, looked at as residents see it, and approved. Each page in each
// state stands the checks.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { heading, openDesk, press } from './desk.mjs';
import { checkKeyboard, checkPage, openBrowser, startDemo } from './helpers.mjs';
import { judgeTheRest } from './walk.mjs';

let demo;
let browser;
before(async () => {
  [demo, browser] = await Promise.all([startDemo('--hold', '3', '--rate', '50', '--applications', '24'), openBrowser()]);
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

async function look(page, name) {
  await checkPage(page, name);
  await checkKeyboard(page, name);
}

describe('results are sent from their lists', { timeout: 300_000 }, () => {
  test('a list is locked, opened again, locked, approved by somebody else, held and delivered', async () => {
    const page = await openDesk(browser, demo.url, 'honcho');
    // Whatever goes to more than one is looked at by a second person.
    await page.goto('/organisation/sending');
    await page.getByLabel('この人数を超える送信').first().fill('1');
    await page.locator('main form').first().getByRole('button', { name: /保存/ }).first().click();
    await page.goto('/outcomes');
    await look(page, 'outcomes-waiting');
    await press(page, 'link', '検査確定診断登録窓口');
    await look(page, 'outcomes-desk');
    const desk = page.url();
    await press(page, 'link', /確定リスト/);
    await look(page, 'outcomes-people');
    await press(page, 'button', /人のリストを確定する/);
    await page.getByText('リストを確定しました').waitFor();
    await look(page, 'outcomes-locked');
    await press(page, 'button', /確定を取り消す/);
    await page.getByText('リストの確定を取り消しました').waitFor();
    await press(page, 'link', /確定リスト/, page.locator('section', { hasText: 'いま送れる結果' }));
    await press(page, 'button', /人のリストを確定する/);
    const list = page.url();
    await press(page, 'button', /人への送信の承認を求める/);
    await heading(page, '承認を待っています');
    const broadcast = page.url();
    const approver = await openDesk(browser, demo.url, 'shonin');
    await approver.goto(`${new URL(broadcast).pathname}/approval`);
    const looked = approver.getByLabel(/人分の文面を見ました/);
    if (await looked.count()) await looked.check();
    await press(approver, 'button', /人への送信を承認する/);
    await approver.getByText('送信を承認しました', { exact: true }).waitFor();
    await page.goto(broadcast);
    await heading(page, '配信の結果', 60_000);
    await page.goto(list);
    await page.getByText('送信した').first().waitFor();
    await look(page, 'outcomes-sent');
    await page.goto(desk);
    await press(page, 'link', '判定の品質を見る');
    await look(page, 'outcomes-quality');
    await judgeTheRest(page, { outcomes: { id: 1 } });
  });
});

describe('desks are made in the browser', { timeout: 300_000 }, () => {
  test('from one that ships, changed, refused with the place of each mistake, approved by somebody else', async () => {
    const page = await openDesk(browser, demo.url, 'honcho');
    await page.goto('/desks');
    await heading(page, '申請窓口');
    await look(page, 'desks-list');
    await press(page, 'link', '新しい窓口を作る');
    await look(page, 'desks-new');
    await page.getByLabel('窓口の名前').fill('職員の検査キット');
    await page.getByLabel('アドレスの言葉').fill('staff_kits');
    await page.getByRole('radio', { name: '抗原検査キットの申込み' }).first().check();
    await press(page, 'button', '下書きを作る');
    await heading(page, '職員の検査キット 第1版を直す');
    await look(page, 'desks-edit');
    const edit = new URL(page.url()).pathname;
    const version = edit.replace('/edit', '');
    await page.getByLabel('受付の開始').fill('9時');
    await press(page, 'button', '下書きを保存する');
    await page.getByText('受付の開始: 時刻を 17:00 のように入力してください。').first().waitFor();
    await look(page, 'desks-edit-refused');
    await page.getByLabel('受付の開始').fill('08:30');
    await press(page, 'button', '下書きを保存する');
    await page.getByText('下書きを保存しました').waitFor();
    await look(page, 'desks-version');
    await press(page, 'link', '文書（JSON）');
    await look(page, 'desks-json');
    const text = await page.getByLabel('窓口の文書（JSON）').inputValue();
    await page.getByLabel('窓口の文書（JSON）').fill(text.replace('"schema": 1', '"schema": 1,,'));
    await press(page, 'button', 'この文書を保存する');
    await page.getByText(/行目の/).first().waitFor();
    await look(page, 'desks-json-refused');
    await page.goto(`${version}/preview`);
    await page.getByRole('radio', { name: 'はい' }).check();
    await press(page, 'button', 'この答えで次へ');
    await page.getByText('どれにあてはまりますか').first().waitFor();
    await look(page, 'desks-preview-way');
    for (const part of ['questions', 'results']) {
      await page.goto(`${version}/preview?page-part=${part}`);
      await look(page, `desks-preview-${part}`);
    }
    const approver = await openDesk(browser, demo.url, 'shonin');
    await approver.goto(version);
    await press(approver, 'button', '第1版を承認する');
    await approver.getByText('この版を承認しました').waitFor();
    await page.goto(version.replace('/versions/1', ''));
    await page.getByText('いまの版').first().waitFor();
    await look(page, 'desks-show');
    await press(page, 'button', '「職員の検査キット」を閉じる');
    await page.getByText('受付を閉じました').waitFor();
    await look(page, 'desks-closed');
  });

  test('the navigation has a few groups, and all of it is reached by the keyboard', async () => {
    const page = await openDesk(browser, demo.url, 'honcho');
    // Under the open groups lies nothing whose contrast axe could not decide.
    await page.goto('/me');
    const groups = page.locator('.nav summary');
    assert.deepEqual(await groups.allTextContents(), ['送る', '患者', '申請', '管理']);
    await groups.nth(2).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: '判定別リスト' }).waitFor();
    await look(page, 'nav-open');
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: '判定別リスト' }).waitFor({ state: 'hidden' });
    await page.setViewportSize({ width: 375, height: 700 });
    const tops = await page.locator('.nav > ul > li').evaluateAll((all) => all.map((one) => one.getBoundingClientRect().top));
    assert.equal(new Set(tops).size, 1, 'one line of groups on a phone');
    await groups.nth(3).click();
    await look(page, 'nav-open-phone');
  });

  test('the rest of the pages', async () => {
    const page = await openDesk(browser, demo.url, 'honcho');
    // Which of them sends parcels, its document says.
    for (const desk of [1, 2, 3]) {
      const answer = await page.goto(`/desks/${desk}/deliveries`);
      if (answer.status() === 200) await look(page, 'desk-deliveries');
    }
    await judgeTheRest(page, { desks: { id: 1, version: 1 } });
  });
});
