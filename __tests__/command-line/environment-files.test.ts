import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { TABLES } from '../../src/command-line/tables.ts';
import { readEnvironmentFiles, terminalInputs } from '../../src/command-line/terminal-inputs.ts';
import { readSettings } from '../../src/inputs/read-settings.ts';
import { ATLAS, DIGITALOCEAN, DOCKER_REGISTRY, MYSQL, STORAGE } from '../action/documentation.ts';

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'launchpad-env-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const write = async (name: string, text: string, mode = 0o600) => {
  await writeFile(path.join(directory, name), text);
  await chmod(path.join(directory, name), mode);
};
const read = (named: string[] = [], isCommitted = false) =>
  readEnvironmentFiles({ named, directory, tables: TABLES, isCommitted: () => Promise.resolve(isCommitted) });

/** The documentation has a description there in place of a value. */
const CREDENTIALS = { LAUNCHPAD_DOCKER_REGISTRY_CREDENTIALS: Buffer.from('user:password').toString('base64') };

describe('a file of variables', () => {
  it.each([
    ['digitalocean', DIGITALOCEAN],
    ['atlas', ATLAS],
  ])('is what the documentation prints, with MongoDB on %s', async (provider, mongodb) => {
    await write('.env', [DOCKER_REGISTRY, MYSQL, mongodb, STORAGE].join('\n'));
    const { variables, warnings } = await read();
    expect(warnings).toEqual([]);
    const none = new Map<string, string>();
    const sources = { options: none, defaults: none, environment: CREDENTIALS, tables: TABLES, home: directory };
    const settings = readSettings(terminalInputs({ ...sources, files: variables }));
    expect(settings.mysql).toMatchObject({ host: 'mysql.cluster.domain', port: 3306, adminUser: 'root' });
    expect(settings.mongodb.provider).toBe(provider);
    expect(settings.storage).toMatchObject({ type: 'spaces', region: 'nyc3', accessKey: { id: 'your_key' } });
  });

  it('is .env of the current directory where none is named, and where it is there', async () => {
    expect((await read()).files).toEqual([]);
    await write('.env', 'LAUNCHPAD_MYSQL_HOST=mysql.example.org\n');
    expect(await read()).toMatchObject({ files: ['.env'] });
    await write('staging.env', 'LAUNCHPAD_MYSQL_HOST=staging.example.org\n');
    const { files, variables } = await read(['staging.env']);
    expect(files).toEqual(['staging.env']);
    expect(variables.get('LAUNCHPAD_MYSQL_HOST')).toBe('staging.example.org');
  });

  it('counts before those that are named before it', async () => {
    await write('one.env', 'LAUNCHPAD_MYSQL_HOST=one.example.org\nLAUNCHPAD_MYSQL_PORT=3307\n');
    await write('two.env', 'LAUNCHPAD_MYSQL_HOST=two.example.org\n');
    const { variables } = await read(['one.env', 'two.env']);
    expect([...variables.values()]).toEqual(['two.example.org', '3307']);
  });

  it('sets settings only, so that it cannot change what is run', async () => {
    await write('.env', 'PATH=/somewhere\nGIT_SSH_COMMAND=mischief\nHTTPS_PROXY=http://x\nKUBECONFIG=/k\n');
    expect([...(await read()).variables]).toEqual([['KUBECONFIG', '/k']]);
  });

  it('that is not there is an error, and so is a default one that is committed', async () => {
    await expect(read(['missing.env'])).rejects.toMatchObject({
      code: 'usage-invalid',
      message: expect.stringContaining('missing.env cannot be read'),
    });
    await write('.env', 'LAUNCHPAD_MYSQL_HOST=mischief.example.org\n');
    await expect(read([], true)).rejects.toMatchObject({
      code: 'usage-invalid',
      message: expect.stringContaining('.env is committed'),
    });
    expect((await read(['.env'], true)).files).toEqual(['.env']);
  });

  it('that everybody may read and that holds a secret is warned of, without the secret', async () => {
    await write('.env', 'LAUNCHPAD_MYSQL_HOST=mysql.example.org\nKUBECONFIG=/k\n', 0o644);
    expect((await read()).warnings).toEqual([]);
    await write('.env', 'LAUNCHPAD_MYSQL_ADMIN_PASSWORD=hunter2\n', 0o644);
    expect((await read()).warnings).toEqual([
      '.env holds secrets, and everybody on this machine may read it: chmod 600 .env',
    ]);
    await chmod(path.join(directory, '.env'), 0o640);
    expect((await read()).warnings).toEqual([]);
  });

  it('that sets what is no setting is warned of by name', async () => {
    await write('.env', 'LAUNCHPAD_MYSQL_PASWORD=hunter2\n');
    expect((await read()).warnings).toEqual(['.env: unknown settings LAUNCHPAD_MYSQL_PASWORD (ignored)']);
  });
});
