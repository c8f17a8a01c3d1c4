// No page is forgotten: every page that the table of routes names under some words must have been judged in the file
// that asks, or is judged here.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { checkPage, judged } from './check-page.mjs';

const source = readFileSync(new URL('../../crates/server/src/routes.rs', import.meta.url), 'utf8');
// What only a script posts shows nothing.
const table = source.replaceAll(/method: "POST",\s*\.\.Route::page\("[^"]+"/g, '');
// Route::page("/…", Route::look( "/…", ("GET", "/…"): what a browser asks for.
const asked = /(?:Route::(?:page|look)\(|Route::open\("GET",|\("GET",)\s*"([^"]+)"/g;

/** The pages of the table whose paths begin with one of these words. */
export function pagesUnder(...words) {
  // A picture or a paper is a file, and is not served as a page.
  const all = [...table.matchAll(asked)].map(([, path]) => path).filter((path) => !/\{photo\}\/(image|preview)$|\{id\}\/certificate$/.test(path));
  const found = all.filter((path) => words.some((word) => path === word || path.startsWith(`${word}/`)));
  assert.ok(found.length > 0, `no page under ${words}`);
  return [...new Set(found)];
}

/** Those of them that no test of this file has judged. */
export function notJudged(...words) {
  const shape = (path) => new RegExp(`^${path.replaceAll(/\{\w+\}/g, '(?!new$)[^/]+')}$`);
  return pagesUnder(...words).filter((path) => ![...judged].some((one) => shape(path).test(one)));
}

/**
 * Judges what was not judged yet. `numbers` says for each first word what stands in the place of `{id}` and the like:
 * { cases: { id: 3 } }. A page that is new in the table is looked at without a word here.
 */
export async function judgeTheRest(page, numbers) {
  for (const path of notJudged(...Object.keys(numbers).map((word) => `/${word}`))) {
    const known = numbers[path.split('/')[1]];
    const at = path.replaceAll(/\{(\w+)\}/g, (_, name) => known[name] ?? assert.fail(`${path}: which ${name}?`));
    const answer = await page.goto(at);
    // 409: it does not stand as the page needs it, a closed record say; what is said then is judged.
    assert.ok([200, 409].includes(answer.status()), `${at}: ${answer.status()}`);
    await checkPage(page, `rest${path.replaceAll(/\W+/g, '-')}`);
  }
}
