// What every page must stand: valid HTML, axe without a finding, no sideways scrolling on a narrow phone, nothing in
// the console, nothing fetched from elsewhere.
//
// axe looks once at a page and its state with every rule. At other widths and in forced colours it looks at what
// can have changed: if the same elements are shown, only at what depends on where they stand; if they stand in the
// same places as well, at nothing. Pictures are left in target/screenshots of pages that are not in order, or of all
// with TEST_PICTURES=yes.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { HtmlValidate } from 'html-validate';

// What axe leaves to people and people have decided: [{ rule, selector, reason }].
const undecided = JSON.parse(readFileSync(new URL('./axe-undecided.json', import.meta.url)));
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const screenshots = `${process.env.CARGO_TARGET_DIR ?? fileURLToPath(new URL('../../target', import.meta.url))}/screenshots`;
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
// The rules that look at where things stand and in which colours.
const BY_PLACE = ['color-contrast', 'link-in-text-block', 'scrollable-region-focusable', 'target-size'];
const SETTINGS = [
  { name: 'desktop', width: 1280, height: 800, judgesUndecided: true },
  { name: 'phone', width: 375, height: 667 },
  { name: 'narrow', width: 320, height: 640 },
  {
    name: 'forced-colors',
    width: 1280,
    height: 800,
    media: { forcedColors: 'active', reducedMotion: 'reduce' },
    without: ['color-contrast'], // the colours are the visitor's own there
  },
];

const htmlValidate = new HtmlValidate({
  extends: ['html-validate:recommended'],
  rules: {
    // Matters of layout that a template engine decides, and lengths that are meant for Latin letters.
    'doctype-style': 'off',
    'no-trailing-whitespace': 'off',
    'void-style': 'off',
    'long-title': 'off',
    // A labelled box that scrolls a table sideways is a region and yet no section of the document.
    'prefer-native-element': ['error', { exclude: ['region'] }],
    // Boxes of one name are one question with several answers.
    'form-dup-name': ['error', { shared: ['radio', 'checkbox', 'button', 'reset', 'submit'] }],
    // A number that is copied keeps plain hyphens; a class keeps it in one line.
    'tel-non-breaking': ['error', { ignoreClasses: ['nowrap'] }],
    // axe looks for it in the live page, where one inside noscript does not count.
    'meta-refresh': 'off',
  },
});

/** The paths that this file's tests have judged. */
export const judged = new Set();

// page → what happened on it since the last check.
const watched = new WeakMap();

/** Records everything that a good page does not do, and the HTML of the last document as it was sent. */
export async function watch(page, url) {
  const seen = { problems: [], html: '' };
  watched.set(page, seen);
  // The browser itself resolves no other name (helpers.mjs). To intercept requests here would keep it from caching.
  const tell = (asked) => {
    const address = new URL(asked.url());
    if (/^(https?|wss?):$/.test(address.protocol) && address.host !== new URL(url).host) {
      seen.problems.push(`request to elsewhere: ${asked.url()}`);
    }
  };
  page.on('request', tell);
  page.on('websocket', tell);
  page.on('console', (message) => {
    // A form that is refused (422) or came too late (409) is an answer as well, whichever page shows it in the end.
    const isOwnStatus = message.text().startsWith('Failed to load resource')
      && (message.location().url === page.url() || /status of (409|422)/.test(message.text()));
    if (['error', 'warning'].includes(message.type()) && !isOwnStatus) seen.problems.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => seen.problems.push(`script error: ${error.message}`));
  page.on('response', async (response) => {
    const request = response.request();
    if (!request.isNavigationRequest() || request.frame() !== page.mainFrame()) return;
    if (response.status() >= 300 && response.status() < 400) return;
    seen.html = response.text().catch(() => '');
  });
}

/** Fails with all findings at once. `name` becomes the name of the pictures. */
export async function checkPage(page, name) {
  const problems = await problemsOf(page, name);
  assert.ok(problems.length === 0, `${name} (${page.url()}):\n  ${problems.join('\n  ')}`);
}

/** The findings of checkPage as sentences. */
export async function problemsOf(page, name) {
  const seen = watched.get(page);
  judged.add(new URL(page.url()).pathname);
  const problems = await htmlProblems(await seen.html);
  const size = page.viewportSize();
  const looks = [];
  for (const setting of SETTINGS) {
    await page.setViewportSize(setting);
    await page.emulateMedia(setting.media ?? { forcedColors: 'none', reducedMotion: 'no-preference' });
    const found = (await axeProblems(page, setting, looks)).map((problem) => `${setting.name}: ${problem}`);
    if (setting.width === 320) found.push(...(await sidewaysProblems(page)), ...(await squeezedProblems(page)));
    if (found.length > 0 || process.env.TEST_PICTURES) {
      await mkdir(screenshots, { recursive: true });
      await page.screenshot({ path: `${screenshots}/${name}-${setting.name}.png`, fullPage: true });
    }
    problems.push(...found);
  }
  await page.emulateMedia({ forcedColors: 'none', reducedMotion: 'no-preference' });
  await page.setViewportSize(size);
  problems.push(...seen.problems.splice(0));
  return [...new Set(problems)];
}

async function htmlProblems(html) {
  const report = await htmlValidate.validateString(html);
  return report.results.flatMap(({ messages }) =>
    messages.map(({ ruleId, message, line, column }) => `html ${line}:${column} ${ruleId}: ${message}`),
  );
}

// What axe finds in this setting that it cannot have found in an earlier one; `looks` holds what those showed.
async function axeProblems(page, { without = [], judgesUndecided = false }, looks) {
  const look = await page.evaluate(appearance);
  const alike = looks.filter((earlier) => earlier.shown === look.shown);
  looks.push(look);
  if (alike.some((earlier) => earlier.places === look.places)) return [];
  const run = alike.length > 0 ? { type: 'rule', values: BY_PLACE.filter((rule) => !without.includes(rule)) } : { type: 'tag', values: TAGS };
  const options = {
    runOnly: run,
    rules: Object.fromEntries(without.map((rule) => [rule, { enabled: false }])),
    resultTypes: ['violations', 'incomplete'],
    // Only rules about films and about turned screens would read the style sheets and sounds that it fetches.
    preload: false,
  };
  // A new document knows nothing of axe.
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axeSource);
  const result = await page.evaluate(runAxe, options);
  const known = ({ rule, target }) =>
    undecided.some((entry) => entry.rule === rule && target.includes(entry.selector));
  const tell = (kind, all) => all.map((one) => `${kind} ${one.rule}: ${one.help}: ${one.target} ${one.html} ${one.why}`);
  return [
    ...tell('axe', result.violations),
    // Mostly contrast over the shadows of a box that scrolls, hence only where everything fits.
    ...tell('axe could not decide', judgesUndecided ? result.incomplete.filter((one) => !known(one)) : []),
  ];
}

// Runs in the page: which elements are shown and how, and where they stand.
function appearance() {
  const [shown, places] = [[], []];
  for (const element of document.querySelectorAll('body, body *')) {
    const style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    shown.push(element.checkVisibility(), style.visibility, style.clipPath, style.opacity, element.attributes.length);
    places.push(Math.round(box.x), Math.round(box.y), Math.round(box.width), Math.round(box.height));
  }
  return { shown: `${document.title} ${document.body.textContent} ${shown}`, places: places.join() };
}

// Runs in the page.
async function runAxe(options) {
  const { violations, incomplete } = await window.axe.run(document, options);
  const flat = (rules) =>
    rules.flatMap((rule) =>
      rule.nodes.map((node) => ({
        rule: rule.id,
        help: rule.help,
        target: node.target.join(' '),
        html: node.html.slice(0, 120),
        why: [...node.any, ...node.all, ...node.none].map((check) => check.message).join(' '),
      })),
    );
  return { violations: flat(violations), incomplete: flat(incomplete) };
}

// WCAG 1.4.10: at 320 CSS pixels only a data table may scroll sideways, inside a box of its own.
function sidewaysProblems(page) {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    if (document.scrollingElement.scrollWidth <= width) return [];
    const insideScroller = (element) => {
      // An absolutely placed element is clipped by the box that it is placed in, not by those in between.
      const absolute = getComputedStyle(element).position === 'absolute';
      const first = absolute ? element.offsetParent : element.parentElement;
      for (let box = first; box && box !== document.body; box = box.parentElement) {
        if (['auto', 'scroll', 'hidden', 'clip'].includes(getComputedStyle(box).overflowX)) return true;
      }
      return false;
    };
    const wide = [...document.body.querySelectorAll('*')].filter(
      (element) => element.getBoundingClientRect().right > width + 0.5 && !insideScroller(element),
    );
    const names = wide.slice(-3).map((element) => element.outerHTML.slice(0, 100));
    return [`narrow: the page scrolls sideways: ${names.join(' | ')}`];
  });
}

/**
 * Goes through the page with the Tab key: every stop must be in view, uncovered and have a visible focus ring,
 * and the stops must come in the order of the document (WCAG 2.4.3, 2.4.7, 2.4.11).
 */
export async function checkKeyboard(page, name) {
  await page.evaluate(startAtTheTop);
  const problems = [];
  let previous = -1;
  for (let stop = 0; stop < 200; stop += 1) {
    await page.keyboard.press('Tab');
    const found = await page.evaluate(focusFinding);
    if (found === null || (found.position === 0 && stop > 0)) break; // once around
    if (found.position !== null) {
      if (found.position <= previous) problems.push(`out of order: ${found.html}`);
      previous = found.position;
    }
    problems.push(...found.problems.map((problem) => `${problem}: ${found.html}`));
  }
  if (previous < 0 && problems.length === 0) problems.push('nothing on the page can be reached with the Tab key');
  assert.ok(problems.length === 0, `${name}, by keyboard:\n  ${problems.join('\n  ')}`);
}

// Runs in the page: the next Tab goes to the first stop, wherever the focus was put when the page opened.
function startAtTheTop() {
  const start = document.createElement('span');
  start.tabIndex = -1;
  document.body.prepend(start);
  start.focus();
  start.remove();
}

// Runs in the page: the element in focus, its place among the stops, and what is wrong with it.
function focusFinding() {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const stops = [...document.querySelectorAll('a[href],button,input,select,textarea,summary,[tabindex]')].filter(
    (one) => !one.disabled && one.tabIndex >= 0 && one.checkVisibility() && one.type !== 'hidden',
  );
  const problems = [];
  const box = element.getBoundingClientRect();
  const style = getComputedStyle(element);
  const ringed = (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== 'none';
  if (!ringed) problems.push('no visible focus ring');
  const x = Math.min(Math.max(box.left + box.width / 2, 0), innerWidth - 1);
  const y = Math.min(Math.max(box.top + box.height / 2, 0), innerHeight - 1);
  const top = document.elementFromPoint(x, y);
  const covered = !(top && (element.contains(top) || top.contains(element) || element.labels?.[0]?.contains(top)));
  if (covered) problems.push('covered by something else');
  // A box that only its overflow makes a stop has no place among them.
  const position = stops.includes(element) ? stops.indexOf(element) : null;
  return { position, problems, html: element.outerHTML.slice(0, 100) };
}

// Japanese breaks after any letter, so a browser makes a column of single letters of a cell before a table scrolls.
function squeezedProblems(page) {
  return page.evaluate(() => {
    const letters = (cell) => {
      const style = getComputedStyle(cell);
      const inside = cell.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
      return inside / parseFloat(style.fontSize);
    };
    const squeezed = [...document.querySelectorAll('td, th')].filter(
      (cell) => getComputedStyle(cell).whiteSpace !== 'nowrap' && cell.innerText.trim().length > 8 && letters(cell) < 4,
    );
    return squeezed.slice(0, 3).map((cell) => `narrow: a cell is a column of letters: ${cell.outerHTML.slice(0, 120)}`);
  });
}
