import { generate } from 'selfsigned';
import {
  ATLAS_CLIENT_ID,
  ATLAS_CLUSTER_NAME,
  ATLAS_PROJECT_ID,
  DIGITALOCEAN_CLUSTER_ID,
  type IdForm,
} from '../../../src/core/vendor-ids.ts';
import { decodeRegistryCredentials, registryCredentials } from '../../../src/inputs/values/registry-credentials.ts';
import {
  certificates,
  choice,
  duration,
  environment,
  idOf,
  image,
  mongodbDatabase,
  port,
  region,
  replicaSet,
  repositoryDirectory,
  text,
} from '../../../src/inputs/values/values.ts';
import { messageThrownBy } from '../../action/given.ts';

const base64 = (value: string) => Buffer.from(value).toString('base64');

it('a port is a number from 1 to 65535', () => {
  expect(port('1')).toBe(1);
  expect(port('65535')).toBe(65_535);
  for (const wrong of ['0', '65536', '-1', '3306a', '3.5', '0x10', '1e3', ' ']) {
    expect(() => port(wrong)).toThrow('give a number from 1 to 65535');
  }
});

describe('a choice', () => {
  const provider = choice({ direct: 'direct', direct_sql: 'direct' });

  it('takes other spellings for the value that they mean', () => {
    expect(provider('direct_sql')).toBe('direct');
    expect(provider('Direct')).toBe('direct');
  });

  it('says what is accepted', () => {
    expect(() => provider('postgres')).toThrow('is not known: accepted is direct');
    expect(() => provider('constructor')).toThrow('is not known');
  });
});

describe('an identifier of a vendor', () => {
  const UUID = '9cc10173-e9ea-4176-9dbc-a4cee4c4ff30';
  const PROJECT = '32b6e34b3d91647abb20e7b8';
  it.each<[string, IdForm, readonly string[], readonly string[]]>([
    [
      "of DigitalOcean's cluster",
      DIGITALOCEAN_CLUSTER_ID,
      [UUID, UUID.toUpperCase()],
      ['db-mysql-nyc3-1', 'abc12345-xyz67890', `${UUID}/users`, `${UUID} `, UUID.replaceAll('-', '')],
    ],
    [
      'of a project of Atlas',
      ATLAS_PROJECT_ID,
      [PROJECT],
      ['your_project_id', 'Project 0', PROJECT.toUpperCase(), `${PROJECT}0`, `${PROJECT}/../x`],
    ],
    [
      'of a cluster of Atlas',
      ATLAS_CLUSTER_NAME,
      ['Cluster0', 'my-cluster'],
      ['-a', 'a_b', 'a b', 'a/b', 'a'.repeat(65)],
    ],
    [
      'of a service account of Atlas',
      ATLAS_CLIENT_ID,
      [`mdb_sa_id_${PROJECT}`],
      [`mdb_sa_sk_${PROJECT}`, PROJECT, 'mdb_sa_id_', 'your_client_id'],
    ],
  ])('%s has its form', (_, form, right, wrong) => {
    const parse = idOf(form, 'an ID');
    for (const value of right) expect(parse(value)).toBe(value);
    for (const value of wrong) expect(() => parse(value)).toThrow(`is not an ID: give ${form.looks}`);
  });
});

it('text has no line breaks', () => {
  expect(text('pa ss')).toBe('pa ss');
  expect(() => text('pa\nss')).toThrow('line breaks');
});

describe('a certificate authority', () => {
  let pem = '';
  let key = '';
  beforeAll(async () => {
    const pair = await generate([{ name: 'commonName', value: 'test' }]);
    [pem, key] = [pair.cert, pair.private];
  });

  it('is one certificate or several, with whatever stands around them', () => {
    expect(certificates(pem)).toContain('-----BEGIN CERTIFICATE-----');
    expect(certificates(`# ours\r\n${pem.replaceAll('\n', '\r\n')}\n${pem}`).match(/BEGIN CERTIFICATE/g)).toHaveLength(
      2,
    );
    expect(certificates(pem.replaceAll('\n', '\r\n'))).not.toContain('\r');
  });

  it('is not a text without a certificate, a damaged one, or one with its line breaks written out', () => {
    expect(() => certificates('/etc/ssl/ca.pem')).toThrow('is not PEM');
    expect(() => certificates(pem.trim().replaceAll('\n', '\\n'))).toThrow('real line breaks');
    const lines = pem.split('\n');
    expect(() => certificates([pem, ...lines.slice(0, 3), ...lines.slice(5)].join('\n'))).toThrow('certificate 2 of 2');
  });

  it('is never a private key', () => {
    expect(() => certificates(`${key}\n${pem}`)).toThrow('holds a private key');
  });
});

it('a region has lower-case letters, digits and hyphens', () => {
  for (const fine of ['nyc3', 'us-east-1', 'eu-central-003']) expect(region(fine)).toBe(fine);
  for (const wrong of ['NYC3', 'us_east_1', '-a', 'a-', 'a--b', 'us east']) expect(() => region(wrong)).toThrow('nyc3');
});

it('an environment is a DNS label of at most 22 characters', () => {
  for (const fine of ['production', 'a', 'stage-2', 'a'.repeat(22)]) expect(environment(fine)).toBe(fine);
  for (const wrong of ['Production', 'a'.repeat(23), '-a', 'a-', 'a.b']) {
    expect(() => environment(wrong)).toThrow('is not an environment');
  }
});

describe("a directory of the repository's", () => {
  it.each([
    ['instances', 'instances'],
    ['instances/', 'instances'],
    ['./deploy//instances/', 'deploy/instances'],
  ])('%s means %s', (value, directory) => {
    expect(repositoryDirectory(value)).toBe(directory);
  });

  it.each(['/instances', '../instances', 'a/../b', '.', '/', '.git/hooks', 'a/.GIT', 'a b', '-x', ':(top)x', 'a\\b'])(
    'is not %s',
    (value) => {
      expect(() => repositoryDirectory(value)).toThrow('is not a directory of the repository');
    },
  );
});

it('an image is a reference with or without host, tag and digest', () => {
  for (const fine of [
    'node',
    'node:24-alpine',
    'ghcr.io/org/node:24',
    'localhost:5000/node',
    `registry.example.org/a/b__c/d@sha256:${'0'.repeat(64)}`,
  ]) {
    expect(image(fine)).toBe(fine);
  }
  for (const wrong of ['Node:24', 'node:', 'node 24', 'https://ghcr.io/org/node', '/node', 'node@sha256:0']) {
    expect(() => image(wrong)).toThrow('is not an image');
  }
});

it('names of MongoDB have no characters that MongoDB refuses', () => {
  expect(mongodbDatabase('admin')).toBe('admin');
  expect(replicaSet('rs-0.a_b')).toBe('rs-0.a_b');
  for (const wrong of ['a/b', 'a.b', 'a b', '$external', 'a'.repeat(64)])
    expect(() => mongodbDatabase(wrong)).toThrow();
  for (const wrong of ['rs 0', 'rs0&tls=false', 'rs0?x']) expect(() => replicaSet(wrong)).toThrow('replica set');
});

describe('a duration', () => {
  it.each([
    ['10m', 600_000],
    ['90s', 90_000],
    ['1h30m', 5_400_000],
    ['1.5h', 5_400_000],
    ['1500ms', 1_500],
    ['1s', 1_000],
    ['24h', 86_400_000],
  ])('%s is %d ms', (value, milliseconds) => {
    expect(duration(value)).toBe(milliseconds);
  });

  it.each([
    ['600', 'has no unit: give a duration such as "600s"'],
    ['999ms', 'from 1s to 24h'],
    ['25h', 'from 1s to 24h'],
    ['0s', 'from 1s to 24h'],
    ['-5m', 'is not a duration'],
    ['10 m', 'is not a duration'],
    ['ten minutes', 'is not a duration'],
    ['1d', 'is not a duration'],
  ])('%s is refused', (value, message) => {
    expect(() => duration(value)).toThrow(message);
  });
});

describe('registry credentials', () => {
  it('are base64 of user and password, which may have colons', () => {
    expect(decodeRegistryCredentials(base64('bot:se:cret'))).toEqual({ username: 'bot', password: 'se:cret' });
  });

  it('are forgiven the line breaks that echo and base64 make', () => {
    const long = base64(`bot:${'x'.repeat(100)}\n`);
    const wrapped = long.replace(/.{76}/g, '$&\n');
    expect(wrapped).toContain('\n');
    expect(registryCredentials(wrapped)).toBe(base64(`bot:${'x'.repeat(100)}`));
  });

  it.each([
    ['bot:hunter2', 'seems to be plain text'],
    ['base64-encoded user:password', 'is not base64'],
    ['not/base64!', 'is not base64'],
    [base64('no colon'), 'not of "user:password"'],
    [base64(':hunter2'), 'not of "user:password"'],
    [base64('bot:'), 'not of "user:password"'],
  ])('are not %s', (value, message) => {
    const thrown = messageThrownBy(() => registryCredentials(value));
    expect(thrown).toContain(message);
    expect(thrown).not.toContain('hunter2');
  });
});
