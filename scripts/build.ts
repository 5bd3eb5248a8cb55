/**
 * Bundles what tsc compiled into build/: the action's entry points and the provisioners, each to one minified file.
 *
 *   node scripts/build.ts                                  everything, into dist/
 *   node scripts/build.ts --only provisioners --out build  what the tests need, into build/; kept while nothing changed
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs, promisify } from 'node:util';

const root = path.join(import.meta.dirname, '..');
const { values } = parseArgs({ options: { only: { type: 'string' }, out: { type: 'string', default: 'dist' } } });
const out = path.join(root, values.out);

const PROVISIONERS = ['mysql', 'mongodb', 'storage'];

/** Bundles a compiled file, given relative to build/src, and returns the code. */
async function bundle(entry: string): Promise<string> {
  const target = path.join(root, 'build', 'bundle', entry);
  await rm(target, { recursive: true, force: true });
  const cli = path.join(root, 'node_modules', '@vercel', 'ncc', 'dist', 'ncc', 'cli.js');
  const input = path.join(root, 'build', 'src', entry);
  await promisify(execFile)(process.execPath, [cli, 'build', input, '-o', target, '--minify', '--quiet', '--no-cache']);
  const unexpected = (await readdir(target)).filter((name) => !['index.js', 'package.json'].includes(name));
  if (unexpected.length > 0) throw new Error(`${entry} does not bundle into one file: ${unexpected.join(', ')}`);
  return await readFile(path.join(target, 'index.js'), 'utf8');
}

/** What the provisioner bundles are made from: their compiled sources and the versions of the libraries. */
async function provisionerFingerprint(): Promise<string> {
  const hash = createHash('sha256').update(await readFile(path.join(root, 'package-lock.json')));
  const directory = path.join(root, 'build', 'src', 'provisioners');
  for (const file of (await readdir(directory, { recursive: true })).filter((name) => name.endsWith('.js')).sort()) {
    hash.update(file).update(await readFile(path.join(directory, file)));
  }
  return hash.digest('hex');
}

async function bundleProvisioners(): Promise<void> {
  const target = path.join(out, 'provisioners');
  const stamp = path.join(target, 'made-from.sha256');
  const keep = values.only === 'provisioners';
  const fingerprint = await provisionerFingerprint();
  if (keep && (await readFile(stamp, 'utf8').catch(() => '')) === fingerprint) return;
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  await Promise.all(
    PROVISIONERS.map(async (name) => {
      await writeFile(path.join(target, `${name}.js`), await bundle(`provisioners/${name}.js`));
    }),
  );
  if (keep) await writeFile(stamp, fingerprint);
}

async function bundleEntry(name: string): Promise<void> {
  const target = path.join(out, name);
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  await writeFile(path.join(target, 'index.js'), await bundle(`${name}.js`));
  await writeFile(path.join(target, 'package.json'), '{\n  "type": "module"\n}\n');
}

if (values.only !== undefined && values.only !== 'provisioners')
  throw new Error(`--only ${values.only}: only provisioners`);
await bundleProvisioners();
if (values.only === undefined) await Promise.all(['main', 'post'].map(bundleEntry));
