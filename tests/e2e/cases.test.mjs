// From case notifications to everybody reached: rules are taken over, tried and approved; a health centre takes its
// morning list in, decides about twins, corrects, overrules and writes to one person; the head office gathers the
// rest, and the text arrives. Each page in each state stands the checks.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { csv, goTo, heading, leave, openDesk, press } from './desk.mjs';
import { checkKeyboard, checkPage, openBrowser, startDemo } from './helpers.mjs';
import { judgeTheRest } from './walk.mjs';

let demo;
let browser;
before(async () => {
  [demo, browser] = await Promise.all([startDemo('--hold', '0', '--rate', '50'), openBrowser()]);
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

async function look(page, name) {
  await checkPage(page, name);
  await checkKeyboard(page, name);
}

// A day in Japan, so many days ago, as lists write it.
const day = (ago) => new Date(Date.now() + (9 - 24 * ago) * 3_600_000).toISOString().slice(0, 10).replaceAll('-', '/');

// Somebody of whom everything is known and nothing is the matter; what differs is said.
const WELL = {
  氏名: '見本　花子', フリガナ: 'ミホン　ハナコ', 生年月日: 'S60.4.3', 性別: '女', 電話番号: '090-1555-0001',
  住所: '青葉市本町1-2-3', 言語: '', 'HER-SYS ID': '33870001', 診断類型: '確定', 症状: '発熱、咳', 発病日: day(2),
  診断日: day(1), 重症化リスク因子: 'なし', 妊娠: 'なし', SpO2: '98', 重症度: '軽症', 入院の必要: 'なし',
  治療薬の投与又は酸素投与の必要性: 'なし', 備考: '', 医療機関名: 'あおば内科（架空）', 好きな色: '',
};
const person = (other) => ({ ...WELL, ...other });
const TWIN = { 氏名: '例示　一郎', フリガナ: 'レイジ　イチロウ', 生年月日: 'H2.6.1' };

const PEOPLE = [
  person({}),
  person({ 氏名: '手本　太郎', フリガナ: 'テホン　タロウ', 生年月日: 'S25.10.1', 電話番号: '090-1555-0002', 'HER-SYS ID': '33870002' }),
  person({ 氏名: '例示　桜', フリガナ: 'レイジ　サクラ', 生年月日: 'H5.2.8', 妊娠: 'あり', 電話番号: '080-1555-0003', 'HER-SYS ID': '33870003' }),
  person({ 氏名: '架空　健', フリガナ: 'カクウ　ケン', 生年月日: 'S55.7.7', 電話番号: '048-123-4567', 'HER-SYS ID': '33870004' }),
  person({ 備考: '別の医療機関からの届出', 医療機関名: 'みなみクリニック（架空）' }),
  person({ 氏名: '試作　優', フリガナ: 'シサク　ユウ', 生年月日: 'S62.12.24', 電話番号: '070-1555-0006', 'HER-SYS ID': '33870006', 発病日: '先週くらい' }),
  person({ 氏名: '試作　翔', フリガナ: 'シサク　ショウ', 生年月日: 'H30.3.3', 電話番号: '070-1555-0006', 'HER-SYS ID': '33870007' }),
  person({ ...TWIN, 電話番号: '090-1555-0008', 'HER-SYS ID': '33870008' }),
  person({ ...TWIN, 電話番号: '090-1555-0009', 'HER-SYS ID': '33870009', 住所: '青葉市緑町9' }),
  person({ 氏名: '見本　蓮', フリガナ: 'ミホン　レン', 生年月日: 'H10.1.15', 電話番号: '090-1555-0010', 'HER-SYS ID': '33870010', 言語: 'ベトナム語' }),
];

/** A list as a health centre writes it, with a line between that is nobody. */
function list(name, people) {
  const headings = Object.keys(WELL);
  const lines = people.map((one) => headings.map((heading) => one[heading]).join());
  return csv(name, `${headings.join()}\n${lines.join('\n')}\n※以下は翌日分${','.repeat(headings.length - 1)}\n`);
}

async function takeIn(page, file) {
  await page.goto('/intake/new');
  await page.locator('input[type=file]').setInputFiles(file);
  await press(page, 'button', '内容を確かめる');
}

const register = async (page, people) => {
  await press(page, 'button', `${people}人を登録する`);
  await page.getByText(`${people}人を登録しました`).waitFor();
};

/** Finds one person by kana and opens the record. */
async function find(page, kana) {
  await page.goto('/cases');
  await page.getByLabel('患者を探す').fill(kana);
  await press(page, 'button', /^探す$/);
  await press(page, 'link', /＊＊/);
  await heading(page, '患者の記録');
}

const details = (page, summary) => page.locator('details', { has: page.locator('summary', { hasText: summary }) });
const caseOf = (page) => Number(new URL(page.url()).pathname.split('/')[2]);

describe('from the notification to everybody reached', { concurrency: 1 }, () => {
  test('rules: an example is taken over, written, tried, and approved by a second person', async () => {
    const head = await openDesk(browser, demo.url, 'honcho');
    await head.goto('/programmes');
    await look(head, 'programmes-empty');
    await press(head, 'link', /規則を作る/);
    await look(head, 'programme-new');
    await press(head, 'button', '下書きを作る');
    await look(head, 'programme-new-refused');
    await head.getByRole('radio', { name: /新型コロナウイルス感染症/ }).check();
    await press(head, 'button', '下書きを作る');
    await heading(head, '新型コロナウイルス感染症');
    await head.getByText('いま使われている規則はありません').waitFor();
    await look(head, 'programme-drafts');
    await press(head, 'link', /発生届の対象を4つの類型に限る/);
    const version = head.url();
    await look(head, 'programme-draft');
    await head.getByText('自分が書いた版', { exact: false }).or(head.getByText('承認できません', { exact: false })).first().waitFor();

    await press(head, 'link', '直す');
    await head.getByLabel('この版で変わること').fill('');
    await press(head, 'button', '下書きを保存する', head.locator('main form'));
    await look(head, 'programme-edit-refused');
    await head.getByLabel('この版で変わること').fill('70歳以上は急いで電話');
    await press(head, 'button', '規則を加える');
    await head.getByLabel('当てはまる人の名前').nth(5).waitFor();
    await look(head, 'programme-edit');
    await press(head, 'button', '規則5を消す');
    await head.getByLabel('優先度').nth(1).fill('85');
    await press(head, 'button', '下書きを保存する');
    await heading(head, '70歳以上は急いで電話');

    await press(head, 'link', '試す');
    await look(head, 'programme-try');
    await head.getByLabel('年齢').fill('七十');
    await press(head, 'button', 'この人で試す');
    await look(head, 'programme-try-refused');
    await head.getByLabel('年齢').fill('72');
    await head.getByLabel('入院の必要').selectOption({ label: 'いいえ' });
    await head.getByLabel('発症日・検体採取日').fill(day(3));
    await press(head, 'button', 'この人で試す');
    await head.getByRole('heading', { name: '結果: 保健所が電話' }).waitFor();
    await head.getByText('優先度 85').waitFor();
    await look(head, 'programme-tried');
    await leave(head);

    const approver = await openDesk(browser, demo.url, 'shonin');
    await approver.goto(version);
    await look(approver, 'programme-to-approve');
    await press(approver, 'button', '第5版を承認する');
    await look(approver, 'programme-approved');
    await approver.goto('/programmes');
    await approver.getByText('70歳以上は急いで電話').waitFor();
    await look(approver, 'programmes');
    await press(approver, 'link', '新型コロナウイルス感染症');
    await look(approver, 'programme-in-force');
    await leave(approver);
  });

  test('questions: one person writes them, another approves, and people are asked with them', async () => {
    const head = await openDesk(browser, demo.url, 'honcho');
    await head.goto('/forms');
    await look(head, 'forms-shipped');
    await press(head, 'button', /質問票 健康観察」の新しい版を作る/);
    await head.getByLabel('何を変えたか').fill('題を分かりやすくした');
    await head.getByLabel('質問票の名前').fill('');
    await press(head, 'button', '下書きを保存する');
    await look(head, 'form-edit-refused');
    await head.getByLabel('質問票の名前').fill('きょうの体の調子');
    await press(head, 'button', '下書きを保存する');
    await heading(head, '題を分かりやすくした');
    await head.getByText('きょうの体の調子').waitFor();
    await look(head, 'form-draft');
    const version = new URL(head.url()).pathname;
    await head.goto(`${version}/edit?language=en`);
    await look(head, 'form-edit-english');
    await leave(head);

    const approver = await openDesk(browser, demo.url, 'shonin');
    await approver.goto(version);
    await look(approver, 'form-to-approve');
    await press(approver, 'button', '第1版を承認する');
    await look(approver, 'form-approved');
    await approver.goto('/forms');
    await approver.getByText('いまの質問', { exact: true }).waitFor();
    await look(approver, 'forms');
    await leave(approver);
  });

  test('a morning: a list becomes cases, and each of them is looked after', async () => {
    const page = await openDesk(browser, demo.url);
    await goTo(page, '患者');
    await look(page, 'cases-empty');
    await press(page, 'link', '発生届のリストを登録する');
    await look(page, 'intake-new');
    await takeIn(page, { name: '案内.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7 no list') });
    await look(page, 'intake-refused');
    await takeIn(page, csv('品物.csv', '品名,数\nマスク,10\n'));
    await page.getByText('発生届のリストとして読み取れません').waitFor();
    await look(page, 'intake-no-people');
    await takeIn(page, list('発生届_朝.csv', PEOPLE));
    await page.getByText('同じ人かもしれません').first().waitFor();
    await page.getByLabel('「好きな色」の列').waitFor();
    assert.equal(await page.getByText('090-1555').count(), 0, 'numbers are not for passers-by');
    await look(page, 'intake-check');
    const check = page.url();
    await register(page, PEOPLE.length);
    await look(page, 'cases');
    await page.goto(check);
    assert.equal(await page.getByRole('button', { name: /人を登録する/ }).count(), 0);
    await look(page, 'intake-done');

    // Twins: one pair is one person, the other is not.
    await page.goto('/cases/twins');
    await look(page, 'twins');
    await page.locator('tbody tr', { hasText: '見＊' }).getByRole('link').click();
    await heading(page, '2つの記録を見比べる');
    await look(page, 'twin');
    await press(page, 'button', /^同じ人: [\d-]+ に統合する/);
    await page.getByText('1つに統合しました').waitFor();
    await page.goto('/cases/twins');
    await page.locator('tbody tr', { hasText: '例＊' }).getByRole('link').click();
    await press(page, 'button', '別の人');
    await page.getByText('別の人として記録しました').waitFor();
    await page.goto('/cases/twins');
    await page.getByText('見比べる組はありません').waitFor();
    await look(page, 'twins-none');

    // One record: shown whole, a note, corrected, decided otherwise with a reason.
    await page.goto('/cases');
    for (const [typed, name] of [['', 'case-search-blank'], ['ソンザイシナイ', 'case-search-nobody'], ['テホン　タロウ', 'case-search']]) {
      await page.getByLabel('患者を探す').fill(typed);
      await press(page, 'button', /^探す$/);
      await look(page, name);
    }
    await press(page, 'link', /＊＊/);
    await page.getByText('70歳以上は急いで電話').or(page.getByText('65歳以上')).first().waitFor();
    await look(page, 'case');
    const record = page.url();
    await press(page, 'button', '1人の氏名と連絡先を表示する');
    await page.getByText('090-1555-0002').waitFor();
    await look(page, 'case-whole');
    await page.goto(record);
    await page.getByLabel('メモ', { exact: true }).fill('長女と同居。昼は留守。');
    await press(page, 'button', 'メモを1件残す');
    await press(page, 'link', '記録を訂正する');
    await page.getByLabel('発病日').fill('きのうあたり');
    await press(page, 'button', '1人の記録を訂正する');
    await look(page, 'case-correct-refused');
    await page.getByLabel('発病日').fill(day(4));
    await page.getByLabel('訂正の理由').fill('本人に電話で確認');
    await press(page, 'button', '1人の記録を訂正する');
    await page.getByText('記録を訂正しました').waitFor();
    await details(page, '振り分けを変更する').locator('summary').click();
    await page.getByLabel('だれが、どうやって連絡するか').selectOption({ label: '保健所がSMS' });
    await page.getByLabel('変更する理由').fill('本人がSMSを希望');
    await press(page, 'button', '1人の振り分けを変更する');
    await page.getByText('振り分けを変更しました').waitFor();
    await page.getByText('職員が変更', { exact: true }).waitFor();
    await look(page, 'case-changed');

    // Two clicks write to this person: which text, and yes.
    await press(page, 'link', 'この人にSMSを送る');
    await look(page, 'case-write');
    await press(page, 'link', 'はじめのご連絡');
    await page.locator('.phone__bubble').first().waitFor();
    await look(page, 'case-write-text');
    await press(page, 'button', '1人に送信する');
    await page.waitForURL(/\/broadcasts\/\d+/);
    await page.goto(record);
    await look(page, 'case-written');

    await find(page, 'レイジ　サクラ');
    await press(page, 'link', '別の部署に引き継ぐ');
    await look(page, 'case-hand-over');
    await press(page, 'button', '1人を引き継ぐ');
    await look(page, 'case-hand-over-refused');
    await page.getByLabel('引き継ぐ先の部署').selectOption({ label: 'かわべ保健所' });
    await press(page, 'button', '1人を引き継ぐ');
    await page.getByText('1人を引き継ぎました').waitFor();

    await press(page, 'link', '1人を入力する');
    await look(page, 'case-new');
    await press(page, 'button', '1人を登録する');
    await look(page, 'case-new-refused');
    await page.getByLabel('氏名').first().fill('手本 薫');
    await page.getByLabel('フリガナ').fill('テホン カオル');
    await page.getByLabel('電話番号1').fill('０８０−１５５５−００２０');
    await press(page, 'button', '1人を登録する');
    await page.getByText('1人を登録しました').waitFor();
    await leave(page);
  });

  test('the head office gathers who waits, and the text arrives on their phones', async () => {
    const head = await openDesk(browser, demo.url, 'honcho');
    await goTo(head, '初回連絡');
    await look(head, 'reach');
    await press(head, 'link', /「本庁がSMS」の\d+人を集めて確かめる/);
    await look(head, 'reach-gather');
    // The programme names no text of its own, so none is chosen.
    await head.getByLabel('文面', { exact: false }).first().selectOption({ index: 1 });
    await press(head, 'button', 'この文面で確かめる');
    const send = head.getByRole('button', { name: /人に送信する/ });
    const people = Number((await send.innerText()).match(/(\d+)人/)[1]);
    assert.ok(people >= 4, `${people}`);
    await press(head, 'button', /人に送信する/);
    await heading(head, '配信の結果');
    await head.goto('/phones');
    await head.locator('.phones h2', { hasText: '090-1555-0001' }).waitFor();
    const texts = await head.locator('.phones .phone__bubble').allInnerTexts();
    assert.ok(texts.some((text) => text.includes('健康観察の番号は33870001です')), texts.join('\n'));
    assert.ok(texts.some((text) => text.includes('33870002')), 'the one whom the centre wrote to');
    await head.goto('/reach');
    await look(head, 'reach-done');
    await head.goto('/reach/gather?route=head_office_sms');
    await look(head, 'reach-gather-nobody');

    await head.goto('/reach/orders');
    await look(head, 'reach-orders-empty');
    await press(head, 'button', '自動で送る指示を出す');
    await look(head, 'reach-orders-refused');
    await head.getByLabel('どの部署の人に').selectOption({ label: 'あおば保健所' });
    await head.getByLabel('承認された文面').selectOption({ index: 1 });
    await head.getByLabel('1回に送る人数の上限').fill('100');
    await head.getByLabel('1日に送る人数の上限').fill('500');
    await press(head, 'button', '自動で送る指示を出す');
    await look(head, 'reach-orders');
    await press(head, 'button', /自動で送るのを止める/);
    await head.goto('/cases?contact=waiting&route=centre_phone');
    await look(head, 'cases-waiting');
    await head.goto('/cases');
    await look(head, 'cases-head-office');

    await press(head, 'link', '見＊＊');
    const id = caseOf(head);
    await judgeTheRest(head, { cases: { id }, intake: {}, programmes: { id: 1, version: 4 }, reach: {} });
    await leave(head);
  });

  test('without JavaScript, on a phone, a list comes in and a pair of twins is decided and undone', async () => {
    const page = await openDesk(browser, demo.url, 'aoba', { viewport: { width: 375, height: 800 }, javaScriptEnabled: false });
    const again = PEOPLE.slice(1, 2).map((one) => ({ ...one, 電話番号: '090-1555-0099', 'HER-SYS ID': '33870099' }));
    await takeIn(page, list('発生届_昼.csv', again));
    await register(page, 1);
    await press(page, 'link', '見比べる');
    await page.locator('tbody').getByRole('link').first().click();
    await press(page, 'button', /^同じ人: [\d-]+ に統合する/);
    await page.getByText('1つに統合しました').waitFor();
    await press(page, 'link', /が同じ記録と見比べる/);
    await press(page, 'button', '1組の統合を取り消す');
    await page.getByText('統合を取り消しました').waitFor();
    await details(page, '振り分けを変更する').locator('summary').click();
    await page.getByLabel('だれが、どうやって連絡するか').selectOption({ label: '医師が確認' });
    await page.getByLabel('変更する理由').fill('息が苦しいとのこと');
    await press(page, 'button', '1人の振り分けを変更する');
    await page.getByText('振り分けを変更しました').waitFor();
    await leave(page);
  });

  test('those of a list who are in the area of another office go there with one button', async () => {
    const head = await openDesk(browser, demo.url, 'honcho');
    await head.goto('/intake/areas');
    await head.getByRole('textbox').last().fill('遠山市、遠山郡見本町');
    await press(head, 'button', '管内を変える');
    await head.getByText('管内を変えました').waitFor();
    await look(head, 'intake-areas-saved');
    await leave(head);

    const page = await openDesk(browser, demo.url);
    const away = person({ 氏名: '想定　遠', フリガナ: 'ソウテイ　トオ', 生年月日: 'S50.5.5', 電話番号: '090-1555-0070', 'HER-SYS ID': '33870070', 住所: '遠山市本町1' });
    await takeIn(page, list('発生届_夕.csv', [away]));
    await page.getByText(/^所在地が.+の管内の人$/).waitFor();
    await look(page, 'intake-elsewhere');
    await register(page, 1);
    await look(page, 'intake-registered-elsewhere');
    await press(page, 'button', '1人を管内の部署に引き継ぐ');
    await page.getByText('1人を引き継ぎました').waitFor();
    await look(page, 'intake-moved');
    await leave(page);
  });
});
