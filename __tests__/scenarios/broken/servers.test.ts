import {
  actionCommits,
  bucketState,
  expectProvisioned,
  readApplication,
  readWorkflows,
  secretNames,
} from '../outcome.ts';
import { openWorld, type RunOptions, type World } from '../world.ts';
import { annotations, type Expected, expectFirstError } from './first-error.ts';

const world = await openWorld();
const { digitalocean, atlas } = world.vendors;
const atlasBehaviour = { ...atlas.behaviour };
afterAll(() => world.stop());
afterEach(() => {
  world.clearFaults();
  Object.assign(atlas.behaviour, atlasBehaviour);
});

/** In the sandbox a pod starts at once; its provisioner stops trying 5 s before the deadline. */
const inputs = { timeout: world.sandbox === undefined ? '1m' : '12s' };
const { LAUNCHPAD_MYSQL_HOST: mysqlHost = '', LAUNCHPAD_MYSQL_PORT: mysqlPort = '' } = world.settings;
const literally = (text: string) => new RegExp(text.replace(/[.[\]]/g, '\\$&'));

interface BrokenServer extends Expected {
  readonly name: string;
  readonly options: (world: World) => RunOptions;
}

const BROKEN: readonly BrokenServer[] = [
  {
    // A multicast address: the kernel has no route to it for TCP, wherever the pods run.
    name: 'a route that is not there',
    options: () => ({ inputs, settings: { LAUNCHPAD_MYSQL_HOST: '224.0.0.1' } }),
    title: /^MySQL: not reachable from the cluster$/,
    what: /the cluster does not reach it \(ENETUNREACH\)/,
    where: /MySQL at 224\.0\.0\.1:/,
    remedy: /firewall, trusted sources/,
  },
  {
    name: 'a host that DNS does not know',
    options: () => ({ inputs, settings: { LAUNCHPAD_MYSQL_HOST: 'mysql.invalid' } }),
    title: /^MySQL: host not known in the cluster$/,
    what: /the name of the host is not known in the cluster/,
    where: /MySQL at mysql\.invalid:/,
    remedy: /Check input mysql-host and mysql-port .*, and DNS in the cluster/,
  },
  {
    name: 'a storage key that is wrong',
    options: () => ({ settings: { LAUNCHPAD_STORAGE_SECRET_ACCESS_KEY: 'not-the-secret-access-key' } }),
    title: /^Storage: access key not accepted$/,
    what: /the access key is not accepted \(SignatureDoesNotMatch\)/,
    where: literally(`Storage at ${new URL(world.settings.LAUNCHPAD_STORAGE_ENDPOINT_URL ?? '').host}`),
    remedy: /storage-access-key-id and storage-secret-access-key/,
  },
  {
    name: 'an address that is not on the access list of Atlas',
    options: () => {
      atlas.behaviour.isOnAccessList = false;
      return { settings: world.vendors.settings.mongodbAtlas };
    },
    title: /^MongoDB: address not on the access list$/,
    what: /IP_ADDRESS_NOT_ON_ACCESS_LIST/,
    where: /Atlas's API at /,
    remedy: /API access list of the key or service account/,
  },
  {
    name: 'a token of DigitalOcean without a scope',
    options: () => {
      const body = { id: 'forbidden', message: 'You are not authorized to perform this operation' };
      digitalocean.fault = (method) => (method === 'POST' ? { status: 403, body } : undefined);
      return { settings: world.vendors.settings.mongodbDigitalocean };
    },
    title: /^MongoDB: permissions missing$/,
    what: /failed: 403 You are not authorized/,
    where: /DigitalOcean's API at /,
    remedy: /scopes database:read, .*database:view_credentials/,
  },
];

describe('a server or an API that does not do what is asked', () => {
  it.each(BROKEN)(
    '$name: the first error says what, where and what to do',
    async ({ options, ...expected }) => {
      const scenario = await world.scenario();
      expectFirstError(await scenario.run(options(world)), expected);
      expect(await actionCommits(world, scenario)).toEqual([]);
    },
    240_000,
  );
});

describe('a wrong admin password', () => {
  it('is named with service, host and cause, nothing is committed, and the right one then works', async () => {
    const scenario = await world.scenario();
    const wrong = await scenario.run({ settings: { LAUNCHPAD_MYSQL_ADMIN_PASSWORD: 'not-the-password' } });
    expectFirstError(wrong, {
      title: /^MySQL: login denied$/,
      what: /denies the admin user .* the login/,
      where: literally(`MySQL at ${mysqlHost}:${mysqlPort}`),
      remedy: /mysql-admin-user and mysql-admin-password/,
    });
    expect(wrong.summary).toMatch(/^## ❌ .*\n\n\| What failed \| MySQL at .* denies the admin user/);
    expect(wrong.summary).toContain('| **What to do** | Check inputs mysql-admin-user');
    expect(wrong.summary).toMatch(/\| Failed node \| mysql-\S+, exit code 1 \|\n/);
    expect(wrong.summary).toMatch(/\| MySQL database \| \S+ \| failed \|\n/);
    expect(wrong.summary).toMatch(new RegExp(`\\| Bucket \\| \\S+ \\| ${bucketState(world, 'created')} \\|\\n`));
    expect(wrong.summary).toMatch(/Wait for the workflows .*:crit, /);
    const lastLines = wrong.log.slice(wrong.log.lastIndexOf('::error'));
    expect(lastLines).toMatch(/^Stopped in: Wait for the workflows, after \d+\.\d s\.$/m);
    expect(lastLines).toContain('Workflows: mysql failed; mongodb and storage succeeded.');
    expect(lastLines).toMatch(/^Created so far: Namespace .*, MongoDB user .*, Bucket .*\.$/m);
    expect(lastLines).toContain('Nothing was committed, and no Application was applied.');
    expect(lastLines).toMatch(/^Re-running is safe: .*Generated names and passwords stay the same\.$/m);
    expect(await actionCommits(world, scenario)).toEqual([]);
    expect(await readApplication(world, scenario.instance)).toBeUndefined();
    const left = await secretNames(world, scenario.instance);
    expect(left.filter((name) => name.startsWith('launchpad-provision-'))).toEqual([]);

    const right = await scenario.run();
    expect(right.code).toBe(0);
    const pickedUp = /Resuming run 4242-1-\w+(?::|&#58;) workflow mysql Failed, .*passwords are reused/;
    expect(right.log).toMatch(pickedUp);
    expect(right.summary).toMatch(pickedUp);
    expect(right.summary).toMatch(new RegExp(`\\| Bucket \\| \\S+ \\| ${bucketState(world, 'unchanged')} \\|\\n`));
    await expectProvisioned(world, scenario);
    const workflows = await readWorkflows(world, scenario.instance);
    const buckets = workflows.flatMap(({ spec }) => /"bucket","value":"([^"]+)"/.exec(JSON.stringify(spec))?.[1] ?? []);
    expect(new Set(buckets).size).toBe(1);
  });

  it('of two services is reported for both, each in a separate annotation, with the details in the group', async () => {
    const scenario = await world.scenario();
    const settings = { LAUNCHPAD_MYSQL_ADMIN_PASSWORD: 'not-this', LAUNCHPAD_MONGODB_ADMIN_PASSWORD: 'nor-this' };
    const { code, log } = await scenario.run({ settings });
    expect(code).toBe(1);
    const titles = annotations(log).map(({ title }) => title);
    expect(titles.sort()).toEqual(['MongoDB: login denied', 'MySQL: login denied']);
    const group = /^::group::Wait for the workflows\n([\s\S]*?)^::endgroup::/m.exec(log)?.[1] ?? '';
    for (const [service, kind] of [
      ['MySQL', 'mysql'],
      ['MongoDB', 'mongodb'],
    ]) {
      const details = new RegExp(
        `^${service}: login denied \\(${kind}-\\S+\\)\\n  phase Failed, .*\\n  failed node ${kind}-\\S+, exit code 1\\n  container main: terminated, Error, exit code 1\\n(?:  event .*\\n)*  ${kind}-\\S+ \\| `,
        'm',
      );
      expect(group).toMatch(details);
    }
    expect(log.match(/denies the admin user/g)).toHaveLength(4);
  });
});
