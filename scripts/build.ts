/**
 * Bundles what tsc compiled into build/: the action's entry points, the command line and the provisioners, each to one
 * minified file, and beside it one with the licences of the packages in it; the provisioners compressed as well, as the
 * cluster gets them.
 *
 *   node scripts/build.ts                     into dist/
 *   node scripts/build.ts --out build --keep  into build/, for the tests; a bundle is kept while its sources are the same, and
 *                                             copied from dist/ where that was made from the same: check-dist.sh compares
 *   node scripts/build.ts --out build --fast  likewise, for `npm test`: without the command line, which it does not run, and
 *                                             main and post not minified, which halves their time. The provisioners are
 *                                             minified always: a test checks that they fit into a ConfigMap
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, lstat, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';
import { copyForAction, copyLean } from './lean-packages.ts';

const root = path.join(import.meta.dirname, '..');
const compiled = path.join(root, 'build', 'src');
/** The provisioners with lean copies of their libraries. */
const lean = path.join(root, 'build', 'lean');
/** In each directory of bundles: what they were made from. */
const STAMP = 'made-from.sha256';
const { values } = parseArgs({
  options: {
    out: { type: 'string', default: 'dist' },
    keep: { type: 'boolean', default: false },
    fast: { type: 'boolean', default: false },
  },
});

// ncc numbers the modules of a bundle by their real paths, so that a link would make other bundles than a fresh clone does.
if (values.out === 'dist' && (await lstat(path.join(root, 'node_modules'))).isSymbolicLink()) {
  throw new Error(
    'node_modules is a symbolic link: run npm ci here, as its bundles would differ from those of a fresh clone.',
  );
}

/** A directory of bundles. */
interface Target {
  readonly directory: string;
  /** Compiled files relative to build/src, each with the name of its bundle. */
  readonly bundles: Readonly<Record<string, string>>;
  /** Directories of the compiled sources, relative to build/src. */
  readonly sources: readonly string[];
}

const TARGETS: readonly Target[] = [
  { directory: 'main', bundles: { 'main.js': 'index.js', 'action/github/octokit.js': 'octokit.js' }, sources: ['.'] },
  {
    directory: 'post',
    bundles: {
      'post.js': 'index.js',
      'action/post-step.js': 'action/post-step.js',
      'action/github/octokit.js': 'action/octokit.js',
    },
    sources: ['.'],
  },
  { directory: 'cli', bundles: { 'cli.js': 'index.js' }, sources: ['.'] },
  {
    directory: 'provisioners',
    bundles: Object.fromEntries(['mysql.js', 'mongodb.js', 'storage.js'].map((file) => [`provisioners/${file}`, file])),
    sources: ['provisioners', 'core'],
  },
];

interface Bundle {
  readonly code: string;
  /** Name, licence and its text of each package in the bundle, as ncc finds them in node_modules. */
  readonly licenses: string;
}

interface BundleOptions {
  readonly isMinified: boolean;
  /** Directory that only this bundle is written to, relative to build/bundle. */
  readonly scratch: string;
}

/** Bundles a compiled file of the directory. */
async function bundle(directory: string, entry: string, { isMinified, scratch }: BundleOptions): Promise<Bundle> {
  const target = path.join(root, 'build', 'bundle', scratch);
  await rm(target, { recursive: true, force: true });
  const cli = fileURLToPath(import.meta.resolve('@vercel/ncc/dist/ncc/cli.js'));
  const options = ['--quiet', '--no-cache', '--license', 'licenses.txt', ...(isMinified ? ['--minify'] : [])];
  await promisify(execFile)(process.execPath, [cli, 'build', path.join(directory, entry), '-o', target, ...options]);
  const unexpected = (await readdir(target)).filter(
    (name) => !['index.js', 'package.json', 'licenses.txt'].includes(name),
  );
  if (unexpected.length > 0) throw new Error(`${entry} does not bundle into one file: ${unexpected.join(', ')}`);
  const read = async (name: string) => await readFile(path.join(target, name), 'utf8');
  const code = await read('index.js');
  const [, missing] = /\beval\("require"\)\(([^)]*)\)/.exec(code) ?? [];
  // The provisioners' libraries look for some that are not installed.
  if (missing !== undefined && directory === compiled)
    throw new Error(`${entry} requires ${missing}, which the bundler did not find.`);
  return { code: inAscii(code), licenses: await read('licenses.txt') };
}

/**
 * Escapes what is beyond ASCII: V8 keeps a source with a single character of more than a byte in two bytes for each, and
 * takes longer to read it. It is only in texts, regular expressions and comments, where an escape means the same.
 */
function inAscii(code: string): string {
  if (/String\.raw`[^`]*[\u0080-\uffff]/.test(code)) throw new Error('String.raw with a character beyond ASCII.');
  return code.replaceAll(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** As the ConfigMap of the programs holds it. */
async function packed(program: string): Promise<Uint8Array> {
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
    [constants.BROTLI_PARAM_SIZE_HINT]: Buffer.byteLength(program),
  };
  return await promisify(brotliCompress)(program, { params });
}

/** A hash of the compiled sources, of the versions of the libraries and of how they are bundled. */
async function fingerprintOf(sources: readonly string[]): Promise<string> {
  const hash = createHash('sha256').update(await readFile(path.join(root, 'package-lock.json')));
  for (const script of ['build.ts', 'lean-packages.ts']) {
    hash.update(await readFile(path.join(import.meta.dirname, script)));
  }
  for (const directory of sources.map((name) => path.join(compiled, name))) {
    for (const file of (await readdir(directory, { recursive: true })).filter((name) => name.endsWith('.js')).sort()) {
      hash.update(file).update(await readFile(path.join(directory, file)));
    }
  }
  return hash.digest('hex');
}

async function build({ directory, bundles, sources }: Target): Promise<void> {
  const target = path.join(root, values.out, directory);
  const committed = path.join(root, 'dist', directory);
  const isMinified = !values.fast || directory === 'provisioners';
  const complete = await fingerprintOf(sources);
  const fingerprint = isMinified ? complete : `${complete} not minified`;
  const isKept = values.keep || values.fast;
  if (isKept && [complete, fingerprint].includes(await stampOf(target))) return;
  await rm(target, { recursive: true, force: true });
  if (isKept && complete === (await stampOf(committed))) return await cp(committed, target, { recursive: true });
  process.stderr.write(`Bundling ${directory} …\n`);
  await mkdir(target, { recursive: true });
  const isProgram = directory === 'provisioners';
  if (isProgram) await copyLean(root, lean);
  await Promise.all(
    Object.entries(bundles).map(async ([entry, name]) => {
      const { code, licenses } = await bundle(isProgram ? lean : compiled, entry, {
        isMinified,
        scratch: path.join(directory, entry),
      });
      await mkdir(path.dirname(path.join(target, name)), { recursive: true });
      await writeFile(path.join(target, name), code);
      await writeFile(
        path.join(target, name === 'index.js' ? 'licenses.txt' : name.replace('.js', '.licenses.txt')),
        licenses,
      );
      if (isProgram) await writeFile(path.join(target, `${name}.br`), await packed(code));
    }),
  );
  if (!isProgram) await writeFile(path.join(target, 'package.json'), '{\n  "type": "module"\n}\n');
  await writeFile(path.join(target, STAMP), fingerprint);
}

async function stampOf(directory: string): Promise<string> {
  return await readFile(path.join(directory, STAMP), 'utf8').catch(() => '');
}

await copyForAction(root);
await Promise.all(TARGETS.filter(({ directory }) => !values.fast || directory !== 'cli').map(build));
