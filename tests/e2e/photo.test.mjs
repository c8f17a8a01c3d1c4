// Photos at a phone: made smaller and covered on the device, sent part by part and gone on with after a break, refused
// in words; and the same without JavaScript.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { checkKeyboard, checkPage, openBrowser, openPage, startPhotos } from './helpers.mjs';

let house;
let browser;
let start;
before(async () => {
  house = await startPhotos();
  browser = await openBrowser();
  start = house.lines[0].split(' ')[1];
});
after(async () => {
  await browser?.close();
  await house?.stop();
});

/** A picture of so many pixels with a fine grid, as a phone's camera would name it. */
async function picture(page, width, height, light = 220) {
  const bytes = await page.evaluate(async ([width, height, light]) => {
    const canvas = new OffscreenCanvas(width, height);
    const pen = canvas.getContext('2d');
    pen.fillStyle = `rgb(${light} ${light} ${light})`;
    pen.fillRect(0, 0, width, height);
    pen.fillStyle = `rgb(${light / 2} 20 20)`;
    for (let x = 0; x < width; x += 24) pen.fillRect(x, 0, 9, height);
    for (let y = 0; y < height; y += 31) pen.fillRect(0, y, width, 7);
    const blob = await canvas.convertToBlob({ type: 'image/png' });
    return [...new Uint8Array(await blob.arrayBuffer())];
  }, [width, height, light]);
  return { name: 'IMG_0001.png', mimeType: 'image/png', buffer: Buffer.from(bytes) };
}

const send = (page) => page.getByRole('button', { name: 'この写真を送る' }).click();
const status = (page) => page.locator('[data-said]');
const count = (page, n) => page.getByRole('heading', { name: `送った写真（${n}枚）` }).waitFor();

test('a photo is made smaller, goes on after a break, is looked at and taken again', async () => {
  let page = await openPage(browser, house.url);
  await page.goto(start);
  await page.getByRole('heading', { name: '写真：検査の結果' }).waitFor();
  await checkPage(page, 'photo-none');
  await checkKeyboard(page, 'photo-none');

  let sent = 0;
  let broken = 0;
  await page.route('**/parts/*', (route) => {
    broken += 1;
    if (broken === 1) return route.abort('internetdisconnected');
    sent += route.request().postDataBuffer().length;
    return route.continue();
  });
  await page.locator('#photo').setInputFiles(await picture(page, 4000, 3000));
  await send(page);
  await status(page).getByText('つながるのを待っています。').waitFor();
  await page.context().setOffline(true);
  await page.context().setOffline(false);
  await count(page, 1);
  assert.ok(broken >= 2);
  assert.ok(sent > 0 && sent < 3_000_000, `${sent} bytes`);
  const size = await page.locator('.photo img').first().evaluate((img) => img.decode().then(() => img.naturalWidth));
  assert.equal(size, 240);
  // The line that was cut stands in this page's console.
  await page.context().close();
  page = await openPage(browser, house.url);
  await page.goto(start.replace(/photos$/, 'photos/test'));

  await page.locator('#photo').setInputFiles(await picture(page, 500, 400, 40));
  await send(page);
  await count(page, 2);
  await page.getByText('暗いようです。').waitFor();
  await page.getByRole('link', { name: 'このまま使う' }).waitFor();
  await checkPage(page, 'photo-hints');
  await page.getByRole('link', { name: '2枚目を撮り直す' }).click();
  await page.getByText('2枚目を撮り直す', { exact: true }).first().waitFor();
  await checkPage(page, 'photo-again');
  await page.locator('#photo').setInputFiles(await picture(page, 1400, 1000));
  await send(page);
  await page.getByText('送れる枚数になりました。').waitFor();
  await count(page, 2);
  assert.equal(await page.getByText('暗いようです。').count(), 0);
  await page.getByRole('button', { name: '1枚目を削除する' }).click();
  await count(page, 1);
  await page.context().close();
});

test('HEIC and what is no photo are refused in words before anything is sent', async () => {
  const page = await openPage(browser, house.url);
  await page.goto(start.replace(/photos$/, 'photos/package'));
  const asked = [];
  page.on('request', (request) => request.method() === 'POST' && asked.push(request.url()));
  const heic = Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1');
  await page.locator('#photo').setInputFiles({ name: 'IMG_0002.HEIC', mimeType: 'image/heic', buffer: heic });
  await send(page);
  await status(page).getByText('HEICという形式の写真は読み取れません。').waitFor();
  await checkPage(page, 'photo-heic');
  const svg = { name: 'kit.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('<svg onload="alert(1)"/>') };
  await page.locator('#photo').setInputFiles(svg);
  await send(page);
  await status(page).getByText('写真ではないようです。').waitFor();
  assert.deepEqual(asked, []);
  // The server says the same of what only looks like a picture here.
  const cut = { name: 'cut.jpg', mimeType: 'image/jpeg', buffer: Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 1]) };
  await page.locator('#photo').setInputFiles(cut);
  await send(page);
  await status(page).getByText('写真を読み取れませんでした。').waitFor();
  await page.context().close();
});

test('a number is covered on the device, by keyboard alone', async () => {
  const page = await openPage(browser, house.url);
  await page.goto(start.replace(/photos$/, 'photos/identity'));
  await page.locator('#photo').setInputFiles(await picture(page, 1600, 1200));
  await send(page);
  const tool = page.getByRole('group', { name: '番号を隠す' });
  await tool.waitFor();
  await checkPage(page, 'photo-mask');
  for (const [label, to] of [['左からの位置', '0'], ['上からの位置', '0'], ['幅', '50'], ['高さ', '50']]) {
    await page.getByLabel(label).fill(to);
  }
  await page.getByRole('button', { name: '黒い所を隠して送る' }).press('Enter');
  await count(page, 1);
  await page.getByText('番号などを隠しました。').waitFor();
  const light = await page.locator('.photo img').first().evaluate(async (img) => {
    await img.decode();
    const canvas = new OffscreenCanvas(img.naturalWidth, img.naturalHeight);
    const pen = canvas.getContext('2d');
    pen.drawImage(img, 0, 0);
    const at = (x, y) => pen.getImageData(x * img.naturalWidth, y * img.naturalHeight, 12, 12).data;
    const mean = (data) => data.filter((_, n) => n % 4 < 3).reduce((sum, one) => sum + one, 0) / (data.length * 0.75);
    // Twelve of 180 rows from 0.4 on end within the half that is covered.
    return [mean(at(0.1, 0.1)), mean(at(0.4, 0.4)), mean(at(0.8, 0.8))];
  });
  assert.ok(light[0] < 12 && light[1] < 12 && light[2] > 60, `${light}`);
  await page.context().close();
});

test('without JavaScript the same pictures are sent and refused', async () => {
  const made = await openPage(browser, house.url);
  await made.goto(start);
  const good = await picture(made, 1200, 900);
  await made.context().close();
  const page = await openPage(browser, house.url, { javaScriptEnabled: false });
  await page.goto(start.replace(/photos$/, 'photos/package'));
  const heic = Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1');
  await page.locator('#photo').setInputFiles({ name: 'IMG_0002.HEIC', mimeType: 'image/heic', buffer: heic });
  await send(page);
  assert.match(await page.title(), /^エラー: /);
  await page.locator('#photo-error').getByText('HEICという形式の写真は読み取れません。').waitFor();
  await page.locator('#photo').setInputFiles(good);
  await send(page);
  await count(page, 1);
  await page.context().close();
});
