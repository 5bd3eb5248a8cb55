import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { localIdentity } from '../../../sandbox/tls.ts';
import { behindTls } from '../../provisioners/behind-tls.ts';
import { startDns } from '../../provisioners/dns-server.ts';
import { actionCommits, readConfig } from '../outcome.ts';
import { newName, openWorld } from '../world.ts';

const NAME = 'cluster0.abcde.example.org';
const MEMBER = 'shard-00.abcde.example.org';

const world = await openWorld();
const directory = await mkdtemp(path.join(tmpdir(), 'launchpad-dns-'));
const identity = await localIdentity(MEMBER);
const front = await behindTls(identity, world.sandbox?.mongodb.port ?? 0);
const dns = await startDns(
  {
    [NAME]: { txt: 'authSource=admin' },
    [`_mongodb._tcp.${NAME}`]: { srv: [{ name: MEMBER, port: front.port }] },
    [MEMBER]: { a: '127.0.0.1' },
  },
  directory,
);
Object.assign(world.sandbox?.controller.podEnvironment ?? {}, dns.environment);
afterAll(async () => {
  await world.stop();
  await front.stop();
  await dns.stop();
  await rm(directory, { recursive: true });
});

const settings = { LAUNCHPAD_MONGODB_HOST: NAME, LAUNCHPAD_MONGODB_PORT: '', LAUNCHPAD_MONGODB_CA: identity.cert };

it('a bare name with SRV records only is provisioned, and config.yml gets what Open edX connects by', async () => {
  const scenario = await world.scenario();
  const first = await scenario.run({ settings });
  expect(first.log).not.toContain('::error');
  const config = await readConfig(scenario);
  expect(config).toMatchObject({
    MONGODB_HOST: `mongodb+srv://${NAME}`,
    MONGODB_PORT: '27017',
    MONGODB_USE_SSL: 'true',
  });
  const second = await scenario.run({ settings });
  expect(second.code).toBe(0);
  expect(await readConfig(scenario)).toEqual(config);
  expect(await actionCommits(world, scenario)).toHaveLength(1);
  const removed = await scenario.run({
    settings,
    inputs: { operation: 'deprovision', confirm: scenario.instance },
  });
  expect(removed.log).not.toContain('::error');
}, 120_000);

it('a bare name that the operator wrote into config.yml stays, with a warning', async () => {
  const name = newName();
  const text = `LMS_HOST: "${name}.example.org"\nCMS_HOST: "studio.${name}.example.org"\nMONGODB_HOST: ${NAME}\n`;
  const scenario = await world.scenario({ [`instances/${name}/config.yml`]: text }, name);
  const result = await scenario.run({ settings });
  expect(result.log).not.toContain('::error');
  expect(result.log).toContain(`set it to "mongodb+srv://${NAME}"`);
  expect(await readConfig(scenario)).toMatchObject({ MONGODB_HOST: NAME, MONGODB_USE_SSL: 'true' });
}, 120_000);
