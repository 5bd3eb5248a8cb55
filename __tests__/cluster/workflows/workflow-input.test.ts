import { workflowInputs } from '../../../src/cluster/workflows/workflow-input.ts';
import type { MongodbSettings, MysqlSettings, Settings } from '../../../src/core/settings.ts';
import type { Instance } from '../../../src/instance/instance.ts';
import { SETTINGS } from '../../instance/given.ts';

const DIGITALOCEAN: MongodbSettings = {
  provider: 'digitalocean',
  host: undefined,
  port: undefined,
  replicaSet: undefined,
  ca: undefined,
  api: { url: 'https://api.example.org', token: 'token' },
  clusterId: 'cluster-1',
};

const ATLAS: MongodbSettings = {
  provider: 'atlas',
  host: undefined,
  port: undefined,
  replicaSet: undefined,
  ca: undefined,
  api: { url: 'https://api.example.org', credentials: { kind: 'digest', publicKey: 'p', privateKey: 'k' } },
  projectId: '0123abcd',
  clusterName: 'Cluster0',
  connection: 'standard',
};

const MANAGED_MYSQL: MysqlSettings = {
  provider: 'digitalocean',
  host: undefined,
  port: undefined,
  adminUser: undefined,
  adminPassword: undefined,
  sslMode: 'required',
  ca: undefined,
  api: { url: 'https://api.example.org', token: 'token' },
  clusterId: 'cluster-2',
};

function instanceNamed(name: string): Instance {
  const place = { host: 'db.example.org', port: 1, username: name, password: 'p' };
  return {
    name,
    mysql: { ...place, database: name },
    mongodb: {
      ...place,
      database: name,
      forumDatabase: name,
      authSource: 'admin',
      authMechanism: '',
      replicaSet: '',
      useSsl: false,
    },
    storage: {
      name,
      type: 's3',
      region: 'r',
      endpointUrl: undefined,
      accessKey: { id: 'a', secret: 's' },
      corsOrigins: [],
    },
  };
}

/** The mutexes of the workflows of one instance, by kind. */
function mutexes(settings: Partial<Settings> = {}, { run = 'run-1', lane = 0, host = 'db.example.org' } = {}) {
  const instance = instanceNamed('a');
  const { mysql, mongodb } = instance;
  const placed = { ...instance, mysql: { ...mysql, host }, mongodb: { ...mongodb, host } };
  const works = workflowInputs(placed, { ...SETTINGS, ...settings }, { operation: 'provision', run, lane });
  return Object.fromEntries(works.map(({ kind, parameters }) => [kind, parameters.mutex]));
}

it('of all runs, so many workflows work at one database server at once, and those of a run never wait for each other', () => {
  const lanes = Array.from({ length: 20 }, (_, lane) => lane);
  const runs = Array.from({ length: 100 }, (_, run) => `${4242 + run}-1-abcdef`);
  for (const kind of ['mysql', 'mongodb'] as const) {
    const all = runs.map((run) => new Set(lanes.map((lane) => mutexes({}, { run, lane })[kind])));
    expect(all.map(({ size }) => size)).toEqual(runs.map(() => 20));
    expect(new Set(all.flatMap((names) => [...names])).size).toBe(20);
    // Runs of one instance begin at all places alike.
    expect(new Set(runs.map((run) => mutexes({}, { run })[kind])).size).toBeGreaterThan(15);
    expect(mutexes({}, { lane: 20 })[kind]).toBe(mutexes({}, { lane: 0 })[kind]);
    expect(mutexes({}, { host: 'other.example.org' })[kind]).not.toBe(mutexes()[kind]);
  }
});

it.each(['DB.Example.org', 'fd00::1', '10.0.0.7', 'db_1.example.org', 'a/b', '{{x}}', 'ü'])(
  'the name of a mutex of server %s is one that Argo can read again',
  (host) => {
    const { mysql, mongodb } = mutexes({}, { host });
    expect(mysql).toMatch(/^launchpad-mysql-[a-z0-9.-]+-\d+$/);
    expect(mongodb).toMatch(/^launchpad-mongodb-[a-z0-9.-]+-\d+$/);
  },
);

it('a managed server is known by its ID; DigitalOcean takes calls for users of one MongoDB cluster in sequence', () => {
  for (const lane of [0, 1]) {
    expect(mutexes({ mongodb: DIGITALOCEAN }, { lane }).mongodb).toBe('launchpad-digitalocean-cluster-1');
  }
  expect(mutexes({ mongodb: ATLAS }).mongodb).toMatch(/^launchpad-mongodb-0123abcd-cluster0-\d+$/);
  expect(mutexes({ mysql: MANAGED_MYSQL }).mysql).toMatch(/^launchpad-mysql-cluster-2-\d+$/);
});
