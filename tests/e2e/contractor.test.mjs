// A contractor's time: the office is made, somebody is invited and works, and the last day passes.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { heading, openDesk, press } from './desk.mjs';
import { checkPage, openBrowser, openPage, startDemo } from './helpers.mjs';

let demo;
let browser;
before(async () => {
  [demo, browser] = await Promise.all([startDemo(), openBrowser()]);
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

const OFFICE = 'みどりコールセンター';
const PASSWORD = 'hotaru-to-kawa-no-oto';

/** A day in Japan, so many days from today, as people write it. */
const day = (from) => new Date(Date.now() + (9 + 24 * from) * 3_600_000).toISOString().slice(0, 10).replaceAll('-', '/');

test('a contractor comes in by invitation and is out after the last day, with words', async () => {
  const head = await openDesk(browser, demo.url, 'honcho');
  await head.goto('/offices');
  await head.locator('details', { has: head.locator('#name') }).locator('summary').click();
  await head.locator('#name').fill(OFFICE);
  await head.getByRole('radio', { name: /^委託先/ }).check();
  await head.locator('#last_day').fill(day(0));
  await press(head, 'button', /加える/, head.locator('form', { has: head.locator('#name') }));
  await press(head, 'link', new RegExp(`変更する.*${OFFICE}`));
  await head.waitForURL(/\/offices\/\d+$/);
  const office = head.url();
  await checkPage(head, 'contractor-office');

  await head.goto('/staff/new');
  await head.locator('#name').fill('委託 はじめ');
  await head.locator('#login').fill('hajime');
  await head.locator('#office').selectOption({ label: OFFICE });
  await head.getByRole('checkbox', { name: /委託先担当者/ }).check();
  await press(head, 'button', '1人を招待する');
  const link = await head.getByLabel('委託 はじめさんのリンク').inputValue();

  const contractor = await openPage(browser, demo.url);
  await contractor.goto(new URL(link).pathname);
  await checkPage(contractor, 'contractor-invitation');
  await contractor.getByLabel(/上の注意を読み/).check();
  await contractor.locator('#password').fill(PASSWORD);
  await contractor.locator('#password_again').fill(PASSWORD);
  await press(contractor, 'button', '招待を受ける');
  await contractor.getByLabel('ログインID').fill('hajime');
  await contractor.locator('#password').fill(PASSWORD);
  await press(contractor, 'button', 'ログインする');
  await heading(contractor, '今日の配信');
  assert.equal(await contractor.getByRole('link', { name: '設定' }).count(), 0);

  // The link has been used.
  const late = await openPage(browser, demo.url);
  await late.goto(new URL(link).pathname);
  assert.equal(await late.getByRole('button', { name: '招待を受ける' }).count(), 0);
  await late.context().close();

  // Yesterday was the last day.
  await head.goto(office);
  await head.locator('#last_day').fill(day(-1));
  await press(head, 'button', '保存する');
  await contractor.goto('/');
  await heading(contractor, 'ログイン');
  await contractor.getByText('委託契約の期間が終わりました').waitFor();
  await checkPage(contractor, 'contractor-over');
  await contractor.context().close();
  await head.context().close();
});
