// From an empty database to the first test message at the carrier, as somebody new to the product does it: every page,
// field and click is counted, and together they must stay well within the ten minutes that the set-up may take.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { csv, heading } from './desk.mjs';
import { checkPage, openBrowser, openPage, runTodoke, startSmsc, startTodoke } from './helpers.mjs';

const PASSWORD = 'hotaru-to-kawa-no-oto';
const OFFICES = ['朝霞', '春日部', '草加', '鴻巣', '東松山', '坂戸', '狭山', '加須', '幸手', '熊谷', '本庄', '秩父', '南部', '青葉', '川辺', '若松', '緑野'];
// A person fills in a field in about 3 s, finds and presses something in about 5 s, and reads a new page for 6 s.
const SECONDS = { fields: 3, clicks: 5, pages: 6 };
const AT_MOST = { fields: 30, clicks: 45, pages: 45 };
const MINUTES = 10;

let folder;
let smsc;
let server;
let browser;
const database = () => `sqlite:${join(folder, 'todoke.db')}`;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'todoke-e2e-'));
  [smsc, browser] = await Promise.all([startSmsc(), openBrowser()]);
  server = await startTodoke(
    'serve', '--listen', '127.0.0.1:0', '--resident-listen', '127.0.0.1:0', '--database', database(),
    '--hold', '0', '--carrier', `smpp://todoke:secret@${smsc.address}`,
  );
});
after(async () => {
  await browser?.close();
  await server?.stop();
  await smsc?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** What an app shows for this secret so many half minutes from now (RFC 6238). */
function appCode(secret) {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...secret.replaceAll(' ', '')].map((c) => letters.indexOf(c).toString(2).padStart(5, '0')).join('');
  const step = Buffer.alloc(8);
  step.writeBigInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const hash = createHmac('sha1', Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)))).update(step).digest();
  return String((hash.readUInt32BE(hash[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

const counted = { fields: 0, clicks: 0, pages: 0 };

/** Somebody at a page, whose work is counted. */
function person(page) {
  page.on('framenavigated', (frame) => { if (frame === page.mainFrame()) counted.pages += 1; });
  const main = page.locator('main');
  return {
    page,
    /** Types into, or chooses in, the field with this label. */
    async fill(label, value) {
      counted.fields += 1;
      await main.getByLabel(label).first().fill(value);
    },
    async choose(label, value) {
      counted.fields += 1;
      await main.getByLabel(label).first().selectOption({ label: value });
    },
    async tick(label) {
      counted.clicks += 1;
      await main.getByLabel(label).first().check();
    },
    /** Presses a button or link and waits for the page with this heading. */
    async press(role, name, title, within = main) {
      counted.clicks += 1;
      await Promise.all([page.waitForEvent('domcontentloaded'), within.getByRole(role, { name }).first().click()]);
      await heading(page, title);
    },
    async open(summary, within = main) {
      counted.clicks += 1;
      await within.locator('summary', { hasText: summary }).click();
    },
    /** Back to the list of what is left to do, from the home page. */
    async back() {
      counted.clicks += 2;
      await page.locator('header').getByRole('link').first().click();
      await heading(page, '今日の配信');
      await main.getByRole('link', { name: 'はじめにすることを見る' }).click();
      await heading(page, 'はじめにすること');
    },
    /** Registers an app, as every account of a new organisation in production has to. */
    async addApp() {
      await this.press('link', '認証アプリ・トークンを登録する', '認証アプリ・トークンの登録');
      await this.fill('この端末の名前', 'PCのアプリ');
      await this.fill('表示された6桁のコード', appCode(await page.locator('.secret').innerText()));
      await this.press('button', '認証アプリを登録する', '2つ目の確認方法');
    },
  };
}

test('a new organisation gets from nothing to its first test message within ten minutes', async () => {
  const page = await openPage(browser, server.url);
  const admin = person(page);

  // The first start: the console says where and with which code.
  const code = server.lines.join('\n').match(/初期設定コード.*: ([A-Z0-9-]{14})/)[1];
  await page.goto('/');
  await page.goto('/setup');
  await checkPage(page, 'setup-first');
  await admin.fill('初期設定コード', code);
  await admin.fill('組織の名前', 'みほん県');
  await admin.fill('あなたの氏名', '見本 花子');
  await admin.fill('ログインID', 'hanako');
  await admin.fill(/^パスワード/, PASSWORD);
  await admin.fill(/（確認）/, PASSWORD);
  await admin.press('button', '登録してはじめる', '2つ目の確認方法', page.locator('main form .actions').last());
  await checkPage(page, 'setup-factors');
  await admin.addApp();
  await admin.back();
  await checkPage(page, 'setup-start');

  await admin.press('link', '部署を見る・加える', /部署/);
  await admin.open('部署をまとめて加える');
  counted.fields += 1;
  const sheet = `部署の名前,種類,契約の最終日\n${OFFICES.map((name) => `${name}保健所,保健所,\n`).join('')}`;
  await page.locator('form[action="/offices/many"] input[type=file]').setInputFiles(csv('offices.csv', sheet));
  await admin.press('button', 'まとめて加える', /部署/);
  assert.equal(await page.locator('tbody tr').count(), 1 + OFFICES.length);
  await checkPage(page, 'setup-offices');

  await admin.back();
  await admin.press('link', '送信元の番号を見る・登録する', '送信元の番号');
  await checkPage(page, 'setup-senders');
  await admin.fill(/^番号(?!の種類)/, '0481234567');
  await admin.press('button', '番号を加える', '送信元の番号');
  await page.getByText('送信元の番号を加えました').waitFor();

  await admin.back();
  await admin.press('link', '人を招待する', /招待/);
  await checkPage(page, 'setup-invite');
  await admin.fill('氏名', '見本 次郎');
  await admin.fill('ログインID', 'jiro');
  await admin.choose('部署', '本庁');
  await admin.tick(/管理者/);
  await admin.press('button', '1人を招待する', '招待のリンク');
  await checkPage(page, 'setup-link');
  const link = await page.getByLabel('見本 次郎さんのリンク').inputValue();

  // The other person, at another machine.
  const other = person(await openPage(browser, server.url));
  await other.page.goto(new URL(link).pathname);
  await other.tick(/上の注意を読み/);
  await other.fill(/^パスワード/, PASSWORD);
  await other.fill(/（確認）/, PASSWORD);
  await other.press('button', '招待を受ける', 'ログイン');
  await other.fill('ログインID', 'jiro');
  await other.fill(/^パスワード/, PASSWORD);
  await other.press('button', 'ログインする', '2つ目の確認方法');
  await other.addApp();
  await other.page.goto('/');
  await heading(other.page, '今日の配信');

  // The own number, which the other administrator confirms: nobody may their own.
  await admin.back();
  await admin.press('link', '自分の携帯電話を登録する', '自分の携帯電話');
  await admin.fill('自分の携帯電話の番号', '090-1234-5678');
  await admin.press('button', '番号を登録する', '自分の携帯電話');
  await page.getByText('確認待ち').waitFor();
  await checkPage(page, 'setup-number');
  await other.press('link', 'はじめにすることを見る', 'はじめにすること');
  await other.press('link', '自分の携帯電話を登録する', '自分の携帯電話');
  await other.press('link', '職員の携帯電話', '職員の携帯電話');
  await other.press('button', /確認する/, '職員の携帯電話');
  await other.page.getByText('確認済み').waitFor();
  await other.page.context().close();

  await admin.back();
  await admin.press('link', '文面を作る', '新しい文面を作る');
  await admin.fill('文面の名前', 'はじめのご連絡');
  await admin.fill('本文', 'みほん県です。健康観察のご連絡です。ご質問は048-123-4567へお電話ください。');
  await admin.press('button', '保存する', 'はじめのご連絡');
  await checkPage(page, 'setup-template');

  // An exercise first: whoever carries messages hears nothing of it.
  await admin.press('button', /自分の携帯電話.*に試しに送る/, /配信/);
  await page.getByText('訓練').first().waitFor();
  await heading(page, '配信の結果');
  await checkPage(page, 'setup-training');

  // Then the real thing: whoever runs the system reviews the purpose, as the pages say, and types one command.
  const menu = page.getByRole('navigation', { name: 'メイン' });
  await admin.open('管理', menu);
  await admin.press('link', '設定', '設定', menu);
  await checkPage(page, 'settings');
  await admin.press('link', '送信の上限', '送信の上限');
  await page.getByText('todoke admin review open で記録します').waitFor();
  await checkPage(page, 'setup-review');
  counted.fields += 2;
  await runTodoke(
    'admin', '--database', database(), 'review', 'open', '--purpose', 'first_touch', '--note', '開設のための確認',
  );
  await page.reload();
  await page.getByText('送信すると、実際の人に届きます').waitFor();
  await admin.open('送る', menu);
  await admin.press('link', '文面', '文面', menu);
  await admin.press('link', 'はじめのご連絡', 'はじめのご連絡');
  await admin.press('button', /自分の携帯電話.*に試しに送る/, /配信/);
  await heading(page, '配信の結果');
  await page.locator('.tiles [data-count="delivered"]', { hasText: /^1$/ }).waitFor();
  await checkPage(page, 'setup-sent');
  await page.context().close();

  const seen = await smsc.counters();
  assert.equal(seen.accepted, 1, 'the exercise stayed inside, the test went out once');
  const seconds = Object.entries(SECONDS).reduce((sum, [what, each]) => sum + each * counted[what], 0);
  console.log(`set-up: ${JSON.stringify(counted)}, about ${(seconds / 60).toFixed(1)} minutes`);
  for (const [what, most] of Object.entries(AT_MOST)) assert.ok(counted[what] <= most, `${counted[what]} ${what}`);
  assert.ok(seconds < MINUTES * 60, `${seconds} s`);
});
