import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib';
import { loadAll } from 'js-yaml';
import { parseLog } from '../../src/cluster/workflows/pod-report.ts';
import { grantPattern, parseGrant } from '../../src/provisioners/mysql/provision.ts';

const root = path.join(import.meta.dirname, '..', '..');
const KINDS = ['mysql', 'mongodb', 'storage'];

/** Where each program reads its variables. */
const READERS: Readonly<Record<string, string>> = {
  mysql: 'mysql/operations.ts',
  mongodb: 'mongodb/operations.ts',
  storage: 'storage.ts',
};

it('the programs fit into one ConfigMap: 350 KB in all, and each is what its compressed form holds', async () => {
  const sizes = await Promise.all(
    KINDS.map(async (kind) => {
      const file = path.join(root, 'build', 'provisioners', `${kind}.js`);
      const packed = await readFile(`${file}.br`);
      expect(brotliDecompressSync(packed).equals(await readFile(file))).toBe(true);
      return packed.length;
    }),
  );
  expect(Math.min(...sizes)).toBeGreaterThan(10_000);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(350_000);
});

/** Set by the kubelet, or by tests that cannot wait as long as a vendor may need. */
const NOT_FROM_THE_TEMPLATE = [
  'KUBERNETES_SERVICE_HOST',
  'KUBERNETES_SERVICE_PORT',
  'SERVICE_ACCOUNT_DIRECTORY',
  'PATIENCE_INTERVAL_MS',
  'PATIENCE_LIMIT_MS',
];

interface Template {
  readonly spec: {
    readonly arguments: { readonly parameters: readonly { readonly name: string }[] };
    readonly templates: readonly Entrypoint[];
  };
}
interface Entrypoint {
  readonly name: string;
  readonly inputs: unknown;
  readonly synchronization?: unknown;
  readonly container: Container;
}
interface Container {
  readonly command: readonly string[];
  readonly env: readonly { readonly name: string; readonly value?: string }[];
}

describe('the WorkflowTemplates', () => {
  it.each(KINDS)(
    '%s declares each parameter that it uses, uses each that it declares, and reads what the program reads',
    async (kind) => {
      const text = await readFile(path.join(root, 'manifests', `${kind}.yml`), 'utf8');
      const [template] = loadAll(text) as readonly Template[];
      const declared = template?.spec.arguments.parameters.map(({ name }) => name) ?? [];
      const used = [...text.matchAll(/\{\{workflow\.parameters\.([\w-]+)\}\}/g)].map(([, name = '']) => name);
      expect(new Set(used)).toEqual(new Set(declared));
      const variables = template?.spec.templates[0]?.container.env.map(({ name }) => name) ?? [];
      const program = await readFile(path.join(root, 'src', 'provisioners', READERS[kind] ?? ''), 'utf8');
      const read = [...program.matchAll(/(?:env, '|env\.)([A-Z0-9_]+)/g)].map(([, name = '']) => name);
      expect(read.length).toBeGreaterThan(5);
      const missing = read.filter((name) => !variables.includes(name) && !NOT_FROM_THE_TEMPLATE.includes(name));
      expect(missing).toEqual([]);
    },
  );

  it.each(KINDS)(
    '%s has an entrypoint for each operation, and they differ in what the program is told',
    async (kind) => {
      const [template] = loadAll(
        await readFile(path.join(root, 'manifests', `${kind}.yml`), 'utf8'),
      ) as readonly Template[];
      const [provision, deprovision] = template?.spec.templates ?? [];
      for (const [entrypoint, operation] of [
        [provision, 'provision'],
        [deprovision, 'deprovision'],
      ] as const) {
        expect(entrypoint?.name).toBe(operation);
        expect(entrypoint?.inputs).toEqual({ parameters: [{ name: 'operation', value: operation }] });
      }
      expect(provision?.container.env).toContainEqual({ name: 'OPERATION', value: '{{inputs.parameters.operation}}' });
      expect(deprovision?.container).toEqual(provision?.container);
      expect(deprovision?.synchronization).toEqual(provision?.synchronization);
    },
  );
});

describe('the command of the pods', () => {
  let directory = '';
  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'launchpad-loader-'));
  });
  afterEach(async () => await rm(directory, { recursive: true }));

  /** Runs the template's command with its files in the directory. */
  async function run(kind: string, program: string, sha256: string) {
    const [template] = loadAll(
      await readFile(path.join(root, 'manifests', `${kind}.yml`), 'utf8'),
    ) as readonly Template[];
    const [node, ...words] = template?.spec.templates[0]?.container.command ?? [];
    expect(node).toBe('node');
    const packed = path.join(directory, `${kind}.js.br`);
    await writeFile(packed, brotliCompressSync(program));
    const given = new Map([
      [`/provisioner/${kind}.js.br`, packed],
      ['{{workflow.parameters.program-sha256}}', sha256],
      [`/tmp/launchpad/${kind}.mjs`, path.join(directory, `${kind}.mjs`)],
    ]);
    const args = words.map((word) => given.get(word) ?? word);
    expect(words.filter((word) => given.has(word))).toHaveLength(3);
    return await promisify(execFile)(process.execPath, args).catch((error: unknown) => error);
  }

  const PROGRAM = "import { sep } from 'node:path'; console.log(await Promise.resolve('ran'), sep);";
  const sha256Of = (program: string) => createHash('sha256').update(brotliCompressSync(program)).digest('hex');

  it.each(KINDS)('of %s runs the program whose SHA-256 the Workflow names', async (kind) => {
    expect(await run(kind, PROGRAM, sha256Of(PROGRAM))).toMatchObject({ stdout: 'ran /\n', stderr: '' });
  });

  it.each(KINDS)('of %s does not run another one, and says what to do', async (kind) => {
    const ended = await run(kind, `${PROGRAM} `, sha256Of(PROGRAM));
    expect(ended).toMatchObject({ code: 1, stderr: '' });
    const { error, lines } = parseLog(String(Object(ended).stdout));
    expect(lines).toEqual([]);
    expect(error).toMatchObject({
      code: 'program-changed',
      message: expect.stringMatching(/^The program \S+\.js\.br is not the one that the run was started with\.$/),
      hint: 'Delete ConfigMap {{workflow.parameters.configmap-name}} in namespace {{workflow.namespace}}, then run again.',
    });
  });
});

describe('grants', () => {
  it('are read as MySQL and MariaDB print them', () => {
    expect(parseGrant("GRANT USAGE ON *.* TO `u`@`%` IDENTIFIED BY PASSWORD '*00'")).toEqual({
      privileges: [],
      on: '*.*',
    });
    expect(parseGrant('GRANT ALL PRIVILEGES ON `a\\_b`.* TO `u`@`%`')).toEqual({
      privileges: ['ALL PRIVILEGES'],
      on: 'a\\_b.*',
    });
    expect(parseGrant("GRANT SELECT, INSERT ON `x`.`t` TO 'u'@'%' WITH GRANT OPTION")).toEqual({
      privileges: ['SELECT', 'INSERT'],
      on: 'x.t',
    });
    expect(parseGrant('GRANT `role` TO `u`@`%`')).toBeUndefined();
  });

  it('name a database and nothing that looks like it', () => {
    expect(grantPattern('a_b%c', false)).toBe('a\\_b\\%c');
    expect(grantPattern('a_b', true)).toBe('a_b');
  });
});
