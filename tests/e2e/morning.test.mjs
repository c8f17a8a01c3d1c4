// The morning of a health centre: a list with faults becomes delivered messages, and everything that a person
// may do on the way, right or wrong.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { csv, counts, fieldsOf, heading, leave, openDesk, parseXlsx, press, sample, send, takeFile, takeReport, tally, upload, uploadOther } from './desk.mjs';
import { openBrowser, startDemo } from './helpers.mjs';

let demo;
let browser;
before(async () => {
  [demo, browser] = await Promise.all([startDemo('--hold', '3', '--rate', '60'), openBrowser()]);
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

const settled = (page) => heading(page, '配信の結果');
const rowOf = (page, line) => page.locator('tr', { has: page.getByRole('rowheader', { name: `${line}行目`, exact: true }) });

test('a list with faults goes out, and everybody on it ends somewhere', async () => {
  const page = await openDesk(browser, demo.url);
  const list = await upload(page, sample('aoba_am.csv'));

  // The check: each error inside its cell, under the row number that the spreadsheet shows.
  await heading(page, 'リストの検査結果');
  const bad = { 12: /桁が足りません/, 34: /電話番号がありません/, 43: /固定電話/, 55: /電話番号がありません/ };
  for (const [line, words] of Object.entries(bad)) {
    assert.match(await rowOf(page, line).locator('td.cell--error').innerText(), words, `row ${line}`);
  }
  assert.equal(await page.locator('td.cell--error').count(), 4);
  await page.getByText('71人の文面を確かめる').waitFor();

  await page.getByLabel('12行目の電話番号').fill('090-1234-5678');
  await press(page, 'button', /この行を直す.*: 12行目/);
  await page.getByText('3行に直すところがあります').waitFor();
  await rowOf(page, 34).locator('summary', { hasText: '除外する' }).click();
  await rowOf(page, 34).getByLabel('除外する理由').fill('電話で連絡する');
  await press(page, 'button', /除外する.*: 34行目/);
  await page.getByText('2行に直すところがあります').waitFor();

  // The look at the texts: forward, back, any, the longest.
  await press(page, 'link', '72人の文面を確かめる');
  await page.getByText('72人のうち1人目（2行目）').waitFor();
  await press(page, 'link', '次');
  await page.getByText('72人のうち2人目（3行目）').waitFor();
  assert.equal(await page.locator('.phone__bubble mark').innerText(), '33874375', 'the ID of row 3 and nobody else');
  await press(page, 'link', '前');
  await page.getByText('72人のうち1人目（2行目）').waitFor();
  await press(page, 'link', 'ランダム');
  await page.getByText(/72人のうち\d+人目（\d+行目）/).waitFor();
  await page.getByLabel('行番号で見る').fill('12');
  await press(page, 'button', 'この行を見る');
  const expected = await page.locator('.phone__bubble').innerText();
  assert.match(expected, /番号は72884753です/);

  // Sent, withdrawn within the hold window, sent again.
  await press(page, 'link', '72人への送信の確認に進む');
  await press(page, 'button', '72人に送信する');
  await heading(page, 'まもなく配信が始まります');
  await press(page, 'button', /取消する/);
  await page.getByText('72人への配信を取り消しました').waitFor();
  assert.equal((await counts(page)).cancelled, 72);
  await page.goto(`${list}/confirm`);
  await press(page, 'button', '72人に送信する');
  const broadcast = page.url();

  // Live: the page moves by itself, is told by the server, and ends as the result.
  const pushed = page.waitForResponse((response) => response.url().includes('/live'));
  await heading(page, '配信しています');
  assert.match((await pushed).headers()['content-type'], /text\/event-stream/);
  await page.locator('.tiles [data-count="accepted"]', { hasText: /[1-9]/ }).waitFor();
  await settled(page);
  const { total, delivered, failed, unknown, waiting, accepted } = await counts(page);
  assert.deepEqual({ total, unknown, waiting, accepted }, { total: 72, unknown: 0, waiting: 0, accepted: 0 });
  assert.equal(delivered + failed, 72);
  await page.getByText(/^完了/).waitFor();

  // The report has every row of the list, in both forms the same.
  const asXlsx = await takeFile(page, broadcast, 'Excel');
  const rows = await takeReport(page, broadcast);
  assert.deepEqual(parseXlsx(asXlsx).map((row) => row.slice(0, 4)), rows.map((row) => row.slice(0, 4)));
  assert.equal(rows.length, 1 + 75);
  assert.equal(tally(rows)['着信済'], delivered);
  const unsent = rows.filter(([, , state]) => state === '未送信').map(([line, , , why]) => [line, why]);
  assert.deepEqual(unsent.map(([line]) => line), ['34', '43', '55']);
  assert.match(unsent[0][1], /除外しました: 電話で連絡する/);

  await theVeryTextArrived(page, expected);
  await theSameListAgainSendsNothing(page, broadcast);
  await leave(page);
});

// The phones are the simulated carrier's: the page shows what was put together from the parts on the wire.
async function theVeryTextArrived(page, first) {
  await page.goto('/phones');
  const numbers = await page.locator('.phones h2').allInnerTexts();
  const texts = await page.locator('.phones .phone__bubble').allInnerTexts();
  assert.ok(numbers.length > 0 && numbers.length === texts.length, `${numbers.length} phones, ${texts.length} texts`);
  const list = readFileSync(sample('aoba_am.csv'));
  const rows = new TextDecoder('shift_jis').decode(list).split(/\r?\n/).map((line) => line.split(','));
  const digits = (text) => text.normalize('NFKC').replace(/^\+81/, '0').replace(/\(母\)|\D/g, '').replace(/^([789]0)/, '0$1');
  const ids = new Map(rows.map(([, id, , , , phone]) => [digits(phone ?? ''), id]));
  for (const [index, number] of numbers.entries()) {
    const id = ids.get(digits(number)) ?? assert.fail(`${number} is not on the list`);
    assert.equal(texts[index], first.replace('72884753', id), `the text of ${number}`);
  }
}

async function theSameListAgainSendsNothing(page, broadcast) {
  await upload(page, sample('aoba_am.csv'));
  await page.getByText('すでに送信済みの行（71行）').waitFor();
  assert.equal(await page.getByRole('link', { name: /人の文面を確かめる/ }).count(), 0, 'nobody is left to send to');
  await page.goto(`${page.url()}/confirm`);
  assert.equal(await page.getByRole('button', { name: /送信する/ }).count(), 0);
  await page.goto('/');
  assert.equal(await page.locator('tbody a[href^="/broadcasts/"]').count(), 2, 'the withdrawn one and the sent one');
  assert.ok(await page.locator(`tbody a[href="${new URL(broadcast).pathname}"]`).isVisible());
}

// Lists of 75 people each, as an office's own system writes them day by day: nothing is wrong with them.
const FAMILIES = [['例示', 'レイジ'], ['見本', 'ミホン'], ['架空', 'カクウ'], ['試作', 'シサク'], ['手本', 'テホン']];
const GIVEN = [['桜', 'サクラ'], ['翔', 'ショウ'], ['健', 'ケン'], ['花', 'ハナ'], ['葵', 'アオイ'], ['蓮', 'レン'], ['優', 'ユウ']];
function routine(day) {
  const rows = Array.from({ length: 75 }, (_, at) => {
    const n = day * 75 + at;
    const [family, given] = [FAMILIES[n % 5], GIVEN[n % 7]];
    const born = `S${40 + ((n * 7) % 24)}.${1 + ((n * 5) % 12)}.${1 + ((n * 11) % 28)}`;
    const phone = `070-${2000 + ((n * 3571) % 7000)}-${String((n * 7919) % 10_000).padStart(4, '0')}`;
    const id = 20_000_000 + ((n * 37_389_127) % 79_999_987);
    return `${at + 1},${id},${family[0]}　${given[0]},${family[1]} ${given[1]},${born},${phone},`;
  });
  return csv(`第${day}便.csv`, `整理番号,HER-SYS ID,氏名,フリガナ,生年月日,電話番号,備考\n${rows.join('\n')}\n`);
}

test('a list without faults needs five clicks from the upload to the sending, the first and every other', async () => {
  const page = await openDesk(browser, demo.url, 'honcho');
  for (const [list, people] of [[sample('minato_12.csv'), 12], [routine(1), 75], [routine(2), 75]]) {
    await page.goto('/');
    // Nobody guesses the text of an office's very first list; from then on it stands there.
    if (people === 12) await page.getByLabel('送る文面').selectOption({ index: 1 });
    let clicks = 0;
    const click = async (locator) => {
      clicks += 1;
      await locator.click();
      await page.waitForLoadState();
    };
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'), click(page.getByLabel('リストをここに置く'))]);
    await chooser.setFiles(list);
    await click(page.getByRole('button', { name: '検査する' }));
    await heading(page, 'リストの検査結果');
    assert.equal(await page.getByRole('button', { name: /^確認しました/ }).count(), 0, 'nothing is asked');
    await click(page.getByRole('link', { name: `${people}人の文面を確かめる` }));
    await click(page.getByRole('link', { name: `${people}人への送信の確認に進む` }));
    await click(page.getByRole('button', { name: `${people}人に送信する` }));
    await heading(page, 'まもなく配信が始まります');
    assert.ok(clicks <= 5, `${clicks} clicks`);
  }
  await leave(page);
});

describe('what else happens in a morning', { concurrency: 3 }, () => {
  test('sending twice by two clicks or two forms sends once', async () => {
    const page = await openDesk(browser, demo.url);
    const rows = Array.from({ length: 20 }, (_, row) => `200000${String(row).padStart(2, '0')},0901222${String(row).padStart(4, '0')}`);
    const list = await uploadOther(page, csv('二度.csv', `HER-SYS ID,電話番号\n${rows.join('\n')}\n`));
    await page.goto(`${list}/confirm`);
    const form = page.locator('form[action$="/send"]');
    const [url, fields] = [await form.evaluate((one) => one.action), await fieldsOf(form)];
    const answers = await Promise.all([1, 2, 3].map(() => page.request.post(url, { form: fields, headers: { origin: demo.url } })));
    for (const answer of answers) assert.equal(answer.status(), 200, await answer.text());
    const [first, ...others] = answers.map((answer) => new URL(answer.url()).pathname);
    assert.match(first, /^\/broadcasts\/\d+$/);
    for (const other of others) assert.equal(other, first);
    await page.getByRole('button', { name: '20人に送信する' }).dblclick();
    await page.getByText('このリストはすでに送られています').waitFor();
    assert.equal(new URL(page.url()).pathname, first);
    await settled(page);
    assert.equal((await counts(page)).total, 20);
    const report = await takeReport(page, first);
    assert.equal(report.length, 1 + 20);
    await leave(page);
  });

  test('without JavaScript the same way leads to the same end', async () => {
    const page = await openDesk(browser, demo.url, 'aoba', { javaScriptEnabled: false });
    await page.goto('/');
    await uploadOther(page, csv('素.csv', 'HER-SYS ID,電話番号\n30000001,09013330001\n30000002,電話なし\n'));
    await page.getByLabel('3行目の電話番号').fill('080 1333 0002');
    await press(page, 'button', /この行を直す.*: 3行目/);
    await send(page);
    await heading(page, 'まもなく配信が始まります');
    await heading(page, '配信の結果'); // the page loads itself anew
    assert.equal((await counts(page)).total, 2);
    await leave(page);
  });

  test('files that are no list, and lists that lack a column, lead on', async () => {
    const page = await openDesk(browser, demo.url);
    const choose = async (file) => {
      await page.goto('/');
      await page.getByLabel('送る文面').selectOption({ index: 1 });
      await page.getByLabel('リストをここに置く').setInputFiles(file);
      await press(page, 'button', '検査する');
    };
    await choose({ name: '案内.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7 no list') });
    await heading(page, 'リストを読めませんでした');
    await page.getByText('このファイルはPDFです').waitFor();
    await page.getByText('まだ何も保存しておらず、誰にも送っていません。').waitFor();
    assert.equal(await page.getByLabel('リストをここに置く').count(), 1, 'another file can be chosen here');

    await choose(csv('列.csv', '氏名,電話番号\n例示　桜,09014440001\n'));
    await heading(page, '列を確かめる');
    await page.getByText('当てはまりそうな列が見つかりません。差し込む列を選んでください。').waitFor();
    await page.getByLabel('リストをここに置く').setInputFiles(csv('列2.csv', '番号,HER-SYS ID,連絡先1,連絡先2\n1,40000001,09014440001,08014440001\n'));
    await press(page, 'button', '選び直したリストを検査する');
    await page.waitForURL(/\/lists\/\d+$/);
    await page.getByLabel('電話番号の列').selectOption({ label: 'D列 連絡先2（例: 08014440001）' });
    await press(page, 'button', 'この列で検査する（1行）');
    await press(page, 'link', '1人の文面を確かめる');
    await page.getByText('080-****-0001').waitFor();
    await leave(page);
  });

  test('what belongs to the head office is not there for a health centre', async () => {
    const [head, centre] = await Promise.all([openDesk(browser, demo.url, 'honcho'), openDesk(browser, demo.url)]);
    const list = await uploadOther(head, csv('本庁.csv', 'HER-SYS ID,電話番号\n50000001,09015550001\n'));
    const broadcast = await send(head);
    const pages = [list, `${list}/preview`, `${list}/confirm`, broadcast];
    for (const address of [...pages, ...['live', 'messages', 'discard', 'export'].map((one) => `${broadcast}/${one}`)]) {
      assert.equal((await centre.request.get(address)).status(), 404, address);
      assert.notEqual((await head.request.get(pages.includes(address) ? address : broadcast)).status(), 404, address);
    }
    await centre.goto(broadcast);
    await heading(centre, 'ページが見つかりません');
    await centre.goto('/');
    assert.equal(await centre.getByText('本庁.csv').count(), 0);
    await Promise.all([leave(head), leave(centre)]);
  });
});
