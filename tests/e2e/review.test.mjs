// A doctor's day at the desk: ten applications by keyboard alone, one taken back, one put aside and found again; keys
// that are switched off; two doctors at one application; the pictures by keys and by buttons; on a phone and without
// JavaScript. Each state that comes up stands the checks.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { openHome, press } from './desk.mjs';
import { checkKeyboard, checkPage, openBrowser, startDemo } from './helpers.mjs';

const DESK = '/review/self_test_registration';
const [HERS, HIS] = ['ishi1', 'ishi2'];
const PHONE = { viewport: { width: 375, height: 667 } };

let demo;
let browser;
before(async () => {
  [demo, browser] = await Promise.all([startDemo('--hold', '0', '--rate', '50', '--applications', '60'), openBrowser()]);
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

const doctor = (login, options) => openHome(browser, demo.url, login, options);

/** An application is open, and its keys act. */
const armed = (page) => page.locator('[data-review][data-armed]').waitFor();

/** From wherever the doctor stands to the next application. */
async function openNext(page) {
  await page.goto(DESK);
  await page.getByRole('button', { name: /^次の案件を開く/ }).click();
  await page.waitForURL(/\/review\/[^/]+\/\d+/);
}

/** Presses a key that leads to another page. */
async function key(page, name) {
  const before = page.url();
  await armed(page);
  await page.keyboard.press(name);
  await page.waitForURL((url) => url.href !== before);
}

/** Presses a button or follows a link without a pointer. */
async function enter(page, role, name) {
  const before = page.url();
  await page.locator('main').getByRole(role, { name }).first().focus();
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => url.href !== before);
}

/** The reference number of what stands open. */
async function reference(page) {
  return (await page.locator('h1').innerText()).replace(/^\S+\s/, '');
}

/** What the keys of this desk decide: { 1: '…', 2: '…' }. */
function keyed(page) {
  return page.locator('button[data-judges][data-key]').evaluateAll((all) =>
    Object.fromEntries(all.map((one) => [one.dataset.key, one.firstElementChild?.firstChild.textContent.trim()])));
}

/** One's own last decisions, newest first: [[reference, what]]. */
async function last(page) {
  await page.goto(DESK);
  return page.locator('tbody tr').evaluateAll((all) => all.map((row) => [...row.cells].slice(0, 2).map((cell) => cell.innerText.trim())));
}

/** The answer by which the server has kept a memo. */
function keeps(page, memo) {
  const kept = (answer) => /\/renew$/.test(answer.url()) && new URLSearchParams(answer.request().postData()).get('comment') === memo;
  return page.waitForResponse(kept);
}

describe('a doctor judges', { timeout: 300_000 }, () => {
  test('by keyboard alone: ten applications, one taken back, one put aside and found again', async () => {
    const page = await doctor(HERS);
    await page.getByRole('navigation', { name: 'メイン' }).getByRole('link', { name: 'ホーム', exact: true }).waitFor();
    await checkPage(page, 'home-doctor');
    const links = await page.locator('header a, nav a, main a').evaluateAll((all) => all.map((one) => one.getAttribute('href')));
    for (const href of new Set(links.filter((one) => one.startsWith('/')))) {
      assert.equal((await page.request.get(href)).status(), 200, `${href}: what a doctor may not see is not there`);
    }
    await enter(page, 'button', /^次の案件を開く/);
    const words = await keyed(page);
    assert.deepEqual(Object.keys(words).filter((one) => /\d/.test(one)), ['1', '2', '3', '4', '5', '6']);
    const decided = [];
    for (const pressed of ['1', '2', '3', '4', '5', '6', '1', '2']) {
      decided.push([await reference(page), words[pressed]]);
      await key(page, pressed);
    }
    await checkPage(page, 'review-after-some');

    // The last one is taken back in time and judged otherwise.
    const [taken] = decided.at(-1);
    await key(page, 'u');
    await page.getByText('判定を取り消しました').waitFor();
    assert.equal(await reference(page), taken);
    await checkPage(page, 'review-undone');
    await key(page, '1');
    decided.splice(-1, 1, [taken, words[1]]);

    // Digits in the memo are the memo's.
    const phoned = await reference(page);
    await armed(page);
    await page.keyboard.press('c');
    await page.keyboard.type('1回だけ、6時に');
    await page.keyboard.press('Escape');
    await key(page, 't');
    const held = await reference(page);
    await key(page, 'h');

    // Before them stand those of the demo's morning.
    const found = (await last(page)).slice(0, decided.length + 1);
    assert.deepEqual(found.filter(([one]) => one !== taken), decided.filter(([one]) => one !== taken).reverse());
    assert.deepEqual(found.filter(([one]) => one === taken).map(([, what]) => what), [words[1], words[2]]);
    for (const one of [phoned, held]) assert.ok(!found.some(([other]) => other === one), 'put aside, not judged');

    await enter(page, 'link', /^保留・電話中/);
    await checkPage(page, 'review-parked');
    const rows = page.locator('tbody tr');
    assert.match(await rows.filter({ hasText: phoned }).innerText(), /電話/);
    await enter(page, 'link', held);
    await page.locator('.chip', { hasText: '保留' }).first().waitFor();
    await enter(page, 'link', '判定の画面で開く');
    await checkPage(page, 'review-put-aside');
    await page.getByRole('button', { name: 'この申請を判定する' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('担当はあなたです').waitFor();
    await key(page, '1');
    assert.deepEqual((await last(page))[0], [held, words[1]]);
    await page.context().close();
  });

  test('with the keys switched off nothing is decided by a letter; outside of the frame never', async () => {
    const page = await doctor(HERS);
    const done = [];
    page.on('request', (asked) => {
      const what = new URL(asked.url()).pathname.split('/').at(-1);
      if (asked.method() === 'POST' && !['renew', 'leave', 'keys'].includes(what)) done.push(what);
    });
    const tryAll = async () => {
      for (const one of ['1', '2', '3', '4', '5', '6', 'h', 't', 'u', 'n']) await page.keyboard.press(one);
    };
    await openNext(page);
    const open = page.url();
    done.length = 0;
    await armed(page);
    await page.getByRole('link', { name: /の判定に戻る/ }).focus();
    await tryAll();
    await press(page, 'button', 'キー操作をオフにする');
    await page.getByText('キー操作: オフ').waitFor();
    await armed(page);
    assert.equal(await page.locator('kbd').count(), 0);
    await checkPage(page, 'review-keys-off');
    await page.locator('[data-review]').focus();
    await tryAll();
    await page.getByLabel(/^メモ/).fill('3本');
    await press(page, 'button', 'メモを残し、時間を延ばす');
    await page.getByText('メモを残し、担当の時間を延ばしました').waitFor();
    assert.deepEqual(done, [], 'nothing was judged');
    assert.equal(await page.getByLabel(/^メモ/).inputValue(), '3本');
    await page.goto('/me');
    await checkPage(page, 'me-keys');
    await press(page, 'button', 'キー操作をオンにする');
    await page.getByRole('button', { name: 'キー操作をオフにする' }).waitFor();
    await page.goto(open);
    await page.getByText('キー操作: オン').waitFor();
    await armed(page);
    await page.locator('[data-review]').focus();
    await key(page, '1');
    assert.deepEqual(done, ['act']);
    await page.context().close();
  });

  test('a memo typed while the page still says that it is open is kept', async () => {
    const page = await doctor(HERS);
    const signs = [];
    let go;
    const slow = new Promise((resolve) => { go = resolve; });
    // The first sign of life of the page is slow on its way.
    await page.route(/\/renew$/, async (route) => {
      signs.push(new URLSearchParams(route.request().postData()).get('comment'));
      if (signs.length === 1) await slow;
      await route.continue();
    });
    await openNext(page);
    const open = page.url();
    const kept = keeps(page, 'うすい');
    await page.getByLabel(/^メモ/).fill('うすい');
    await page.keyboard.press('Escape');
    go();
    await kept;
    assert.deepEqual(signs, [null, 'うすい'], 'nothing typed says nothing of the memo');
    await page.goto(open);
    assert.equal(await page.getByLabel(/^メモ/).inputValue(), 'うすい');
    await press(page, 'button', '判定せずに戻す');
    await page.getByText('判定せずに戻しました').waitFor();
    await page.context().close();
  });

  test('of two doctors one decides, and what the other typed stays', async () => {
    const [her, him] = [await doctor(HERS), await doctor(HIS)];
    await openNext(her);
    const open = new URL(her.url()).pathname;
    await her.getByLabel(/^メモ/).fill('線がうすい');
    const kept = keeps(her, '線がうすい');
    await her.keyboard.press('Escape');
    await kept;
    await him.goto(open);
    await him.getByText('判定 さくらさんが確認中です').waitFor();
    assert.equal(await him.locator('[data-judges]').count(), 0, 'there is nothing to decide with');
    await checkPage(him, 'review-held');

    // She gives it back in another window; he takes it up, and her first window knows nothing of it yet.
    const other = await her.context().newPage();
    await other.goto(open);
    await press(other, 'button', '判定せずに戻す');
    await other.getByText('判定せずに戻しました').waitFor();
    await him.goto(open);
    await him.getByText('判定 さくら: 線がうすい').waitFor();
    await checkPage(him, 'review-free');
    await press(him, 'button', 'この申請を判定する');
    await him.getByText('担当はあなたです').waitFor();

    await her.getByLabel(/^メモ/).fill('線がうすい。2本に見える');
    await her.keyboard.press('Escape');
    await her.getByText('あなたの担当ではなくなりました').waitFor();
    assert.equal(await her.getByLabel(/^メモ/).inputValue(), '線がうすい。2本に見える');
    assert.ok(!(await her.getByText('担当はあなたです').isVisible()));
    await checkPage(her, 'review-lost');
    await armed(her);
    await her.locator('[data-review]').focus();
    await her.keyboard.press('1');
    await her.getByRole('heading', { name: 'ほかの人が先に操作しました' }).waitFor();
    assert.match(await her.locator('main').innerText(), /診立 まことさんが確認中です[\s\S]*線がうすい。2本に見える/);
    await checkPage(her, 'review-conflict');

    await him.reload();
    await him.getByText('判定 さくら: 線がうすい。2本に見える').waitFor();
    const decided = await reference(him);
    const words = await keyed(him);
    await armed(him);
    await him.locator('[data-review]').focus();
    await key(him, '1');
    assert.deepEqual((await last(him))[0], [decided, words[1]]);
    assert.ok(!(await last(her)).some(([one]) => one === decided), 'it was not hers');
    await her.goto(open);
    await her.getByText(`診立 まことさんが「${words[1]}」と判定しています。`).waitFor();
    await checkPage(her, 'review-judged-by-him');
    for (const page of [her, him]) await page.context().close();
  });

  test('without JavaScript and on a phone the same buttons decide', async () => {
    for (const [login, options] of [[HIS, { javaScriptEnabled: false }], [HERS, PHONE], [HIS, { ...PHONE, javaScriptEnabled: false }]]) {
      const page = await doctor(login, options);
      await openNext(page);
      const open = page.url();
      const decided = await reference(page);
      const seen = page.locator('.viewer__image');
      const visible = options.javaScriptEnabled === false ? await seen.count() : 1;
      assert.equal(await seen.filter({ visible: true }).count(), visible, 'all pictures at once, or one by one');
      if (options.javaScriptEnabled !== false) await armed(page);
      const yes = page.locator('button.button--yes');
      const label = await yes.locator('span').first().innerText();
      await yes.click();
      await page.waitForURL((url) => url.href !== open);
      assert.deepEqual((await last(page))[0], [decided, label]);
      await page.context().close();
    }
  });
});

describe('the pictures', { timeout: 120_000 }, () => {
  /** What is seen of the picture that is shown. */
  const look = (page) => page.evaluate(() => {
    const shown = [...document.querySelectorAll('[data-picture]')];
    const at = shown.findIndex((one) => one.checkVisibility());
    const image = shown[at].querySelector('img');
    const { rotate, filter } = getComputedStyle(image);
    const sheet = image.parentElement.getBoundingClientRect().width;
    const stage = shown[at].querySelector('[data-stage]');
    return { at: at + 1, zoom: Math.round(100 * sheet / stage.clientWidth), rotate, filter, left: Math.round(stage.scrollLeft) };
  });

  const PLAIN = { at: 1, zoom: 100, rotate: '0deg', filter: 'brightness(1)', left: 0 };

  test('are loaded, turned, made larger and lighter by keys and by buttons, and chosen by their names', async () => {
    const page = await doctor(HERS);
    await openNext(page);
    await armed(page);
    const images = page.locator('.viewer__image');
    assert.ok((await images.count()) >= 2);
    for (const one of await images.all()) await one.evaluate((image) => image.decode());
    assert.deepEqual(await look(page), PLAIN);

    const said = page.locator('[data-view-said]');
    const steps = [
      [']', '次の写真', { at: 2 }, '写真2、大きさ100パーセント、回転0度、明るさ100パーセント'],
      ['[', '前の写真', { at: 1 }, '写真1、大きさ100パーセント、回転0度、明るさ100パーセント'],
      ['r', '右に回す', { rotate: '90deg' }, '写真1、大きさ100パーセント、回転90度、明るさ100パーセント'],
      ['Shift+R', '左に回す', { rotate: '0deg' }, '写真1、大きさ100パーセント、回転0度、明るさ100パーセント'],
      ['l', '明るく', { filter: 'brightness(1.2)' }, '写真1、大きさ100パーセント、回転0度、明るさ120パーセント'],
      ['d', '暗く', { filter: 'brightness(1)' }, '写真1、大きさ100パーセント、回転0度、明るさ100パーセント'],
    ];
    const tools = page.getByRole('group', { name: '写真の見かた' });
    for (const by of ['keys', 'buttons']) {
      let expected = PLAIN;
      for (const [pressed, button, change, words] of steps) {
        if (by === 'keys') await page.keyboard.press(pressed);
        else await tools.getByRole('button', { name: button }).click();
        expected = { ...expected, ...change };
        assert.deepEqual(await look(page), expected, `${by}: ${button}`);
        assert.equal(await said.innerText(), words);
      }
      const closer = () => (by === 'keys' ? page.keyboard.press('+') : tools.getByRole('button', { name: '拡大' }).click());
      const whole = () => (by === 'keys' ? page.keyboard.press('0') : tools.getByRole('button', { name: '全体' }).click());
      await closer();
      const near = await look(page);
      assert.equal(near.zoom, 150);
      await page.locator('[data-review]').focus();
      await page.keyboard.press('ArrowRight');
      assert.ok((await look(page)).left > near.left, 'a part that was out of sight comes into it');
      await whole();
      assert.deepEqual(await look(page), PLAIN);
      await page.locator('[data-review]').focus();
    }

    const strip = page.getByRole('group', { name: '写真を選ぶ' });
    await strip.getByRole('button').last().click();
    assert.equal((await look(page)).at, await images.count());
    assert.equal(await strip.locator('[aria-current="true"]').count(), 1);
    await checkPage(page, 'review-second-picture');
    await checkKeyboard(page, 'review-second-picture');
    await page.context().close();
  });
});
