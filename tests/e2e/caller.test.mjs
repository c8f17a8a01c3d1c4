// A caller's hour in small: two callers at one list, of a health centre and of the head office. Nobody is dialled by
// both; whoever does not answer is due later; whoever is told is done; a stranger stops the number; another office goes on.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { heading, leave, openDesk, press } from './desk.mjs';
import { checkKeyboard, checkPage, openBrowser, startDemo } from './helpers.mjs';

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

const PEOPLE = [
  ['見本 一郎', '090-1111-0001'],
  ['手本 母', '048-123-4567'],
  ['手本 子', '048（123）4567'],
  ['例 四郎', '090-1111-0004'],
  ['例 五郎', '090-1111-0005'],
];

async function enter(page, [person, number]) {
  await page.goto('/calls');
  await page.getByText('電話する人を手で追加する').click();
  await page.getByLabel('相手').fill(person);
  await page.getByLabel('電話番号').first().fill(number);
  await page.getByLabel('電話する理由').selectOption('unconfirmed');
  await press(page, 'button', '1人を電話リストに入れる');
}

/** Asks for the next person and gives the name that is shown whole. */
async function next(page) {
  await page.goto('/calls');
  await press(page, 'button', /次の人に電話する/);
  await page.getByRole('heading', { name: '結果を記録する' }).waitFor();
  return page.locator('#whom').innerText();
}

/** Goes back to whom one has, and gives the name. */
async function back(page) {
  await page.goto('/calls');
  await press(page, 'link', '電話中の人に戻る');
  return page.locator('#whom').innerText();
}

const numberOf = (page) => page.locator('a[href^="tel:"]').getAttribute('href');

describe('callers at one list', () => {
  test('an hour in small', async () => {
    const [centre, head] = [await openDesk(browser, desk.url), await openDesk(browser, desk.url, 'honcho')];
    for (const person of PEOPLE) await enter(centre, person);
    await centre.goto('/calls');
    await centre.getByRole('button', { name: '次の人に電話する（残り5人）' }).waitFor();

    // Two callers press the button; each gets somebody, and nobody the other's.
    assert.equal(await next(centre), '見本 一郎');
    assert.equal(await next(head), '手本 母');
    await look(centre, 'caller-work');
    await centre.getByText('本人か確かめる', { exact: false }).first().waitFor();
    await centre.locator('[data-lease-left]', { hasText: 'あと10分' }).waitFor();
    await head.goto('/calls');
    await head.getByText('電話中の人に戻る').waitFor();
    await head.locator('section', { has: head.locator('#held') }).getByText('見＊＊').waitFor();
    await look(head, 'caller-list');

    // Nobody answers: due later, and not offered before.
    await centre.getByLabel('メモ', { exact: true }).fill('呼び出し音だけ');
    await centre.getByLabel('次にかけるとき').selectOption('2h');
    await press(centre, 'button', '出なかった');
    await centre.getByText('電話したことを記録しました').waitFor();
    await look(centre, 'caller-later');

    // The child has the number that the head office dials at this moment.
    assert.equal(await next(centre), '例 四郎');
    await centre.goto('/calls');
    await press(centre, 'button', /この人に電話する ?: 手＊＊/);
    await heading(centre, '先に別の操作が行われました');
    await look(centre, 'caller-held');
    const [hers, his] = [await back(centre), await back(head)];
    assert.deepEqual([hers, his], ['例 四郎', '手本 母'], 'each has the same person as before');
    assert.notEqual(await numberOf(centre), await numberOf(head));

    // A stranger answers: the number is closed at once, and the call stays to be settled.
    await press(centre, 'link', /別人でした/);
    await press(centre, 'button', 'この番号の誤りを登録する');
    await centre.getByText('かけないでください', { exact: false }).waitFor();
    assert.equal(await centre.locator('a[href^="tel:"]').count(), 0);
    await look(centre, 'caller-wrong');
    await press(centre, 'button', '連絡がつかなかった');
    await centre.locator('.error-summary').getByText('理由をメモに入力してください。', { exact: false }).waitFor();
    await centre.getByLabel('メモ', { exact: true }).fill('正しい番号が分からない');
    await press(centre, 'button', '訪問することにした');
    await centre.getByText('電話の結果を記録しました').waitFor();

    // Told, and the child of the same number goes on to the same caller.
    await head.getByRole('heading', { name: '同じ番号の人（1人）' }).waitFor();
    await press(head, 'button', '本人に伝えた');
    await head.getByText('あなたが済ませた電話は1人です', { exact: false }).waitFor();
    await press(head, 'link', /^手＊＊/);
    await press(head, 'button', 'この人に電話する');
    assert.equal(await head.locator('#whom').innerText(), '手本 子');

    // A refused result keeps what was typed.
    const child = new URL(head.url()).pathname;
    assert.equal(await next(centre), '例 五郎');
    await centre.goto(child);
    await centre.getByText('同じ人に2人で電話しないため', { exact: false }).waitFor();
    assert.equal(await centre.getByText('手本 子').count(), 0);

    // Another office goes on, with the history.
    await back(centre);
    const last = new URL(centre.url()).pathname;
    await centre.getByText('ほかの部署や委託先に引き継ぐ').click();
    await centre.getByLabel('引き継ぐ部署', { exact: false }).first().selectOption({ index: 1 });
    await centre.getByLabel('引き継ぐ部署へのメモ').fill('夜だけつながる');
    await press(centre, 'button', 'この1人の電話を引き継ぐ');
    await centre.getByText('ほかの部署に引き継ぎました').waitFor();
    await look(centre, 'caller-handed-over');
    await head.goto(last);
    await head.getByText('から引き継いだ（夜だけつながる）', { exact: false }).waitFor();
    await head.goto(child);
    await press(head, 'button', '電話せずに戻す');
    await head.getByText('電話せずにリストに戻しました').waitFor();
    await Promise.all([leave(centre), leave(head)]);
  });

  test('without JavaScript, on a phone, a button gives more time', async () => {
    const narrow = { viewport: { width: 375, height: 800 }, javaScriptEnabled: false };
    const page = await openDesk(browser, desk.url, 'honcho', narrow);
    assert.equal(await next(page), '手本 子');
    await press(page, 'button', '担当の時間を10分にする');
    await page.getByText('担当の時間を延ばしました').waitFor();
    await press(page, 'button', '本人に伝えた');
    await page.getByText('電話の結果を記録しました').waitFor();
    await page.context().close();
  });
});
