// Days in small: another person's message is reported and everything stops; what each role finds on its home page.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { csv, heading, leave, openDesk, press, sample, send, upload, uploadOther } from './desk.mjs';
import { checkKeyboard, checkPage, openBrowser, openPage, startDemo } from './helpers.mjs';

let slow;
let browser;
before(async () => {
  [slow, browser] = await Promise.all([startDemo('--hold', '0', '--rate', '2'), openBrowser()]);
});
after(async () => {
  await browser?.close();
  await slow?.stop();
});

const NARROW = { viewport: { width: 375, height: 800 } };
const openAll = (page) => page.locator('main details').evaluateAll((all) => all.forEach((one) => { one.open = true; }));

async function look(page, name) {
  await checkPage(page, name);
  await checkKeyboard(page, name);
}

/** The address of the residents' host, as the demo prints it. */
const residents = () => slow.lines.join('\n').match(/住民向けの画面: .*?(http:\/\/127\.0\.0\.1:\d+)/)[1];

describe('days in small', () => {
  test('a report of a wrong person stops the broadcast and opens an incident', async () => {
    const page = await openDesk(browser, slow.url);
    await upload(page, sample('aoba_am.csv'));
    const broadcast = await send(page);
    await page.goto(`${broadcast}/messages`);
    await press(page, 'link', /記録/);
    const code = await page.locator('dt', { hasText: '報告のためのコード' }).locator('xpath=following-sibling::dd').innerText();
    assert.match(code, /^[0-9A-Z]+-[0-9A-Z]{4}-[0-9A-Z]{4}$/);

    // The recipient, on a phone of their own; a wrong code gets the very same page.
    const phone = await openPage(browser, residents(), NARROW);
    await phone.goto('/wrong');
    await look(phone, 'wrong-report');
    const tell = async (typed) => {
      await phone.goto('/wrong');
      await phone.getByLabel('コード').fill(typed);
      await press(phone, 'button', '別の人の情報が届いたと知らせる');
      await heading(phone, 'お知らせありがとうございます');
      return phone.locator('main').innerText();
    };
    const unknown = await tell('4KX-7Q2M-9T3A');
    await page.goto('/incidents');
    await page.getByText('インシデントはありません').waitFor();
    assert.equal(await tell(code.toLowerCase()), unknown);
    await look(phone, 'wrong-thanks');
    await phone.context().close();

    await page.goto(broadcast);
    await heading(page, '配信を止めています');
    await page.getByText('別の人の情報が届いたという報告があります').waitFor();
    assert.equal(await page.getByRole('button', { name: /再開する/ }).count(), 0);
    await look(page, 'broadcast-of-incident');
    await press(page, 'link', /インシデント \d+を見る/);
    await heading(page, /インシデント \d+/);
    await page.getByText('2行目（報告）').waitFor();
    assert.equal(await page.getByRole('button', { name: '拡大を止めた' }).count(), 0, 'a sender decides nothing');
    const incident = page.url();
    await leave(page);

    const head = await openDesk(browser, slow.url, 'honcho');
    await head.locator('.tiles').getByRole('link', { name: '対応中のインシデント' }).click();
    await look(head, 'incidents');
    await head.goto(incident);
    await openAll(head);
    await look(head, 'incident');
    const draft = await head.getByLabel('速報の下書き').inputValue();
    for (const item of ['1 概要', '3 本人の数', '9 その他参考となる事項']) assert.ok(draft.includes(item), draft);
    await head.getByLabel('分かったこと、したこと').fill('リストの電話番号の列を確かめた。');
    await press(head, 'button', 'メモを残す');
    await press(head, 'link', /人を見る/);
    await look(head, 'incident-people');
    await head.goto(incident);
    await head.getByLabel(/どうするかと、その理由/).fill('番号だけが古く、ほかの行は正しい');
    await press(head, 'button', /再開してよい/);
    await head.getByText('再開してよいと決めました', { exact: true }).waitFor();
    await press(head, 'button', '拡大を止めた');
    await press(head, 'button', '対応を終える');
    await head.getByText('対応を終えました', { exact: true }).waitFor();
    await head.goto(broadcast);
    await press(head, 'button', /への配信を再開する/);
    await heading(head, '配信しています');
    await press(head, 'button', '配信を止める');
    await leave(head);
  });

  test('somebody telephones: the message is found by its number and reported', async () => {
    const page = await openDesk(browser, slow.url);
    await uploadOther(page, csv('電話.csv', 'HER-SYS ID,電話番号\n12345678,09014440001\n12345679,09014440002\n'));
    await send(page);
    await page.goto('/calls');
    await press(page, 'link', '「別の人の情報が届いた」という電話を受けたとき');
    await look(page, 'incident-find');
    await page.getByLabel('コードまたは電話番号').fill('０９０−１４４４−０００２');
    await press(page, 'button', 'メッセージを探す');
    await look(page, 'incident-found');
    await press(page, 'link', /このメッセージを報告する/);
    await look(page, 'message-report');
    await page.getByLabel('聞いたこと').fill('知らない番号が書いてあるとのこと');
    await press(page, 'button', '報告して、配信を止める');
    await heading(page, /インシデント \d+/);
    await page.getByText('知らない番号が書いてあるとのこと').first().waitFor();
    await leave(page);
    const head = await openDesk(browser, slow.url, 'honcho');
    await head.goto('/incidents/new');
    await press(head, 'button', 'インシデントを開き、配信を止める');
    await look(head, 'incident-new-refused');
    await leave(head);
  });

  test('the home pages of an office and of the head office with its administrator', async () => {
    const centre = await openDesk(browser, slow.url);
    await look(centre, 'home-office');
    assert.equal(await centre.getByText('部署ごとの状況').count(), 0);
    assert.equal(await centre.getByText('システムの状態').count(), 0);
    await leave(centre);
    const head = await openDesk(browser, slow.url, 'honcho');
    await head.getByRole('heading', { name: /部署ごとの状況/ }).waitFor();
    const rows = head.getByRole('region', { name: /部署ごとの状況/ }).locator('tbody tr');
    assert.equal(await rows.count(), 17);
    await head.getByRole('heading', { name: 'システムの状態' }).waitFor();
    await look(head, 'home-head-office');
    await leave(head);
    for (const login of ['aoba', 'honcho']) {
      const narrow = await openDesk(browser, slow.url, login, NARROW);
      await look(narrow, `home-${login}-narrow`);
      await leave(narrow);
    }
  });
});
