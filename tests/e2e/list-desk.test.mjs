// What the desk says of a list that must not go out as it is: each state stands the checks of every page.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { csv, heading, leave, openDesk, press, upload } from './desk.mjs';
import { checkKeyboard, checkPage, openBrowser, startDemo } from './helpers.mjs';

const TEXT = '登録のお願い';
const NAMED = 'お名前入り';

let demo;
let browser;
before(async () => {
  [demo, browser] = await Promise.all([startDemo('--hold', '600', '--rate', '50'), openBrowser()]);
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

async function look(page, name) {
  await checkPage(page, name);
  await checkKeyboard(page, name);
}

async function template(page, name, body) {
  await page.goto('/templates/new');
  await page.getByLabel('文面の名前').fill(name);
  await page.getByLabel('本文').first().fill(body);
  await press(page, 'button', '保存する');
}

const id = (n) => String(10_000_000 + ((n * 1_037_389) % 89_999_999));
const phone = (n) => `090${11_000_000 + n * 3_137}`;
const name = (n) => `${['架空', '試作', '見本', '手本'][n % 4]}　${['翔', '桜', '健', '優', '花', '蓮', '葵'][n % 7]}`;
const rows = (count, row) => Array.from({ length: count }, (_, n) => `${row(n)}\n`).join('');

/** So many people, each beside the ID of the person `shift` rows above. */
const people = (count, shift) =>
  `HER-SYS ID,電話番号,氏名\n${rows(count, (n) => [id((n + count - shift) % count), phone(n), name(n)].join())}`;
const source = (count) => `患者番号,患者氏名,連絡先\n${rows(count, (n) => [id(n), name(n), phone(n)].join())}`;

async function compareWith(page, file, words) {
  const form = page.locator('details', { hasText: '元の名簿をここに置く' });
  if (!(await form.evaluate((one) => one.open))) await form.locator('summary').click();
  await page.getByLabel('元の名簿をここに置く').setInputFiles(file);
  await press(page, 'button', '元の名簿と比べる');
  await page.getByText(words).first().waitFor();
}

describe('the list desk', { concurrency: 1 }, () => {
  test('a list beside its source: agreeing, slipped, and one that is no source', async () => {
    const page = await openDesk(browser, demo.url, 'honcho');
    await template(page, TEXT, 'みどり県の保健所です。毎日の体調の登録をお願いします。登録番号は{{HER-SYS ID}}です。電話048-123-4567');
    await upload(page, csv('ちがう名簿.csv', people(20, 0)), TEXT);
    await compareWith(page, csv('品物.csv', '品名,数量\nはさみ,3\nのり,5\n'), '元の名簿と比べられません');
    await look(page, 'desk-no-source');
    await press(page, 'button', '選んだ元の名簿を外す');
    await page.getByText('選ばれた元の名簿を外しました').waitFor();
    await compareWith(page, csv('書き出し.csv', source(24)), '20行中20行が、元の名簿と一致しました。');
    await look(page, 'desk-agrees');
    await upload(page, csv('ずれた名簿.csv', people(20, 1)), TEXT);
    await page.getByText('このリストは送れません').waitFor();
    await page.locator('summary', { hasText: 'ずらして比べたときの一致率' }).click();
    await look(page, 'desk-slipped');
    assert.equal(await page.getByRole('link', { name: /人の文面を確かめる/ }).count(), 0, 'there is no way on');
    await leave(page);
  });

  test('a family, letters that au refuses, and two numbers in a cell', async () => {
    const page = await openDesk(browser, demo.url);
    await template(page, NAMED, 'みどり県の保健所です。{{氏名}}様、番号は{{HER-SYS ID}}です。お電話ください。電話048-123-4567');
    const list = [
      'HER-SYS ID,電話番号,氏名',
      '11111111,09055550001,髙橋　花',
      '22222222,09055550001,髙橋　翔',
      '33333333,090-5555-0002／080-5555-0003,見本　健',
    ];
    await upload(page, csv('家族.csv', `${list.join('\n')}\n`), NAMED);
    await look(page, 'desk-letters');
    await press(page, 'button', '2人の文字を置き換えて送る');
    await page.getByRole('button', { name: '元の文字のままにする' }).waitFor();
    await press(page, 'button', '番号ごとに1通にする（1通）');
    await page.getByRole('button', { name: 'それぞれに送る（2通）' }).waitFor();
    await press(page, 'button', /080-5555-0003 に送る/);
    await page.getByRole('link', { name: '2人の文面を確かめる' }).waitFor();
    await page.locator('summary', { hasText: '変更と判断の記録' }).click();
    await look(page, 'desk-chosen');
    await press(page, 'link', '2人の文面を確かめる');
    await heading(page, '文面のプレビュー');
    await look(page, 'desk-preview');
    await leave(page);
  });
});
