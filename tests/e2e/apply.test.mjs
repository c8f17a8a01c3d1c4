// A resident applies on a phone, with JavaScript and without; a doctor judges by keyboard alone. Every page that comes up
// on the way is judged.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { heading, openDesk, openHome, press } from './desk.mjs';
import { checkKeyboard, checkPage, openBrowser, openPage, startDemo } from './helpers.mjs';
import { judgeTheRest } from './walk.mjs';

const DESK = 'self_test_registration';
const PHONE = { viewport: { width: 375, height: 667 } };
const FIRST_REVIEW = 'ishi1';
// The demo's refusals were all made by the other doctor.
const SECOND_LOOK = 'ishi1';

let demo;
let resident;
let browser;
before(async () => {
  [demo, browser] = await Promise.all([startDemo('--hold', '0', '--rate', '50', '--applications', '24'), openBrowser()]);
  while (!demo.lines.some((line) => line.includes(`/d/${DESK}`))) await new Promise(setImmediate);
  resident = demo.lines.find((line) => line.includes(`/d/${DESK}`)).match(/https?:\/\/[\d.:]+/)[0];
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

/** What is answered on each page, by its address after the link: fields by name, a choice by its value. */
const ANSWERS = {
  consent: { agree: true },
  'e/lives_here': { lives_here: 'yes' },
  'e/treated': { treated: 'no' },
  'e/route': { route: 'kit' },
  'e/approved': { approved: 'yes' },
  'e/symptoms': { symptoms: 'yes' },
  'e/diseases': { diseases: 'none' },
  'e/pregnant': { pregnant: 'no' },
  'q/emergency': { emergency: 'none' },
  name: { family: '手本', given: '花子', 'family-kana': 'てほん', 'given-kana': 'ハナコ' },
  birth: { 'birth-era': 'showa', 'birth-year': '60', 'birth-month': '4', 'birth-day': '3' },
  proxy: { by: 'own' },
  address: { postcode: '330-0063', area: '埼玉県さいたま市浦和区高砂', rest: '3-15-1' },
  'q/signs': { signs: 'fever' },
  'q/onset': { onset: 'yesterday' },
  'q/tested': { tested: 'today' },
  'q/body': { height: '170', weight: '60' },
  'q/vaccinated': { vaccinated: '2' },
  'q/notes': {},
};

async function fill(page, fields) {
  for (const [name, value] of Object.entries(fields)) {
    const field = page.locator(`form [name="${name}"]:not([type="hidden"])`);
    const kind = await field.first().evaluate((one) => (one.tagName === 'SELECT' ? 'select' : one.type));
    if (kind === 'checkbox' && value === true) await field.first().check();
    else if (kind === 'radio' || kind === 'checkbox') await page.locator(`form [name="${name}"][value="${value}"]`).check();
    else if (kind === 'select') await field.selectOption(value);
    else await field.fill(value);
  }
}

/** The last code that arrived on the simulated phone of this number. */
async function codeOf(number) {
  const staff = await openDesk(browser, demo.url, 'honcho');
  for (;;) {
    await staff.goto('/phones');
    const codes = [...(await staff.locator('main').innerText()).matchAll(/確認コード (\d{6})/g)];
    if (codes.length > 0) {
      await staff.close();
      return codes.map(([, code]) => code);
    }
  }
}

async function picture() {
  const page = await openPage(browser, demo.url);
  const bytes = await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(1400, 1000);
    const pen = canvas.getContext('2d');
    pen.fillStyle = 'rgb(220 220 220)';
    pen.fillRect(0, 0, 1400, 1000);
    pen.fillStyle = 'rgb(110 20 20)';
    for (let x = 0; x < 1400; x += 24) pen.fillRect(x, 0, 9, 1000);
    const blob = await canvas.convertToBlob({ type: 'image/jpeg' });
    return [...new Uint8Array(await blob.arrayBuffer())];
  });
  await page.context().close();
  return { name: 'IMG_0001.jpg', mimeType: 'image/jpeg', buffer: Buffer.from(bytes) };
}

/** Goes from the desk's first page to the receipt; `seen` looks at every page on the way. */
async function apply(page, number, seen) {
  const photo = await picture();
  await page.goto(`/d/${DESK}`);
  await seen(page, 'desk-top');
  await page.goto(`/d/${DESK}/consent`);
  await seen(page, 'desk-consent');
  await fill(page, ANSWERS.consent);
  await page.getByRole('button', { name: /同意/ }).first().click();
  await page.waitForURL(/\/a\//);
  const link = new URL(page.url()).pathname.match(/^\/a\/[^/]+/)[0];
  for (let pages = 0; pages < 40; pages += 1) {
    await page.goto(`${link}/next`);
    const at = new URL(page.url()).pathname.slice(link.length + 1);
    await seen(page, `apply-${at.replaceAll('/', '-')}`);
    if (at === 'check') {
      await page.locator('main form button[name="go"], main form .button--large').first().click();
      await page.waitForURL(/\/done$/);
      await seen(page, 'apply-done');
      return link;
    }
    if (at.startsWith('photos')) {
      await page.locator('#photo').setInputFiles(photo);
      await page.getByRole('button', { name: 'この写真を送る' }).click();
      const sent = page.getByRole('heading', { name: '送った写真（1枚）' });
      // With JavaScript something can be covered first.
      const skip = page.locator('[data-mask-skip]');
      await sent.or(skip.filter({ visible: true })).first().waitFor();
      if (await skip.isVisible()) await skip.click();
      await sent.waitFor();
      continue;
    }
    if (at === 'phone') {
      await fill(page, { phone: number });
      await page.locator('button[name="go"]').click();
      await page.waitForURL(/\/code/);
      await seen(page, 'apply-code');
      for (const code of (await codeOf(number)).reverse()) {
        await fill(page, { code });
        await page.locator('button[name="go"]').click();
        await page.waitForLoadState();
        if (!page.url().includes('/code')) break;
      }
      continue;
    }
    if (at === 'kit') {
      const kits = page.locator('input[type="radio"][name="kit"]');
      await kits.first().check();
    } else {
      assert.ok(ANSWERS[at], `what is answered at ${at}?`);
      await fill(page, ANSWERS[at]);
    }
    await page.locator('button[name="go"]').click();
    await page.waitForLoadState();
  }
  assert.fail('the check never came up');
}

describe('applying on a phone', { timeout: 400_000 }, () => {
  test('each page on the way stands the checks', async () => {
    const page = await openPage(browser, resident, PHONE);
    const link = await apply(page, '09012340001', async (one, name) => {
      await checkPage(one, name);
      await checkKeyboard(one, name);
    });
    assert.match(await page.locator('main').innerText(), /受付番号/);
    await press(page, 'link', '申請を取り下げる');
    await checkPage(page, 'apply-withdraw');
    await checkKeyboard(page, 'apply-withdraw');
    await press(page, 'button', 'この申請を取り下げる');
    await heading(page, 'この申請は取り下げられました');
    await checkPage(page, 'apply-withdrawn');
    await page.goto(`${link}/withdraw`);
    await heading(page, 'この申請は取り下げられました');
    await page.goto(`/d/${DESK}/status`);
    await checkPage(page, 'desk-status');
    await page.goto('/accessibility');
    await checkPage(page, 'accessibility');
    await page.goto(`/d/${DESK}/nowhere`);
    await checkPage(page, 'resident-missing');
    await page.context().close();
  });

  // A link that is nobody's looks like any other before its birth date fits.
  test('a link out of an SMS asks for the birth date, and says when it does not fit', async () => {
    const page = await openPage(browser, resident, PHONE);
    await page.goto('/i/111111111111');
    await checkPage(page, 'invited');
    await checkKeyboard(page, 'invited');
    await fill(page, { 'birth-era': 'showa', 'birth-year': '60', 'birth-month': '4', 'birth-day': '3' });
    await page.locator('main form button').first().click();
    await page.locator('[aria-invalid="true"], .field__error').first().waitFor();
    await checkPage(page, 'invited-wrong');
    await page.context().close();
  });

  test('without JavaScript the same way leads to the receipt', async () => {
    const page = await openPage(browser, resident, { ...PHONE, javaScriptEnabled: false });
    await apply(page, '09012340002', async () => {});
    assert.match(await page.locator('main').innerText(), /受付番号/);
    await page.context().close();
  });
});

describe('judging', { timeout: 300_000 }, () => {
  test('a doctor decides by keyboard, takes back, and finds what was decided', async () => {
    const page = await openHome(browser, demo.url, FIRST_REVIEW);
    await page.goto('/review');
    await checkPage(page, 'review-today');
    await page.getByRole('button', { name: /次の案件を開く/ }).first().click();
    await page.waitForURL(/\/review\/[^/]+\/\d+/);
    await checkPage(page, 'review-show');
    await checkKeyboard(page, 'review-show');
    const first = page.url();
    await page.locator('[data-review][data-armed]').focus();
    await page.keyboard.press('1');
    await page.waitForURL((url) => url.href !== first);
    await page.getByRole('button', { name: /^取消/ }).first().waitFor();
    await checkPage(page, 'review-decided');
    const review = new URL(page.url()).pathname.split('/').slice(0, 3).join('/');
    await page.goto(review);
    await checkPage(page, 'review-desk');
    await page.setViewportSize({ width: 375, height: 667 });
    await page.goto(first);
    await checkPage(page, 'review-phone');
    await page.context().close();
  });

  test('a clerk looks through what came; the rest of the pages', async () => {
    const page = await openHome(browser, demo.url, 'uketsuke');
    await page.goto('/applications');
    await heading(page, '申請');
    await checkPage(page, 'applications');
    await page.getByRole('link', { name: /確定診断登録/ }).first().click();
    await page.waitForURL(/\/applications\/desks\//);
    await checkPage(page, 'applications-desk');
    const links = await page.locator('main a').evaluateAll((all) => all.map((one) => one.getAttribute('href')));
    const id = links.map((href) => href.match(/^\/applications\/(\d+)/)?.[1]).find(Boolean);
    await judgeTheRest(page, { applications: { id, desk: DESK, photo: 1 } });
    const doctor = await openHome(browser, demo.url, SECOND_LOOK);
    await doctor.goto(`/review/${DESK}/looks`);
    const looks = await doctor.locator('main').innerHTML();
    const look = looks.match(/looks\/(\d+)/)?.[1];
    assert.ok(look, 'a refusal is looked at by a second doctor');
    await doctor.goto(`/review/${DESK}/looks/${look}`);
    await checkPage(doctor, 'review-look');
    await judgeTheRest(doctor, { review: { id, desk: DESK } });
    await doctor.context().close();
    await page.context().close();
  });
});
