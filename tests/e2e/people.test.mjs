// Whom one cannot, or must not, write to: the call list and the register of wrong numbers, in every state.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { csv, heading, leave, openDesk, press, send, upload } from './desk.mjs';
import { checkKeyboard, checkPage, openBrowser, startDemo } from './helpers.mjs';
import { notJudged } from './walk.mjs';

let desk;
let browser;
before(async () => {
  [desk, browser] = await Promise.all([startDemo('--hold', '600'), openBrowser()]);
});
after(async () => {
  await browser?.close();
  await desk?.stop();
});

async function look(page, name) {
  await checkPage(page, name);
  await checkKeyboard(page, name);
}

const openAll = (page) => page.locator('main details').evaluateAll((all) => all.forEach((one) => { one.open = true; }));

describe('people who get no SMS', () => {
  test('the call list', async () => {
    const page = await openDesk(browser, desk.url);
    await page.goto('/calls');
    await look(page, 'calls-empty');
    await openAll(page);
    await press(page, 'button', '1人を電話リストに入れる');
    await look(page, 'calls-refused');
    for (const [person, number] of [['母', '090-1234-5678'], ['子', '０９０１２３４５６７８'], ['父', '048-123-4567']]) {
      await page.goto('/calls');
      await openAll(page);
      await page.getByLabel('相手').fill(person);
      await page.getByLabel('電話番号', { exact: false }).first().fill(number);
      await page.getByLabel('電話する理由').selectOption('to_be_asked');
      await press(page, 'button', '1人を電話リストに入れる');
    }
    await look(page, 'calls');
    await press(page, 'button', /この人に電話する ?: 母/);
    await page.getByRole('link', { name: '090-1234-5678' }).waitFor();
    await look(page, 'call-taken');
    await press(page, 'button', '出なかった');
    await page.getByText('電話したことを記録しました').waitFor();
    await page.goto('/calls');
    await press(page, 'button', /この人に電話する ?: 父/);
    await press(page, 'button', '本人に伝えた');
    await look(page, 'call-done');
    await page.goto('/calls');
    await look(page, 'calls-later');
    await press(page, 'link', /^子/);
    await look(page, 'call-free');
    await press(page, 'link', /別人でした/);
    await look(page, 'number-of-call');
    await press(page, 'button', 'この番号の誤りを登録する');
    await heading(page, /電話 \d+/);
    await page.getByText('番号の誤りを登録しました').waitFor();
    await leave(page);
  });

  test('wrong numbers', async () => {
    const page = await openDesk(browser, desk.url);
    await page.goto('/numbers');
    await openAll(page);
    await press(page, 'button', 'この番号の誤りを登録する');
    await look(page, 'numbers-refused');
    await leave(page);
  });

  test('a message and its number', async () => {
    const page = await openDesk(browser, desk.url);
    await upload(page, csv('訂正.csv', 'HER-SYS ID,電話番号\n12345678,09014440001\n12345679,09014440002\n'));
    const broadcast = await send(page);
    await page.goto(`${broadcast}/messages`);
    await press(page, 'link', /記録.*: 2行目/);
    await look(page, 'message-held');
    await press(page, 'button', '1人の番号と文面を表示する');
    await look(page, 'message-revealed');
    await press(page, 'button', '1人を電話リストに入れる');
    await press(page, 'link', 'この番号は人違い');
    await look(page, 'number-of-message');
    await press(page, 'button', 'この番号の誤りを登録する');
    await look(page, 'message-known-wrong');
    await page.goto('/numbers');
    await openAll(page);
    await look(page, 'numbers');
    await press(page, 'button', /番号を表示する/);
    await look(page, 'number-revealed');
    await page.goto('/numbers');
    await openAll(page);
    await page.getByLabel('解除する理由').first().fill('新しい方の番号になった');
    await press(page, 'button', /登録を解除する/);
    await look(page, 'numbers-lifted');
    await leave(page);
  });

  test('no page of them was forgotten', () => assert.deepEqual(notJudged('/calls', '/numbers'), []));
});
