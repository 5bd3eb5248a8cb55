/**
 * Bundles what tsc compiled into build/: the action's entry points, the command line and the provisioners, each to one minified file.
 *
 *   node scripts/build.ts                     into dist/
 *   node scripts/build.ts --out build --keep  into build/, for the tests; a bundle is kept while nothing of it changed
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs, promisify } from 'node:util';

const root = path.join(import.meta.dirname, '..');
const compiled = path.join(root, 'build', 'src');
const { values } = parseArgs({
  options: { out: { type: 'string', default: 'dist' }, keep: { type: 'boolean', default: false } },
});

/** A directory of bundles. */
interface Target {
  readonly directory: string;
  /** Compiled files relative to build/src, each with the name of its bundle. */
  readonly bundles: Readonly<Record<string, string>>;
  /** Directories with the compiled files that they are made from, relative to build/src. */
  readonly sources: readonly string[];
}

const TARGETS: readonly Target[] = [
  { directory: 'main', bundles: { 'main.js': 'index.js' }, sources: ['.'] },
  { directory: 'post', bundles: { 'post.js': 'index.js' }, sources: ['.'] },
  { directory: 'cli', bundles: { 'cli.js': 'index.js' }, sources: ['.'] },
  {
    directory: 'provisioners',
    bundles: Object.fromEntries(['mysql.js', 'mongodb.js', 'storage.js'].map((file) => [`provisioners/${file}`, file])),
    sources: ['provisioners', 'core'],
  },
];

/** Bundles a compiled file and returns the code. */
async function bundle(entry: string): Promise<string> {
  const target = path.join(root, 'build', 'bundle', entry);
  await rm(target, { recursive: true, force: true });
  const cli = path.join(root, 'node_modules', '@vercel', 'ncc', 'dist', 'ncc', 'cli.js');
  const input = path.join(compiled, entry);
  await promisify(execFile)(process.execPath, [cli, 'build', input, '-o', target, '--minify', '--quiet', '--no-cache']);
  const unexpected = (await readdir(target)).filter((name) => !['index.js', 'package.json'].includes(name));
  if (unexpected.length > 0) throw new Error(`${entry} does not bundle into one file: ${unexpected.join(', ')}`);
  return await readFile(path.join(target, 'index.js'), 'utf8');
}

/** What bundles are made from: compiled sources and the versions of the libraries. */
async function fingerprintOf(sources: readonly string[]): Promise<string> {
  const hash = createHash('sha256').update(await readFile(path.join(root, 'package-lock.json')));
  for (const directory of sources.map((name) => path.join(compiled, name))) {
    for (const file of (await readdir(directory, { recursive: true })).filter((name) => name.endsWith('.js')).sort()) {
      hash.update(file).update(await readFile(path.join(directory, file)));
    }
  }
  return hash.digest('hex');
}

async function make({ directory, bundles, sources }: Target): Promise<void> {
  const target = path.join(root, values.out, directory);
  const stamp = path.join(target, 'made-from.sha256');
  const fingerprint = await fingerprintOf(sources);
  if (values.keep && (await readFile(stamp, 'utf8').catch(() => '')) === fingerprint) return;
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  await Promise.all(
    Object.entries(bundles).map(async ([entry, name]) => {
      await writeFile(path.join(target, name), await bundle(entry));
    }),
  );
  if (directory !== 'provisioners') {
    await writeFile(path.join(target, 'package.json'), '{\n  "type": "module"\n}\n');
  }
  if (values.keep) await writeFile(stamp, fingerprint);
}

await Promise.all(TARGETS.map(make));
