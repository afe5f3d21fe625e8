// page.mjs - the page in a real browser: every report and every live view. TAP. usage: page.mjs CHROMIUM URL (page.py starts it)
//
// A page may say nothing on the console, be wider than a screen of 400 pixels, or break a rule of axe-core (WCAG 2 A and AA).
// With SHOTS=DIR pictures are kept there, for a person's eye.
import {readFileSync} from 'node:fs';
import {pathToFileURL} from 'node:url';
import {chromium} from 'playwright-core';

const [, , executablePath, url] = process.argv;
const axe = readFileSync('node_modules/axe-core/axe.min.js', 'utf8');
const browser = await chromium.launch({executablePath, args: ['--no-sandbox']});
const tests = [], test = (name, run) => tests.push([name, run]);
const reports = ['plan', 'estimate', 'sim', 'predict', 'work', 'train', 'sweep', 'compare', 'explain', 'validate', 'catalog', 'no'];

function demand(holds, what) {
  if (!holds) throw new Error(what);
}

/** A page that remembers what it said on the console. */
async function open(address, options = {}, run = async () => {}) {
  const page = await browser.newPage({viewport: {width: 1280, height: 900}, locale: 'en-US', ...options}), said = [];
  page.on('console', (m) => ['error', 'warning'].includes(m.type()) && said.push(m.text()));
  page.on('pageerror', (e) => said.push(e.message));
  page.on('request', (r) => { if (!r.url().startsWith(url) && !/^(file|data|blob):/.test(r.url())) said.push(`asks ${r.url()}`); });
  try {
    await page.goto(address);
    await page.waitForSelector('.answer, .wrong', {timeout: 60000});
    await run(page);
    const errors = said.filter((s) => !options.expected?.test(s));
    demand(!errors.length, `console: ${errors.join(' | ')}`);
  } finally {
    await page.close();
  }
}

const file = (name) => pathToFileURL(`${name}.html`).href;
const settle = (page) => page.waitForTimeout(250);

async function shot(page, name) {
  if (process.env.SHOTS) await page.screenshot({path: `${process.env.SHOTS}/${name}.png`, fullPage: true});
}

async function accessible(page) {
  await page.evaluate(axe);
  const {violations} = await page.evaluate(() => globalThis.axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice']}));
  demand(!violations.length, violations.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => `${n.target} ${n.html.slice(0, 120)}`).join(' ; ')}`).join(' || '));
}

async function narrow(page) {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  demand(over <= 0, `${over} pixels wider than the screen`);
}

for (const name of reports) {
  test(`report ${name}`, () => open(file(name), {}, async (page) => {
    await settle(page);
    demand((await page.title()).endsWith('- moat'), 'title');
    demand(await page.locator('h1').count() === 1 && (await page.locator('.answer').innerText()).length > 10, 'title and answer');
    demand(await page.locator('pre').last().innerText().then((t) => t.startsWith('moat ')), 'the command that made it');
    for (const svg of await page.locator('figure svg[role=img]').all()) demand((await svg.getAttribute('aria-label')).length > 5, 'a picture without words');
    if (!['catalog', 'no', 'estimate'].includes(name)) demand(await page.locator('figure svg[role=img]').count() > 0, 'no picture');
    await accessible(page);
    await shot(page, name);
  }));
  test(`report ${name}: 400 pixels, dark, Chinese`, () => open(file(name), {viewport: {width: 400, height: 800}, colorScheme: 'dark', locale: 'zh-CN'}, async (page) => {
    await settle(page);
    demand(/[\u4e00-\u9fff]/.test(await page.locator('.question, .foot').last().innerText()), 'not in Chinese');
    await narrow(page);
    await accessible(page);
    await shot(page, `${name}-400`);
  }));
}

test('a report keeps hostile text as text', () => open(file('plan'), {}, async (page) => {
  demand((await page.locator('h1').innerText()) === 'A small <plan> & its "page"', await page.locator('h1').innerText());
}));

test('a report on paper is dark on light', () => open(file('sim'), {colorScheme: 'dark'}, async (page) => {
  await page.emulateMedia({media: 'print'});
  demand(!(await page.locator('.bar').isVisible()), 'buttons on paper');
  demand(await page.locator('.answer').isVisible(), 'no answer on paper');
  demand(await page.evaluate(() => getComputedStyle(document.body).color) === 'rgb(0, 0, 0)', 'light ink');
  const ink = await page.evaluate(() => getComputedStyle(document.querySelector('figure svg text')).fill);
  demand(ink === 'rgb(0, 0, 0)', `a picture in ${ink}`);
  if (process.env.SHOTS) await page.pdf({path: `${process.env.SHOTS}/sim.pdf`, format: 'A4'});
}));

test('language and colours by keyboard, remembered', () => open(file('sim'), {}, async (page) => {
  await page.keyboard.press('Tab');
  demand(await page.evaluate(() => document.activeElement.className) === 'skip', 'the first stop skips to the answer');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  demand(/承诺/.test(await page.locator('.answer').innerText()), 'not in Chinese');
  demand(await page.evaluate(() => document.documentElement.lang) === 'zh-CN', 'lang');
  await page.selectOption('#theme', 'dark');
  demand(await page.evaluate(() => getComputedStyle(document.body).backgroundColor) === 'rgb(16, 20, 26)', 'not dark');
  await page.reload();
  demand(/承诺/.test(await page.locator('.answer').innerText()), 'not remembered');
}));

const small = `${url}#/plan?model=llama-3.1-8b&precision=fp8&accelerators=["h100","l40s","l4"]&traffic.preset=azure-2023-conv&traffic.rate=10%2Fs&traffic.limit=1500&slo.ttft.p99=2s&slo.tpot.p99=60ms`;
const verified = (page) => page.waitForSelector('text=verified by simulation', {timeout: 60000});

test('live: an estimate, then the verified answer with its closer look', () => open(small, {}, async (page) => {
  await verified(page);
  await page.waitForSelector('text=up close');
  await page.waitForSelector('text=Roofline of');
  await page.waitForSelector('text=Share of requests');
  await settle(page);
  await accessible(page);
  await shot(page, 'live');
}));

test('live: a slider asks again, and the link says so', () => open(small, {}, async (page) => {
  await verified(page);
  const slider = page.getByRole('slider').first(), before = await page.locator('.question').innerText();
  await slider.focus();
  for (let i = 0; i < 8; i++) await page.keyboard.press('ArrowRight');
  await page.waitForFunction((old) => document.querySelector('.question').innerText !== old, before);
  await verified(page);
  demand(!page.url().includes('traffic.rate=10%2Fs'), page.url());
  const answer = await page.locator('.answer').innerText();
  await open(page.url(), {}, async (again) => {
    await verified(again);
    demand(await again.locator('.answer').innerText() === answer, 'the link gives another answer');
  });
}));

test('live: an error is said, and mended', () => open(small, {expected: /status of 400/}, async (page) => {
  await verified(page);
  await page.fill('#f-model', 'lama-3.1-8b');
  await page.keyboard.press('Tab');
  await page.waitForSelector('[role=alert]');
  demand(/lama-3.1-8b/.test(await page.locator('[role=alert]').innerText()), await page.locator('[role=alert]').innerText());
  await accessible(page);
  await page.fill('#f-model', 'llama-3.1-8b');
  await page.keyboard.press('Tab');
  await verified(page);
  demand(await page.locator('[role=alert]').count() === 0, 'the error stays');
}));

test('live: another accelerator up close', () => open(small, {}, async (page) => {
  await verified(page);
  await page.getByRole('button', {name: 'l40s', exact: true}).click();
  await page.waitForSelector('text=l40s up close');
  await page.waitForSelector('text=Roofline of l40s');
}));

test('live: a chip that is dropped competes', () => open(small, {}, async (page) => {
  await verified(page);
  const chip = readFileSync('chip.yaml', 'utf8');
  await page.setInputFiles('input[type=file]', {name: 'my chip.yaml', mimeType: 'application/yaml', buffer: Buffer.from(chip)});
  await page.waitForSelector('td:has-text("mychip")', {timeout: 30000});
  await page.waitForSelector('text=my chip.yaml: an accelerator');
}));

test('live: a model, a trace, points and a result that are dropped', () => open(small, {}, async (page) => {
  await verified(page);
  const put = (name, text) => page.setInputFiles('input[type=file]', {name, mimeType: 'text/plain', buffer: Buffer.from(text)});
  await put('config.json', readFileSync('model.json', 'utf8'));
  await page.waitForFunction(() => document.querySelector('#f-model').value === './config.json');
  await verified(page);
  await put('trace.csv', 'TIMESTAMP,ContextTokens,GeneratedTokens\n' + Array.from({length: 50}, (_, i) => `2023-11-16 18:15:${String(10 + i)}.0,300,50\n`).join(''));
  await page.waitForFunction(() => document.querySelector('.question')?.innerText.includes('50 requests'));
  await put('points.csv', readFileSync('points.csv', 'utf8'));
  await page.waitForSelector('text=Predicted against measured');
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', {name: 'Result as JSON'}).click()]);
  const result = readFileSync(await download.path(), 'utf8');
  demand(JSON.parse(result).schema === 'moat.validate/1', 'the result');
}));

test('live: text that is pasted', () => open(small, {}, async (page) => {
  await verified(page);
  await page.evaluate(() => {
    const data = new DataTransfer();
    data.setData('text/plain', 'model: llama-3.1-8b\naccelerator: l40s\ntraffic: {preset: azure-2023-conv, rate: 2/s, limit: 200}\n');
    document.body.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true}));
  });
  await page.waitForSelector('text=Simulation: llama-3.1-8b on l40s');
}));

test('live: reports and scenarios come down', () => open(small, {}, async (page) => {
  await verified(page);
  const take = async (name) => { const [d] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', {name}).click()]); return readFileSync(await d.path(), 'utf8'); };
  demand((await take('Scenario as YAML')).includes('ttft: {p99: 2s}'), 'the scenario');
  const report = await take('Report as HTML');
  const page2 = await browser.newPage();
  await page2.setContent(report);
  await page2.waitForSelector('.answer');
  demand(await page2.locator('.answer').innerText() === await page.locator('.answer').innerText(), 'the report');
  await page2.close();
}));

for (const command of ['Simulate', 'Predict', 'Train', 'Sweep', 'Compare', 'Validate'])
  test(`live: ${command}`, () => open(small, {}, async (page) => {
    await page.getByRole('button', {name: command, exact: true}).click();
    if (command === 'Compare') await page.getByRole('button', {name: 'this one in bf16'}).isVisible();
    else if (command !== 'Validate') await page.waitForSelector({Simulate: 'text=Simulation:', Predict: 'text=Prediction:', Train: 'text=Training llama', Sweep: 'text=Every cell'}[command], {timeout: 60000});
    await settle(page);
    await accessible(page);
    await shot(page, `live-${command}`);
  }));

test('live: 400 pixels, dark', () => open(small, {viewport: {width: 400, height: 800}, colorScheme: 'dark'}, async (page) => {
  await verified(page);
  await page.waitForSelector('text=Roofline of');
  await settle(page);
  await narrow(page);
  await accessible(page);
  await shot(page, 'live-400');
}));

console.log(`1..${tests.length}`);
let bad = 0;
for (const [i, [name, run]] of tests.entries()) {
  const began = Date.now();
  try {
    await run();
    console.log(`ok ${i + 1} - ${name} # ${((Date.now() - began) / 1e3).toFixed(1)} s`);
  } catch (e) {
    bad++;
    console.log(`not ok ${i + 1} - ${name}\n# ${String(e.message).slice(0, 1500).replace(/\n/g, '\n# ')}`);
  }
}
await browser.close();
process.exit(bad ? 1 : 0);
