import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..', '..');

/** Which folders of src each may import. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  action: ['inputs', 'operations', 'cluster', 'repository', 'instance', 'core'],
  'command-line': ['inputs', 'operations', 'cluster', 'repository', 'instance', 'core'],
  inputs: ['operations', 'cluster', 'repository', 'instance', 'core'],
  operations: ['cluster', 'repository', 'instance', 'core'],
  cluster: ['instance', 'core'],
  repository: ['instance', 'core'],
  instance: ['core'],
  provisioners: ['core'],
  core: [],
};

/** Which of these packages each may import; all others may import none. */
const ALLOWED_PACKAGES: Readonly<Record<string, readonly string[]>> = {
  action: ['@actions/core', '@actions/github', '@actions/exec', '@octokit/core'],
  repository: ['@actions/exec'],
};
const PACKAGES = ['@actions/core', '@actions/github', '@actions/exec', '@octokit/core'];
const FOLDERS = Object.keys(ALLOWED);

let project = '';
/** Each refusal as `file rule`, without the directory of the project. */
let refusals: string[] = [];

beforeAll(async () => {
  project = await mkdtemp(path.join(tmpdir(), 'launchpad-directions-'));
  await cp(path.join(root, 'biome.jsonc'), path.join(project, 'biome.jsonc'));
  await write('package.json', JSON.stringify({ name: 'directions', private: true }));
  for (const folder of FOLDERS) {
    await write(`src/${folder}/deep/thing.ts`, 'export const thing = 1;\nexport type Thing = number;\n');
    for (const other of FOLDERS.filter((name) => name !== folder)) {
      const from = `'../${other}/deep/thing.ts'`;
      await write(`src/${folder}/value-of-${other}.ts`, `import { thing } from ${from};\n\nconsole.log(thing);\n`);
      const type = `import type { Thing } from ${from};\n\nexport const own: Thing = 2;\n`;
      await write(`src/${folder}/type-of-${other}.ts`, type);
    }
    for (const name of PACKAGES) {
      const file = `src/${folder}/package-${name.replace(/\W/g, '')}.ts`;
      await write(file, `import * as all from '${name}';\n\nconsole.log(all);\n`);
    }
  }
  await write('src/core/circle/one.ts', "import type { Two } from './two.ts';\n\nexport type One = { two?: Two };\n");
  await write('src/core/circle/two.ts', "import type { One } from './one.ts';\n\nexport type Two = { one?: One };\n");
  refusals = await lint();
}, 120_000);
afterAll(() => rm(project, { recursive: true, force: true }));

async function write(file: string, text: string): Promise<void> {
  await mkdir(path.dirname(path.join(project, file)), { recursive: true });
  await writeFile(path.join(project, file), text);
}

interface Report {
  readonly diagnostics: readonly {
    readonly category: string;
    readonly location: { readonly path: string };
  }[];
}

async function lint(): Promise<string[]> {
  const biome = path.join(root, 'node_modules', '.bin', 'biome');
  const args = ['lint', '--vcs-enabled=false', '--max-diagnostics=none', '--reporter=json', 'src'];
  const stdout = await new Promise<string>((resolve) => {
    execFile(biome, args, { cwd: project, maxBuffer: 1 << 26 }, (_, text) => resolve(text));
  });
  const { diagnostics }: Report = JSON.parse(stdout);
  return diagnostics.map(({ category, location }) => `${location.path} ${category.replace(/^lint\//, '')}`).sort();
}

const refusedAs = (rule: string) =>
  refusals.filter((line) => line.endsWith(` ${rule}`)).map((line) => line.split(' ')[0]);

it('a folder may import the folders below it, values and types alike, and of the packages those of its own side', () => {
  const expected = FOLDERS.flatMap((folder) => [
    ...FOLDERS.filter((other) => other !== folder && !ALLOWED[folder]?.includes(other)).flatMap((other) => [
      `src/${folder}/value-of-${other}.ts`,
      `src/${folder}/type-of-${other}.ts`,
    ]),
    ...PACKAGES.filter((name) => !ALLOWED_PACKAGES[folder]?.includes(name)).map(
      (name) => `src/${folder}/package-${name.replace(/\W/g, '')}.ts`,
    ),
  ]);
  expect(refusedAs('style/noRestrictedImports')).toEqual(expected.sort());
});

it('a circle of imports is refused, of types too', () => {
  expect(refusedAs('suspicious/noImportCycles')).toEqual(['src/core/circle/one.ts', 'src/core/circle/two.ts']);
});
