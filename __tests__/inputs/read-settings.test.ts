import { LaunchpadError } from '../../src/core/errors.ts';
import { readSettings } from '../../src/inputs/read-settings.ts';
import { given, messageThrownBy, REQUIRED } from '../action/given.ts';

const CREDENTIALS = Buffer.from('bot:registry-secret').toString('base64');

describe('settings', () => {
  it('are complete with what is required and the defaults', () => {
    expect(readSettings(given({ inputs: REQUIRED }))).toMatchObject({
      registry: { server: 'ghcr.io', credentials: undefined },
      mysql: {
        provider: 'direct',
        host: 'mysql.example.org',
        port: 3306,
        adminUser: 'root',
        adminPassword: 'mysql-admin-secret',
        sslMode: 'preferred',
        ca: undefined,
      },
      mongodb: { provider: 'direct', port: 27_017, authSource: undefined, replicaSet: undefined, ca: undefined },
      storage: { type: 's3', region: 'us-east-1', endpointUrl: undefined },
      clusterDomain: undefined,
      environment: 'production',
      instancesDirectory: 'instances',
      provisionerImage: 'node:24-alpine',
    });
  });

  it('come from the input first, then from the variable, then from its older name', () => {
    const variables = { LAUNCHPAD_MYSQL_ROOT_USER: 'older', LAUNCHPAD_MYSQL_PORT: '3307' };
    const adminUser = (inputs: Record<string, string>, more = {}) =>
      readSettings(given({ inputs: { ...REQUIRED, ...inputs }, variables: { ...variables, ...more } })).mysql.adminUser;
    expect(adminUser({ 'mysql-admin-user': '' })).toBe('older');
    expect(adminUser({ 'mysql-admin-user': '' }, { LAUNCHPAD_MYSQL_ADMIN_USER: 'newer' })).toBe('newer');
    expect(adminUser({ 'mysql-admin-user': 'input' }, { LAUNCHPAD_MYSQL_ADMIN_USER: 'newer' })).toBe('input');
    expect(readSettings(given({ inputs: REQUIRED, variables })).mysql.port).toBe(3307);
  });

  it('are trimmed, and an empty one is absent', () => {
    const variables = { LAUNCHPAD_MYSQL_PORT: '  ', LAUNCHPAD_MONGODB_REPLICA_SET: ' rs0\n' };
    const settings = readSettings(given({ inputs: { ...REQUIRED, environment: '' }, variables }));
    expect(settings.mysql.port).toBe(3306);
    expect(settings.mongodb.replicaSet).toBe('rs0');
    expect(settings.environment).toBe('production');
  });

  it('take an S3 endpoint as a URL, or as a host', () => {
    const endpoint = (variables: Record<string, string>) =>
      readSettings(given({ inputs: REQUIRED, variables })).storage.endpointUrl;
    expect(endpoint({ LAUNCHPAD_STORAGE_ENDPOINT_URL: 'http://minio:9000/' })).toBe('http://minio:9000');
    expect(endpoint({ LAUNCHPAD_STORAGE_HOST: 's3.example.org' })).toBe('https://s3.example.org');
  });

  it('know the endpoint of Spaces', () => {
    const inputs = { ...REQUIRED, 'storage-type': 'spaces', 'storage-region': 'nyc3' };
    expect(readSettings(given({ inputs })).storage.endpointUrl).toBe('https://nyc3.digitaloceanspaces.com');
  });

  it('decode the registry credentials', () => {
    const inputs = { ...REQUIRED, 'docker-registry-credentials': CREDENTIALS };
    expect(readSettings(given({ inputs })).registry.credentials).toEqual({
      username: 'bot',
      password: 'registry-secret',
    });
  });
});

describe('what templates see of the settings', () => {
  it('is all that is not secret, defaults included, and the secrets that the instance needs', () => {
    const inputs = { ...REQUIRED, 'docker-registry-credentials': CREDENTIALS, 'storage-type': 'spaces' };
    const { templateEnvironment } = readSettings(given({ inputs }));
    expect(Object.fromEntries(templateEnvironment)).toEqual({
      LAUNCHPAD_DOCKER_REGISTRY: 'ghcr.io',
      LAUNCHPAD_DOCKER_REGISTRY_CREDENTIALS: CREDENTIALS,
      LAUNCHPAD_MYSQL_PROVIDER: 'direct',
      LAUNCHPAD_MYSQL_HOST: 'mysql.example.org',
      LAUNCHPAD_MYSQL_PORT: '3306',
      LAUNCHPAD_MYSQL_ADMIN_USER: 'root',
      LAUNCHPAD_MYSQL_SSL_MODE: 'preferred',
      LAUNCHPAD_MONGODB_PROVIDER: 'direct',
      LAUNCHPAD_MONGODB_HOST: 'mongodb.example.org',
      LAUNCHPAD_MONGODB_PORT: '27017',
      LAUNCHPAD_MONGODB_ADMIN_USER: 'admin',
      LAUNCHPAD_MONGODB_AUTH_SOURCE: 'admin',
      LAUNCHPAD_DIGITALOCEAN_API_URL: 'https://api.digitalocean.com',
      LAUNCHPAD_ATLAS_API_URL: 'https://cloud.mongodb.com',
      LAUNCHPAD_ATLAS_CONNECTION: 'standard',
      LAUNCHPAD_STORAGE_MAKE_PUBLIC: 'false',
      LAUNCHPAD_STORAGE_TYPE: 'spaces',
      LAUNCHPAD_STORAGE_REGION: 'us-east-1',
      LAUNCHPAD_STORAGE_ENDPOINT_URL: 'https://us-east-1.digitaloceanspaces.com',
      LAUNCHPAD_MYSQL_ROOT_USER: 'root',
      LAUNCHPAD_STORAGE_HOST: 'us-east-1.digitaloceanspaces.com',
      LAUNCHPAD_STORAGE_ACCESS_KEY_ID: 'AKIAEXAMPLEKEY',
      LAUNCHPAD_STORAGE_SECRET_ACCESS_KEY: 'storage-secret-key',
      LAUNCHPAD_ENVIRONMENT: 'production',
      LAUNCHPAD_INSTANCES_DIRECTORY: 'instances',
      LAUNCHPAD_PROVISIONER_IMAGE: 'node:24-alpine',
    });
  });
});

describe('settings that are missing or wrong', () => {
  const complaint = (inputs: Record<string, string>, variables: Record<string, string> = {}) =>
    messageThrownBy(() => readSettings(given({ inputs, variables })));

  it('are all named at once, by input and variable, with a remedy', () => {
    const message = complaint({ 'mongodb-provider': 'direct', 'mysql-port': '70000', environment: 'Production!' });
    expect(message).toContain('Invalid settings (10):');
    for (const input of Object.keys(REQUIRED).filter((name) => !/^storage-(access|secret)/.test(name))) {
      expect(message).toContain(`- ${input} (LAUNCHPAD_${input.toUpperCase().replaceAll('-', '_')}`);
    }
    expect(message).toContain('mysql-admin-user (LAUNCHPAD_MYSQL_ADMIN_USER or LAUNCHPAD_MYSQL_ROOT_USER): missing');
    expect(message).toContain(
      'mysql-port (LAUNCHPAD_MYSQL_PORT): "70000", from input mysql-port, is not a port: give a number from 1 to 65535.',
    );
    expect(() => readSettings(given({}))).toThrow(
      expect.objectContaining({ code: 'settings-invalid', remedy: expect.stringContaining('`env:`') }),
    );
  });

  it('are traced to the variable that they came from', () => {
    const message = complaint(REQUIRED, { LAUNCHPAD_STORAGE_HOST: 'https://s3.example.org/x' });
    expect(message).toContain('"https://s3.example.org/x", from LAUNCHPAD_STORAGE_HOST, is not an endpoint');
  });

  it('never show a secret, nor what stands before a host', () => {
    const message = complaint({
      ...REQUIRED,
      'docker-registry-credentials': 'bot:hunter2',
      'mysql-admin-password': 'hunter3\nsecond',
      'mysql-host': 'mysql://root:hunter4@db:3306',
      'mongodb-host': 'root:hunter5@db',
      'mysql-ca': 'MIIhunter6',
    });
    expect(message).toContain('Invalid settings (5)');
    expect(message).not.toMatch(/hunter/);
    expect(message).toContain('"mysql://***@db:3306"');
    expect(message).toContain('the value (not shown), from input mysql-ca, is not PEM');
  });

  it('include the CA that verify-ca needs', () => {
    expect(complaint({ ...REQUIRED, 'mysql-ssl-mode': 'VERIFY_CA' })).toContain(
      'mysql-ca (LAUNCHPAD_MYSQL_CA): missing (mysql-ssl-mode verify-ca needs it)',
    );
  });

  it('include an endpoint of Spaces that is not DigitalOcean', () => {
    const spaces = { ...REQUIRED, 'storage-type': 'spaces' };
    for (const endpoint of ['https://s3.example.org', 'https://evildigitaloceanspaces.com']) {
      const message = complaint({ ...spaces, 'storage-endpoint-url': endpoint });
      expect(message).toContain('is not under digitaloceanspaces.com');
    }
    expect(complaint({ ...spaces, 'storage-endpoint-url': 'ams3.digitaloceanspaces.com' })).toBe('nothing was thrown');
  });

  it('are not asked for on account of a provider that is wrong itself', () => {
    const message = complaint({ ...REQUIRED, 'mysql-provider': 'postgres', 'mysql-host': '', 'mysql-admin-user': '' });
    expect(message).toContain('Invalid settings (1):');
    expect(message).toContain('"postgres", from input mysql-provider, is not known: accepted is direct');
  });

  it('are a LaunchpadError', () => {
    expect(() => readSettings(given({}))).toThrow(LaunchpadError);
  });
});
