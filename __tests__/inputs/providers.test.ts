import { readSettings } from '../../src/inputs/read-settings.ts';
import { ATLAS, DIGITALOCEAN, DOCKER_REGISTRY, MYSQL, STORAGE } from '../action/documentation.ts';
import { given, messageThrownBy, REQUIRED } from '../action/given.ts';

function variablesOf(...blocks: string[]): Record<string, string> {
  const lines = blocks.join('\n').matchAll(/^export (\w+)="(.*?)"/gm);
  return Object.fromEntries([...lines].map(([, name = '', value = '']) => [name, value]));
}

function complaint(variables: Record<string, string>, inputs: Record<string, string> = {}): string {
  return messageThrownBy(() => readSettings(given({ variables, inputs })));
}

describe('the documented environment', () => {
  const credentials = { LAUNCHPAD_DOCKER_REGISTRY_CREDENTIALS: Buffer.from('user:password').toString('base64') };

  it('is enough for a direct MongoDB', () => {
    const variables = {
      ...variablesOf(DOCKER_REGISTRY, MYSQL, DIGITALOCEAN, STORAGE),
      ...credentials,
      LAUNCHPAD_MONGODB_CLUSTER_ID: '',
      LAUNCHPAD_DIGITALOCEAN_TOKEN: '',
    };
    const { registry, mysql, mongodb, storage } = readSettings(given({ variables }));
    expect(registry).toEqual({ server: 'ghcr.io', credentials: { username: 'user', password: 'password' } });
    expect(mysql).toMatchObject({ host: 'mysql.cluster.domain', port: 3306, adminUser: 'root' });
    expect(mongodb).toMatchObject({ provider: 'direct', host: 'mongodb.cluster.domain', authSource: 'admin' });
    expect(storage).toMatchObject({ type: 'spaces', endpointUrl: 'https://nyc3.digitaloceanspaces.com' });
  });

  it('with the printed placeholder for the registry is an error that says what to give', () => {
    expect(complaint(variablesOf(DOCKER_REGISTRY, MYSQL, ATLAS, STORAGE))).toContain(
      'docker-registry-credentials (LAUNCHPAD_DOCKER_REGISTRY_CREDENTIALS): the value (not shown), from ' +
        'LAUNCHPAD_DOCKER_REGISTRY_CREDENTIALS, is not base64',
    );
  });

  it('of DigitalOcean is DigitalOcean, whatever host and admin say', () => {
    const { mongodb } = readSettings(given({ variables: variablesOf(MYSQL, DIGITALOCEAN, STORAGE) }));
    expect(mongodb).toEqual({
      provider: 'digitalocean',
      host: 'mongodb.cluster.domain',
      port: 27_017,
      api: { url: 'https://api.digitalocean.com', token: 'dop_v1_your_token' },
      clusterId: '9cc10173-e9ea-4176-9dbc-a4cee4c4ff30',
      replicaSet: undefined,
      ca: undefined,
    });
  });

  it('of Atlas is Atlas, whose API tells the host', () => {
    const { mongodb } = readSettings(given({ variables: variablesOf(MYSQL, ATLAS, STORAGE) }));
    expect(mongodb).toMatchObject({
      provider: 'atlas',
      host: undefined,
      port: undefined,
      api: {
        url: 'https://cloud.mongodb.com',
        credentials: { kind: 'digest', publicKey: 'your_public_key', privateKey: 'your_private_key' },
      },
      projectId: '32b6e34b3d91647abb20e7b8',
      clusterName: 'Cluster0',
    });
  });

  it('of both is ambiguous, and the error lists what was seen', () => {
    const message = complaint(variablesOf(MYSQL, DIGITALOCEAN, ATLAS, STORAGE));
    expect(message).toContain('Invalid settings (1)');
    expect(message).toContain(
      'mongodb-provider (LAUNCHPAD_MONGODB_PROVIDER): not set, and the settings match both digitalocean and atlas',
    );
    expect(message).toContain('digitalocean-token, mongodb-cluster-id, atlas-public-key, atlas-private-key');
    expect(message).not.toContain('your_private_key');
    expect(message).not.toContain('dop_v1_your_token');
  });

  it.each(['direct', 'digitalocean', 'atlas', 'digitalocean_api'])(
    'of both is what it is asked for by name: %s',
    (name) => {
      const variables = { ...variablesOf(MYSQL, DIGITALOCEAN, ATLAS, STORAGE), LAUNCHPAD_MONGODB_PROVIDER: name };
      expect(readSettings(given({ variables })).mongodb.provider).toBe(name.replace('_api', ''));
    },
  );

  it('with a token but no cluster, or with incomplete Atlas keys, is direct', () => {
    const variables = { LAUNCHPAD_DIGITALOCEAN_TOKEN: 'token', LAUNCHPAD_ATLAS_PUBLIC_KEY: 'key' };
    expect(readSettings(given({ variables, inputs: REQUIRED })).mongodb.provider).toBe('direct');
  });

  it('that fits no provider is one error that lists what was seen, and what each needs', () => {
    const variables = {
      ...variablesOf(MYSQL, STORAGE),
      LAUNCHPAD_DIGITALOCEAN_TOKEN: 'token',
      LAUNCHPAD_ATLAS_PUBLIC_KEY: 'k',
    };
    const message = complaint(variables);
    expect(message).toContain('Invalid settings (1)');
    expect(message).toContain('the settings match no provider (set: digitalocean-token, atlas-public-key)');
    expect(message).toContain('direct needs mongodb-host, mongodb-admin-user and mongodb-admin-password');
    expect(complaint(variablesOf(MYSQL, STORAGE))).toContain('(set: none)');
  });

  it('with a part of a direct connection is an error that names the rest', () => {
    const message = complaint({ ...variablesOf(MYSQL, STORAGE), LAUNCHPAD_MONGODB_HOST: 'mongodb.cluster.domain' });
    expect(message).toContain(
      'mongodb-admin-user (LAUNCHPAD_MONGODB_ADMIN_USER): missing (mongodb-provider direct needs it)',
    );
  });
});

describe('a provider that is named', () => {
  const named = (provider: string, variables: Record<string, string> = {}) =>
    complaint({ ...variablesOf(MYSQL, STORAGE), LAUNCHPAD_MONGODB_PROVIDER: provider, ...variables });

  it('needs its own settings, and all that are missing are listed', () => {
    const digitalocean = named('digitalocean');
    expect(digitalocean).toContain('mongodb-cluster-id (LAUNCHPAD_MONGODB_CLUSTER_ID): missing');
    expect(digitalocean).toContain('digitalocean-token (LAUNCHPAD_DIGITALOCEAN_TOKEN): missing');
    const atlas = named('atlas', { LAUNCHPAD_ATLAS_CLIENT_ID: 'mdb_sa_id_1' });
    expect(atlas).toContain('atlas-project-id (LAUNCHPAD_ATLAS_PROJECT_ID): missing');
    expect(atlas).toContain('atlas-cluster-name (LAUNCHPAD_ATLAS_CLUSTER_NAME): missing');
    expect(atlas).toContain('mongodb-provider atlas needs one pair, and only atlas-client-id is set');
  });

  it('takes a service account of Atlas before its older keys', () => {
    const variables = {
      ...variablesOf(MYSQL, ATLAS, STORAGE),
      LAUNCHPAD_ATLAS_CLIENT_ID: 'mdb_sa_id_1',
      LAUNCHPAD_ATLAS_CLIENT_SECRET: 'mdb_sa_sk_secret',
    };
    const { mongodb } = readSettings(given({ variables }));
    expect(mongodb).toMatchObject({
      api: { credentials: { kind: 'service-account', clientId: 'mdb_sa_id_1', clientSecret: 'mdb_sa_sk_secret' } },
    });
  });

  it('a secret that is set as the client ID is not shown', () => {
    const ids = { LAUNCHPAD_ATLAS_CLIENT_ID: 'mdb_sa_sk_secret', LAUNCHPAD_ATLAS_CLIENT_SECRET: 'mdb_sa_id_1' };
    const message = complaint({ ...variablesOf(MYSQL, ATLAS, STORAGE), ...ids });
    expect(message).toContain('atlas-client-id (LAUNCHPAD_ATLAS_CLIENT_ID): the value (not shown)');
    expect(message).not.toContain('mdb_sa_sk_secret');
  });

  it('Atlas is reached by the way that is set', () => {
    const variables = { ...variablesOf(MYSQL, ATLAS, STORAGE), LAUNCHPAD_ATLAS_CONNECTION: 'private-endpoint' };
    expect(readSettings(given({ variables })).mongodb).toMatchObject({ connection: 'private-endpoint' });
    expect(complaint({ ...variables, LAUNCHPAD_ATLAS_CONNECTION: 'peering' })).toContain(
      '"peering", from LAUNCHPAD_ATLAS_CONNECTION, is not known: accepted is standard, private, private-endpoint',
    );
  });

  it('MySQL on DigitalOcean needs a cluster and a token, and nothing of what the API tells', () => {
    const variables = { ...variablesOf(ATLAS, STORAGE), LAUNCHPAD_MYSQL_PROVIDER: 'digitalocean_api' };
    const message = complaint(variables);
    expect(message).toContain(
      'mysql-cluster-id (LAUNCHPAD_MYSQL_CLUSTER_ID): missing (mysql-provider digitalocean needs it)',
    );
    expect(message).not.toContain('mysql-host');
    const complete = {
      ...variables,
      LAUNCHPAD_MYSQL_CLUSTER_ID: '88055188-9e54-4f21-ab11-8a918ed79ee2',
      LAUNCHPAD_DIGITALOCEAN_TOKEN: 't',
    };
    expect(readSettings(given({ variables: complete })).mysql).toMatchObject({
      provider: 'digitalocean',
      host: undefined,
      port: undefined,
      adminUser: undefined,
      sslMode: 'verify-ca',
    });
  });
});

describe('storage', () => {
  it('takes the access key as a pair, or from config.yml', () => {
    const none = { ...REQUIRED, 'storage-access-key-id': '', 'storage-secret-access-key': '' };
    expect(readSettings(given({ inputs: none })).storage.accessKey).toBeUndefined();
    expect(complaint({}, { ...REQUIRED, 'storage-secret-access-key': '' })).toContain(
      'storage-secret-access-key (LAUNCHPAD_STORAGE_SECRET_ACCESS_KEY): missing',
    );
  });

  it('is private unless it is asked to be public', () => {
    const isPublic = (value: string) =>
      readSettings(given({ inputs: REQUIRED, variables: { LAUNCHPAD_STORAGE_MAKE_PUBLIC: value } })).storage.makePublic;
    expect(['true', 'True', '1'].map(isPublic)).toEqual([true, true, true]);
    expect(['', 'false', 'False', '0'].map(isPublic)).toEqual([false, false, false, false]);
    expect(complaint({ LAUNCHPAD_STORAGE_MAKE_PUBLIC: 'maybe' }, REQUIRED)).toContain(
      'is not known: accepted is false, true',
    );
  });
});
