// A resident answers on a phone of 375 pixels: the link, the birth date, the questions, the stop, the check, the
// thanks; every page in every state stands the checks, and the way is gone to its end without JavaScript.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { heading, press } from './desk.mjs';
import { checkKeyboard, checkPage, openBrowser, openPage, startDemo } from './helpers.mjs';
import { notJudged } from './walk.mjs';

const PHONE = { viewport: { width: 375, height: 667 } };
let demo;
let browser;
before(async () => {
  [demo, browser] = await Promise.all([startDemo(), openBrowser()]);
  // The address that the demo is waited for comes first; its last line comes after the links.
  while (!demo.lines.some((line) => line.startsWith('登場する人は'))) await new Promise((resolve) => setImmediate(resolve));
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

// The personal links that the demo prints at its start: label → path on the resident host.
function link(label) {
  const found = demo.lines.join('\n').match(new RegExp(`^ *${label}: (http://127\\.0\\.0\\.1:\\d+)(/f/\\w+)$`, 'm'));
  assert.ok(found, `no link for ${label}:\n${demo.lines.join('\n')}`);
  return { origin: found[1], path: found[2] };
}

async function open(label, options = PHONE) {
  const { origin, path } = link(label);
  const page = await openPage(browser, origin, options);
  await page.goto(path);
  return page;
}

async function giveBirthDate(page, era, year, month, day) {
  await page.locator('#birth-era').selectOption(era);
  await page.locator('#birth-year').fill(year);
  await page.locator('#birth-month').fill(month);
  await page.locator('#birth-day').fill(day);
  await page.locator('main button[type="submit"]').first().click();
}

const next = (page) => press(page, 'button', '次へ進む');
const title = async (page) => page.locator('h1').innerText();

describe('a form on a phone', { concurrency: 1 }, () => {
  test('the health observation, from the link to the thanks', async () => {
    const page = await open('健康観察');
    await checkPage(page, 'form-start');
    await checkKeyboard(page, 'form-start');
    await giveBirthDate(page, '', '1985', '4', '4');
    assert.match(await page.title(), /^エラー: /);
    await checkPage(page, 'form-start-wrong');
    await page.getByRole('link', { name: 'English' }).click();
    await page.getByText('Date of birth').first().waitFor();
    assert.equal(await page.locator('html').getAttribute('lang'), 'en');
    await checkPage(page, 'form-start-english');
    await page.getByRole('link', { name: '日本語', exact: true }).click();
    await giveBirthDate(page, 'showa', '６０', '4', '3');

    await heading(page, '今日の健康観察');
    await checkPage(page, 'form-begin');
    await press(page, 'link', '質問に進む');
    await checkPage(page, 'form-choices');
    await checkKeyboard(page, 'form-choices');
    await next(page);
    assert.match(await page.title(), /^エラー: /);
    await page.getByRole('link', { name: '当てはまるものを選んでください。' }).click();
    await checkPage(page, 'form-choices-wrong');

    await page.getByLabel('唇が紫色').check();
    await next(page);
    await heading(page, 'すぐに119に電話してください');
    assert.equal(await page.getByRole('link', { name: '119に電話する' }).getAttribute('href'), 'tel:119');
    await checkPage(page, 'form-stop');
    await press(page, 'link', 'まちがえて選んだ');
    await page.getByLabel('唇が紫色').uncheck();
    await page.getByLabel('どれもない').check();
    await next(page);

    await heading(page, '体温と酸素の値');
    await checkPage(page, 'form-numbers');
    await page.getByLabel('今の体温').fill('368');
    await next(page);
    await checkPage(page, 'form-numbers-wrong');
    await page.getByLabel('今の体温').fill('３６．８');
    await page.getByLabel('機械がない').check();
    await press(page, 'button', 'Tiếng Việt');
    await heading(page, 'Nhiệt độ và oxy');
    assert.equal(await page.locator('#temperature').inputValue(), '３６．８');
    assert.ok(await page.locator('#spo2-unknown').isChecked());
    await checkPage(page, 'form-numbers-vietnamese');
    await press(page, 'button', 'やさしいにほんご');
    await checkPage(page, 'form-numbers-easy');
    await press(page, 'button', '日本語');
    await next(page);

    await page.getByLabel('せき').check();
    await next(page);
    await page.getByLabel('いつもどおりとれる').check();
    await next(page);
    await heading(page, '電話の希望');
    await page.getByLabel('いいえ').check();
    await checkPage(page, 'form-two-questions');
    await next(page);

    await heading(page, 'お答えの確認');
    await checkPage(page, 'form-check');
    await page.getByRole('link', { name: '「今の体温」を変更' }).click();
    await page.getByLabel('今の体温').fill('37.0');
    await next(page);
    await heading(page, 'お答えの確認');
    await page.getByText('37℃').waitFor();
    await press(page, 'button', 'この内容で送る');
    await heading(page, 'お答えを受け取りました');
    await checkPage(page, 'form-done');
    await page.goBack();
    await page.goForward();
    await heading(page, 'お答えを受け取りました');
    await press(page, 'button', '表示を終える');
    await heading(page, '表示を終えました');
    await checkPage(page, 'form-left');
    await page.context().close();
  });

  test('the interview: rows, days, and going on later', async () => {
    const page = await open('感染症についての聞き取り');
    await giveBirthDate(page, '', '1985', '4', '3');
    await press(page, 'link', '質問に進む');
    await page.getByLabel('どれもない').check();
    await next(page);
    await page.getByLabel('はい').check();
    await next(page);
    await checkPage(page, 'form-day');
    await page.getByLabel('ほかの日').check();
    await page.locator('#onset-month').fill('13');
    await page.locator('#onset-day').fill('1');
    await next(page);
    await checkPage(page, 'form-day-wrong');
    await page.getByLabel('昨日').check();
    await next(page);
    await page.getByLabel('熱', { exact: true }).check();
    await next(page);
    await page.getByLabel('分からない').check();
    await next(page);
    await page.getByLabel('ワクチンを受けた回数').fill('2');
    await next(page);
    assert.match(await title(page), /^一緒に住んでいる人/);
    await page.getByLabel('名前').fill('手本 花子');
    await press(page, 'button', 'もう1件加える');
    await page.locator('#household-1-age').fill('3');
    await next(page);
    assert.equal(await page.locator('#household-0-name').inputValue(), '手本 花子');
    await checkPage(page, 'form-rows-wrong');
    await press(page, 'button', '2件目を消す');
    await checkPage(page, 'form-rows');
    await press(page, 'button', 'ここまでを保存して');
    await heading(page, 'ここまでのお答えを保存しました');
    await checkPage(page, 'form-later');
    await press(page, 'link', 'もう一度開いてください');
    await giveBirthDate(page, '', '1985', '4', '3');
    await page.getByText('前回の続きから').waitFor();
    await checkPage(page, 'form-resumed');
    await page.context().close();
  });

  // What judges pages is a script itself, so that here only the way is gone.
  test('the rest of the interview without JavaScript', async () => {
    const page = await open('感染症についての聞き取り', { ...PHONE, javaScriptEnabled: false });
    await giveBirthDate(page, 'showa', '60', '4', '3');
    await press(page, 'link', '質問に進む');
    await press(page, 'link', '前の質問に戻る');
    assert.match(await title(page), /^一緒に住んでいる人/);
    await press(page, 'button', 'もう1件加える');
    await page.locator('#household-1-name').fill('手本 一郎');
    await press(page, 'button', 'English');
    assert.equal(await page.locator('#household-1-name').inputValue(), '手本 一郎');
    await press(page, 'button', '日本語');
    await next(page);
    for (const answer of ['いいえ', 'どこにも通っていない', null, 'いいえ', '特にない', null]) {
      if (answer !== null) await page.getByLabel(answer).check();
      await next(page);
    }
    await heading(page, 'お答えの確認');
    await press(page, 'button', 'この内容で送る');
    await heading(page, 'お答えを受け取りました');
    await press(page, 'button', '表示を終える');
    await heading(page, '表示を終えました');
    await page.context().close();
  });

  test('links that do not open, and one that stops opening', async () => {
    for (const [label, words, name] of [
      ['明日から答えられる健康観察', 'まだお答えいただけません', 'form-early'],
      ['期限の過ぎた健康観察', 'このリンクの期限は過ぎました', 'form-expired'],
    ]) {
      const page = await open(label);
      await heading(page, words);
      await checkPage(page, name);
      await page.context().close();
    }
    const page = await open('感染症についての聞き取り');
    const { path } = link('感染症についての聞き取り');
    await page.goto(path.slice(0, -3));
    await heading(page, 'リンクが正しくありません');
    await checkPage(page, 'form-broken');
    await page.goto(path);
    for (let attempt = 0; attempt < 5; attempt += 1) await giveBirthDate(page, '', '1985', '4', '5');
    await heading(page, 'このリンクは開けなくなりました');
    await checkPage(page, 'form-locked');
    await page.context().close();
  });

  test('no page of it was forgotten', () => assert.deepEqual(notJudged('/f'), []));
});
