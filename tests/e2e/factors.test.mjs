// Signing in with more than a password: an app, recovery codes, a passkey of Chromium's virtual authenticator; the
// person's own page, and the warning before a session ends.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { heading, openSession, press, signInHere, signOut } from './desk.mjs';
import { checkKeyboard, checkPage, openBrowser, openPage, startDemo } from './helpers.mjs';

let desk;
let browser;
before(async () => {
  [desk, browser] = await Promise.all([startDemo('--hold', '600'), openBrowser()]);
  // Browsers make passkeys for names only.
  desk.url = desk.url.replace('127.0.0.1', 'localhost');
});
after(async () => {
  await browser?.close();
  await desk?.stop();
});

async function look(page, name) {
  await checkPage(page, name);
  await checkKeyboard(page, name);
}

/** What an app shows for this secret so many half minutes from now (RFC 6238). */
function code(secret, later = 0) {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...secret.replaceAll(' ', '')].map((c) => letters.indexOf(c).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigInt64BE(BigInt(Math.floor(Date.now() / 30_000) + later));
  const hash = createHmac('sha1', key).update(step).digest();
  const number = hash.readUInt32BE(hash[19] & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, '0');
}

/** A device on this page's machine that checks who holds it and asks nobody. */
async function addDevice(page) {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
}

describe('more than a password', () => {
  test('an app, recovery codes, and the way back without either', async () => {
    const page = await openSession(browser, desk.url, 'aoba');
    await press(page, 'link', /マイページ/, page.locator('header'));
    await heading(page, 'マイページ');
    await look(page, 'me');
    await press(page, 'link', '確認方法を見る・変える');
    await look(page, 'factors-empty');
    await press(page, 'link', '認証アプリ・トークンを登録する');
    await look(page, 'totp');
    const secret = await page.locator('.secret').innerText();
    await page.getByText('ハードウェアトークンを登録する').click();
    await press(page, 'button', 'トークンを登録する');
    await look(page, 'totp-refused');
    const proposed = await page.locator('.secret').innerText();
    assert.notEqual(proposed, secret, 'a new page proposes a new secret');
    await page.getByLabel('この端末の名前').first().fill('PCのアプリ');
    await page.getByLabel('表示された6桁のコード').first().fill(code(proposed));
    await press(page, 'button', '認証アプリを登録する');
    await heading(page, '2つ目の確認方法');
    await look(page, 'factors');

    await press(page, 'link', '回復コードを作る');
    await look(page, 'codes-make');
    await press(page, 'button', '回復コードを10個作る');
    await look(page, 'codes');
    const codes = await page.locator('.codes li').allInnerTexts();
    assert.equal(codes.length, 10);
    await signOut(page);

    await signInHere(page, 'aoba');
    await heading(page, '2つ目の確認');
    await look(page, 'second-step');
    await page.getByLabel('確認コード').fill('000000');
    await press(page, 'button', 'コードで確認してログインする');
    await look(page, 'second-step-refused');
    await page.getByLabel('確認コード').fill(code(proposed, 1));
    await press(page, 'button', 'コードで確認してログインする');
    await heading(page, '今日の配信');
    await signOut(page);

    // A machine without JavaScript, and without the app.
    const plain = await openPage(browser, desk.url, { javaScriptEnabled: false });
    await plain.goto('/me');
    await signInHere(plain, 'aoba');
    await plain.getByLabel('確認コード').fill(codes[0].toLowerCase());
    await press(plain, 'button', 'コードで確認してログインする');
    await heading(plain, 'マイページ');
    assert.match(await plain.locator('main').innerText(), /残り9個/);
    await plain.goto('/step-up?next=/me/factors');
    await plain.getByLabel('確認コード').fill(codes[1]);
    await press(plain, 'button', '確認して元の画面に戻る');
    await heading(plain, '2つ目の確認方法');
    await press(plain, 'button', /^外す/);
    await heading(plain, '2つ目の確認方法');
    await plain.context().close();
    await page.context().close();
  });

  test('a passkey: registered, alone, as the second step, and before what matters', async () => {
    const page = await openSession(browser, desk.url, 'honcho');
    await addDevice(page);
    await page.goto('/me/factors');
    await page.getByLabel('このパスキーの名前').fill('机のPC');
    await page.getByRole('button', { name: 'この端末のパスキーを登録する' }).click();
    await page.getByText('登録しました').waitFor();
    await look(page, 'factors-passkey');
    await signOut(page);

    await page.getByRole('button', { name: 'パスキーでログインする' }).click();
    await heading(page, '今日の配信');
    await signOut(page);

    await signInHere(page, 'honcho');
    await heading(page, '2つ目の確認');
    await look(page, 'second-step-passkey');
    await page.getByRole('button', { name: 'パスキーで確認する' }).click();
    await heading(page, '今日の配信');

    await page.goto('/step-up?next=/me/password');
    await look(page, 'step-up');
    await page.getByRole('button', { name: 'パスキーで確認する' }).click();
    await heading(page, 'パスワードを変える');
    await look(page, 'password');

    // Another administrator would see this; one's own is left alone.
    await page.goto('/staff/2/factors');
    await look(page, 'staff-factors');
    await page.context().close();

    // A browser that has no such passkey says so in words.
    const other = await openPage(browser, desk.url);
    await addDevice(other);
    await other.goto('/sign-in');
    await other.getByRole('button', { name: 'パスキーでログインする' }).click();
    await other.getByText('パスキーを確認できませんでした').waitFor();
    await look(other, 'sign-in-no-passkey');
    await other.context().close();
  });

  test('the warning before a session ends keeps what was typed', async () => {
    const page = await openSession(browser, desk.url, 'aoba');
    await page.clock.install();
    await page.goto('/templates/new');
    const name = page.getByLabel('文面の名前');
    await name.fill('書きかけの文面');
    await page.clock.fastForward('27:30');
    assert.equal(await page.getByRole('alertdialog').count(), 0);
    await page.clock.fastForward('00:40');
    const dialog = page.getByRole('alertdialog', { name: 'まもなくログアウトします' });
    await dialog.waitFor();
    await checkPage(page, 'session-end');
    await dialog.getByRole('button', { name: '続ける' }).click();
    await dialog.waitFor({ state: 'hidden' });
    assert.equal(await name.inputValue(), '書きかけの文面');
    await page.context().close();
  });
});
