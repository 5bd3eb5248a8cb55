/**
 * `npm run screenshots`: pictures for docs/ of the job summaries of two runs in the sandbox, one that succeeds and one
 * that fails. A Chromium must be installed (Debian: `apt-get install chromium fonts-noto-color-emoji`); CHROMIUM names another one.
 */
import { execFile } from 'node:child_process';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { pageOf, WIDTH } from './page.ts';
import { makeSummaries } from './summaries.ts';

const root = path.join(import.meta.dirname, '..', '..', '..');
const packages = path.join(root, 'scripts', 'screenshots', 'node_modules');
const pages = path.join(root, 'build', 'screenshots');
const MOST_BYTES = 250_000;

/** Runs Chromium on a page, with time enough for its scripts, and gives back what it wrote. */
async function chromium(page: string, height: number, ...options: string[]): Promise<string> {
  const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--hide-scrollbars', '--allow-file-access-from-files'];
  const size = `--window-size=${WIDTH},${height}`;
  const args = [...flags, size, '--virtual-time-budget=20000', ...options, pathToFileURL(page).href];
  const { stdout } = await promisify(execFile)(process.env.CHROMIUM ?? 'chromium', args, { maxBuffer: 64 * 1024 ** 2 });
  return stdout;
}

/** Takes the picture at the height that the page reports. */
async function shoot(page: string, picture: string): Promise<void> {
  const [, title = ''] = /<title>(.*?)<\/title>/.exec(await chromium(page, 800, '--dump-dom')) ?? [];
  const height = Number(title);
  if (!Number.isInteger(height)) throw new Error(`${page}: ${title}`);
  await chromium(page, height, `--screenshot=${picture}`);
  const { size } = await stat(picture);
  if (size > MOST_BYTES)
    throw new Error(`${picture} has ${size} bytes; ${MOST_BYTES} are enough for a picture of text.`);
  process.stdout.write(`${path.relative(root, picture)}: ${WIDTH} x ${height}, ${size} bytes\n`);
}

await mkdir(pages, { recursive: true });
for (const [name, markdown] of await makeSummaries()) {
  const page = path.join(pages, `${name}.html`);
  await writeFile(path.join(pages, `${name}.md`), markdown);
  await writeFile(page, pageOf(markdown, packages));
  await shoot(page, path.join(root, 'docs', `${name}.png`));
}
