// Every component and every screen of the web crate's gallery, with made-up content and no database.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { checkKeyboard, checkPage, openBrowser, openPage, startGallery } from './helpers.mjs';

let gallery;
let browser;
before(async () => {
  gallery = await startGallery();
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await gallery?.stop();
});

test('every screen of the gallery stands the checks', { concurrency: 3 }, async (context) => {
  const index = await openPage(browser, gallery.url);
  await index.goto('/components');
  // The gallery's own index of its screens, so that a new one cannot be forgotten.
  const paths = await index.locator('main ul').first().locator('a').evaluateAll((links) => links.map((link) => link.getAttribute('href')));
  assert.ok(paths.length > 10, `only ${paths.length} screens: ${paths}`);
  await index.context().close();
  await Promise.all(paths.map((path) => context.test(path, async () => {
    const page = await openPage(browser, gallery.url);
    await page.goto(path);
    const name = `gallery${path.replaceAll('/', '-')}`;
    await checkPage(page, name);
    await checkKeyboard(page, name);
    await page.context().close();
  })));
});
