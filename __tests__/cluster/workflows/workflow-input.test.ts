import { workflowInputs } from '../../../src/cluster/workflows/workflow-input.ts';
import type { MongodbSettings } from '../../../src/core/settings.ts';
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

/** The mutexes of the MongoDB workflows of two instances in one run. */
function mutexes(mongodb: MongodbSettings): unknown[] {
  return ['a', 'b'].map((name) => {
    const works = workflowInputs(
      instanceNamed(name),
      { ...SETTINGS, mongodb },
      { operation: 'provision', run: 'run-1' },
    );
    return works.find(({ kind }) => kind === 'mongodb')?.parameters.mutex;
  });
}

it('the MongoDB workflows of several instances wait for each other only where the API of their cluster wants it', () => {
  const [first, second] = mutexes(SETTINGS.mongodb);
  expect(first).not.toBe(second);
  expect(mutexes(DIGITALOCEAN)).toEqual(['launchpad-digitalocean-cluster-1', 'launchpad-digitalocean-cluster-1']);
});
