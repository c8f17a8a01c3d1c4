// The judge judged: checkPage must pass a good page and find what is wrong with bad ones.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { checkKeyboard, checkPage, openBrowser, openPage, problemsOf } from './helpers.mjs';

const GOOD = `<!DOCTYPE html>
<html lang="ja">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>今日の配信</title>
    <link rel="stylesheet" href="/style.css">
    <link rel="icon" href="data:,">
  </head>
  <body>
    <main>
      <h1>今日の配信</h1>
      <p>まだ配信はありません。</p>
      <p><a href="/upload">一覧を取り込む</a></p>
      <button type="submit">取り込む</button>
    </main>
  </body>
</html>`;

const STYLE = `a, button { display: inline-block; min-height: 44px; color: #0017c1; background: #fff; }
:focus-visible { outline: 4px solid #000; outline-offset: 2px; }`;

const pages = {
  '/good': GOOD,
  '/style.css': STYLE,
  '/unlabelled': GOOD.replace('<h1>', '<input type="text"><h1>'),
  '/invalid': GOOD.replace('まだ', '<div>まだ</div>'),
  '/pale': GOOD.replace('</head>', '<style>p { color: #bbb }</style></head>'),
  '/wide': GOOD.replace('</main>', '<div class="wide">幅</div></main>').replace(
    '</head>',
    '<style>.wide { width: 900px }</style></head>',
  ),
  '/foreign': GOOD.replace('</main>', '<img src="http://elsewhere.invalid/pixel.png" alt="絵"></main>'),
  '/inline': GOOD.replace('</main>', '<script>document.title = "x"</script></main>'),
  '/ringless': GOOD.replace('</head>', '<style>a:focus-visible { outline: none }</style></head>'),
  '/stopless': GOOD.replace('<a href', '<a data-href').replace('<button type="submit">', '<button disabled>'),
  '/disordered': GOOD.replace('type="submit"', 'type="submit" tabindex="1"'),
};

let server;
let url;
let browser;
before(async () => {
  server = createServer((request, response) => {
    const body = pages[request.url];
    const headers = { 'content-type': request.url.endsWith('.css') ? 'text/css' : 'text/html; charset=utf-8' };
    if (request.url === '/inline') headers['content-security-policy'] = "script-src 'self'";
    response.writeHead(body ? 200 : 404, headers).end(body);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${server.address().port}`;
  browser = await openBrowser();
});
after(async () => {
  await browser.close();
  server.close();
});

async function open(path) {
  const page = await openPage(browser, url);
  await page.goto(path);
  return page;
}

test('a good page passes', async () => {
  const page = await open('/good');
  await checkPage(page, 'harness-good');
  await checkKeyboard(page, 'harness-good');
  await page.context().close();
});

const faults = {
  '/unlabelled': /axe label/,
  '/invalid': /html .* no-implicit-close/,
  '/pale': /desktop: axe color-contrast/,
  '/wide': /scrolls sideways: .*wide/,
  '/foreign': /request to elsewhere: http:\/\/elsewhere\.invalid/,
  '/disordered': /axe tabindex/,
  '/inline': /console: .*Content Security Policy/,
};

for (const [path, expected] of Object.entries(faults)) {
  test(`${path} is found out`, async () => {
    const page = await open(path);
    const problems = await problemsOf(page, `harness-${path.slice(1)}`);
    assert.match(problems.join('\n'), expected);
    await page.context().close();
  });
}

test('a page that hides its focus or has no stop at all is found out by keyboard', async () => {
  const ringless = await open('/ringless');
  await assert.rejects(checkKeyboard(ringless, 'ringless'), /no visible focus ring/);
  const stopless = await open('/stopless');
  await assert.rejects(checkKeyboard(stopless, 'stopless'), /nothing on the page can be reached/);
});
