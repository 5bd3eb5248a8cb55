import { readSettings } from '../../src/action/read-settings.ts';
import { given, messageThrownBy, REQUIRED } from './given.ts';

/** The environment blocks of the Launchpad documentation, as printed. */
const DOCKER_REGISTRY = `export LAUNCHPAD_DOCKER_REGISTRY_CREDENTIALS="base64-encoded user:password"`;
const MYSQL = `
export LAUNCHPAD_MYSQL_HOST="mysql.cluster.domain"
export LAUNCHPAD_MYSQL_PORT="3306"
export LAUNCHPAD_MYSQL_ADMIN_USER="root"
export LAUNCHPAD_MYSQL_ADMIN_PASSWORD="secure_password"`;
const DIGITALOCEAN = `
export LAUNCHPAD_MONGODB_HOST="mongodb.cluster.domain"
export LAUNCHPAD_MONGODB_PORT="27017"
export LAUNCHPAD_MONGODB_ADMIN_USER="admin"
export LAUNCHPAD_MONGODB_ADMIN_PASSWORD="secure_password"
export LAUNCHPAD_MONGODB_CLUSTER_ID="abc12345-xyz67890"
export LAUNCHPAD_MONGODB_AUTH_SOURCE="admin"
export LAUNCHPAD_DIGITALOCEAN_TOKEN="dop_v1_your_token"`;
const ATLAS = `
export LAUNCHPAD_ATLAS_PUBLIC_KEY="your_public_key"
export LAUNCHPAD_ATLAS_PRIVATE_KEY="your_private_key"
export LAUNCHPAD_ATLAS_PROJECT_ID="your_project_id"
export LAUNCHPAD_ATLAS_CLUSTER_NAME="Cluster0"`;
const STORAGE = `
export LAUNCHPAD_STORAGE_TYPE="spaces"  # or "s3"
export LAUNCHPAD_STORAGE_REGION="nyc3"  # or "us-east-1"
export LAUNCHPAD_STORAGE_ACCESS_KEY_ID="your_key"
export LAUNCHPAD_STORAGE_SECRET_ACCESS_KEY="your_secret"`;

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
    expect(mongodb).toMatchObject({ host: 'mongodb.cluster.domain', port: 27_017, authSource: 'admin' });
    expect(storage).toMatchObject({ type: 'spaces', endpointUrl: 'https://nyc3.digitaloceanspaces.com' });
  });

  it('with the placeholder for the registry as printed is told what belongs there', () => {
    expect(complaint(variablesOf(DOCKER_REGISTRY, MYSQL, STORAGE))).toContain(
      'docker-registry-credentials (LAUNCHPAD_DOCKER_REGISTRY_CREDENTIALS): the value (not shown), from ' +
        'LAUNCHPAD_DOCKER_REGISTRY_CREDENTIALS, is not base64',
    );
  });

  it('of DigitalOcean is not supported yet, whatever host and admin say, and nothing else is wrong with it', () => {
    const message = complaint(variablesOf(MYSQL, DIGITALOCEAN, STORAGE));
    expect(message).toContain('One input or setting is');
    expect(message).toContain(
      'LAUNCHPAD_DIGITALOCEAN_TOKEN, LAUNCHPAD_MONGODB_CLUSTER_ID ask for DigitalOcean, which is not supported yet',
    );
    expect(message).not.toContain('dop_v1_your_token');
  });

  it('of Atlas is not supported yet, and nothing else is wrong with it', () => {
    const message = complaint(variablesOf(MYSQL, ATLAS, STORAGE));
    expect(message).toContain('One input or setting is');
    expect(message).toContain('LAUNCHPAD_ATLAS_CLUSTER_NAME ask for Atlas, which is not supported yet');
    expect(message).not.toContain('your_private_key');
  });

  it('of both is ambiguous', () => {
    const message = complaint(variablesOf(MYSQL, DIGITALOCEAN, ATLAS, STORAGE));
    expect(message).toContain('One input or setting is');
    expect(message).toContain('LAUNCHPAD_DIGITALOCEAN_TOKEN');
    expect(message).toContain('LAUNCHPAD_ATLAS_PUBLIC_KEY');
    expect(message).toContain('are ambiguous');
  });

  it('of DigitalOcean serves a direct MongoDB that is asked for by name', () => {
    const variables = { ...variablesOf(MYSQL, DIGITALOCEAN, STORAGE), LAUNCHPAD_MONGODB_PROVIDER: 'direct' };
    expect(readSettings(given({ variables })).mongodb.host).toBe('mongodb.cluster.domain');
  });

  it('with a token but no cluster, or with incomplete Atlas keys, is direct', () => {
    const variables = { LAUNCHPAD_DIGITALOCEAN_TOKEN: 'token', LAUNCHPAD_ATLAS_PUBLIC_KEY: 'key' };
    expect(complaint(variables, REQUIRED)).toBe('nothing was thrown');
  });
});

describe('what is not supported yet', () => {
  it.each([
    ['mongodb-provider', 'atlas'],
    ['mongodb-provider', 'digitalocean'],
    ['mongodb-provider', 'digitalocean_api'],
    ['mysql-provider', 'digitalocean'],
    ['mysql-provider', 'digitalocean_api'],
  ])('is %s %s', (input, value) => {
    expect(complaint({}, { ...REQUIRED, [input]: value })).toContain(
      `"${value}", from input ${input}, is not supported yet: accepted is direct.`,
    );
  });

  it('is a public bucket', () => {
    expect(complaint({ LAUNCHPAD_STORAGE_MAKE_PUBLIC: 'true' }, REQUIRED)).toContain(
      'LAUNCHPAD_STORAGE_MAKE_PUBLIC: a public bucket is not supported yet',
    );
    for (const fine of ['', 'false', 'False', '0']) {
      expect(complaint({ LAUNCHPAD_STORAGE_MAKE_PUBLIC: fine }, REQUIRED)).toBe('nothing was thrown');
    }
  });
});
