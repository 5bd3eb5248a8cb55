import type { Settings } from '../../../src/core/settings.ts';
import { completeInstance } from '../../../src/instance/complete.ts';
import { checkInstance } from '../../../src/instance/guards/guards.ts';
import {
  type OtherInstance,
  readNeighbours,
  unreadableNeighbours,
} from '../../../src/instance/guards/neighbour-guards.ts';
import { defaultNames } from '../../../src/instance/name.ts';
import { Seed } from '../../../src/instance/new/seed.ts';
import { configOf, SETTINGS } from '../given.ts';

const other = (name: string, text: string): OtherInstance => ({ name, bytes: new TextEncoder().encode(text) });

function check(text: string, others: readonly OtherInstance[] = [], settings: Settings = SETTINGS): void {
  const config = configOf(text);
  const { instance } = completeInstance({ name: 'school', config, settings, seed: Seed.random() });
  checkInstance({ instance, config, settings, others: readNeighbours(others), preview: undefined });
}

it('lets an instance have its defaults, and names of its own', () => {
  expect(() => check('')).not.toThrow();
  expect(() =>
    check('MYSQL_DATABASE: my_db\nMYSQL_HOST: MYSQL.example.org.\nK8S_NAMESPACE: school\n', [other('b', '')]),
  ).not.toThrow();
});

it.each([
  [
    'MYSQL_HOST: evil.example.com\n',
    'MYSQL_HOST is "evil.example.com", but the admin\'s credentials are for "mysql.example.org"',
  ],
  ['MYSQL_PORT: 3307\n', 'MYSQL_PORT is 3307'],
  ['MONGODB_HOST: evil.example.com\n', 'MONGODB_HOST is "evil.example.com"'],
  ['MONGODB_PORT: 1\n', 'MONGODB_PORT is 1'],
  ['STORAGE_ENDPOINT_URL: https://evil.example.com\n', 'the storage endpoint is https://evil.example.com'],
  ['STORAGE_TYPE: spaces\n', 'STORAGE_TYPE is "spaces"'],
  ['STORAGE_REGION: "evil.com/#"\n', 'the storage region'],
  ['K8S_NAMESPACE: another\n', 'K8S_NAMESPACE is "another", so the file is that of another instance'],
  ['TUTOR_APP_NAME: another\n', 'TUTOR_APP_NAME is "another"'],
  ['MYSQL_DATABASE: MySQL\n', "MYSQL_DATABASE is MySQL, a database of the server's own"],
  ['MYSQL_DATABASE: "a`; DROP"\n', 'is not a valid name of a database'],
  ['MONGODB_DATABASE: admin\n', 'MONGODB_DATABASE is admin'],
  ['FORUM_MONGODB_DATABASE: config\n', 'FORUM_MONGODB_DATABASE is config'],
  ['MONGODB_DATABASE: same\nFORUM_MONGODB_DATABASE: Same\n', 'are both same'],
  ['MYSQL_USERNAME: Boss\n', 'MYSQL_USERNAME is Boss, the admin of the settings'],
  ['MYSQL_USERNAME: root\n', 'MYSQL_USERNAME is root'],
  [`MYSQL_USERNAME: ${'u'.repeat(33)}\n`, 'is not a valid name of a user'],
  ['MONGODB_USERNAME: doadmin\n', 'MONGODB_USERNAME is doadmin'],
  ['MONGODB_AUTH_SOURCE: local\n', 'MONGODB_AUTH_SOURCE is "local"'],
  ['STORAGE_BUCKET_NAME: Not_Valid\n', 'the bucket\'s name "Not_Valid" is not allowed'],
  ['STORAGE_BUCKET_NAME: 192.168.1.1\n', 'is not allowed'],
])('refuses %j', (text, message) => {
  expect(() => check(text)).toThrow(message);
});

it.each([
  ['MYSQL_DATABASE: taken\n', 'MYSQL_DATABASE: Taken\n', 'the MySQL database taken belongs to instance b'],
  ['MYSQL_DATABASE: taken\n', 'OPENEDX_MYSQL_DATABASE: taken\n', 'the MySQL database taken belongs to instance b'],
  ['MYSQL_USERNAME: taken\n', 'MYSQL_USERNAME: taken\n', 'the MySQL user taken'],
  ['FORUM_MONGODB_DATABASE: taken\n', 'MONGODB_DATABASE: taken\n', 'the MongoDB database taken'],
  ['MONGODB_USERNAME: taken\n', 'MONGODB_USERNAME: taken\n', 'the MongoDB user taken'],
  ['STORAGE_BUCKET_NAME: taken\n', 'S3_STORAGE_BUCKET: taken\n', 'the bucket taken'],
  ['MYSQL_DATABASE: launchpad-b-openedx\n', '', 'the MySQL database launchpad-b-openedx belongs to instance b'],
  ['MYSQL_DATABASE: taken\n', 'broken: [\nMYSQL_DATABASE: taken\n', 'the MySQL database taken belongs to instance b'],
])("refuses what another instance's config.yml names: %j of %j", (text, theirs, message) => {
  expect(() => check(text, [other('b', theirs)])).toThrow(message);
});

it('refuses the default names of another instance, also where they were cut to a limit', () => {
  const long = 'b'.repeat(40);
  const user = defaultNames(long).mysqlUser;
  expect(user).toHaveLength(32);
  expect(() => check(`MYSQL_USERNAME: ${user}\n`, [other(long, '')])).toThrow(
    `the MySQL user ${user} belongs to instance ${long}`,
  );
});

it('warns of a neighbour whose file is broken or a link, and protects its default names', () => {
  const others = [other('b', 'broken: ['), { name: 'c', bytes: undefined }, other('d', 'A: b\n')];
  expect(unreadableNeighbours(readNeighbours(others), (name) => `instances/${name}/config.yml`)).toEqual([
    expect.stringContaining('instances/b/config.yml cannot be read'),
    expect.stringContaining('instances/c/config.yml cannot be read'),
  ]);
  expect(() => check('MYSQL_DATABASE: launchpad-c-openedx\n', others)).toThrow('belongs to instance c');
  expect(() => check('', others)).not.toThrow();
});

it('keeps the names of a neighbour, and its text only where it cannot be read', () => {
  const kept = readNeighbours([other('b', 'MYSQL_DATABASE: taken\n'), other('c', 'broken: [')]);
  expect(kept.map(({ names, text }) => [names.get('MySQL database'), text])).toEqual([
    [['taken'], undefined],
    [undefined, 'broken: ['],
  ]);
});

it('does not let a broken neighbour stand in the way', () => {
  expect(() => check('', [other('b', 'broken: [\nMYSQL_DATABASE: launchpad-school-openedx2\n')])).not.toThrow();
});

it('lists all that is wrong in one error, and no secret', () => {
  let message = '';
  try {
    check('MYSQL_HOST: evil\nMONGODB_DATABASE: admin\nK8S_NAMESPACE: b\nMYSQL_PASSWORD: hidden-secret\n');
  } catch (error) {
    message = String(error);
  }
  expect(message.match(/^ {2}- /gm)).toHaveLength(3);
  expect(message).not.toContain('hidden-secret');
});

it('takes the endpoint of any region for Spaces, and none for AWS', () => {
  const spaces: Settings = {
    ...SETTINGS,
    storage: {
      ...SETTINGS.storage,
      type: 'spaces',
      region: 'nyc3',
      endpointUrl: 'https://nyc3.digitaloceanspaces.com',
    },
  };
  expect(() =>
    check(
      'STORAGE_TYPE: spaces\nSTORAGE_REGION: ams3\nSTORAGE_ENDPOINT_URL: https://ams3.digitaloceanspaces.com\n',
      [],
      spaces,
    ),
  ).not.toThrow();
  expect(() => check('STORAGE_ENDPOINT_URL: https://ams3.evil.com\n', [], spaces)).toThrow('the storage endpoint');
  const aws: Settings = { ...SETTINGS, storage: { ...SETTINGS.storage, endpointUrl: undefined } };
  expect(() => check('STORAGE_REGION: eu-west-1\n', [], aws)).not.toThrow();
  expect(() => check('S3_HOST: evil.com\n', [], aws)).toThrow('the storage endpoint is https://evil.com');
});
