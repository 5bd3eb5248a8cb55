import type { Settings } from '../../src/core/settings.ts';
import { filesToWrite, keysToSet } from '../../src/instance/changes.ts';
import { parseOperatorKeys } from '../../src/instance/config/operator-keys.ts';
import { type InstanceFiles, planInstance } from '../../src/instance/plan.ts';
import { bytes, fixedSeed, NO_FILES, planContext, SETTINGS, text } from './given.ts';

const APPLICATION =
  'apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: school-production, namespace: argocd}\n' +
  'spec:\n  source: {repoURL: "git@github.com:example-org/cluster.git", path: instances/school/env, targetRevision: main}\n' +
  '  destination: {server: "https://kubernetes.default.svc", namespace: school}\n';
const CONFIG = `# The school
K8S_NAMESPACE: school   # its namespace
LMS_HOST: 'school.example.org'
SUFFIX: openedx
MYSQL_DATABASE: "school-{{ SUFFIX }}"
MYSQL_USERNAME: school
MYSQL_PASSWORD: first-password
MYSQL_HOST: mysql.example.org
MYSQL_PORT: 3306
MONGODB_DATABASE: school-openedx
FORUM_MONGODB_DATABASE: school-forum
MONGODB_USERNAME: school
MONGODB_PASSWORD: mongodb-password
MONGODB_HOST: mongodb.example.org
MONGODB_PORT: 27017
STORAGE_BUCKET_NAME: school-files
STORAGE_TYPE: s3
STORAGE_REGION: us-east-1
STORAGE_ENDPOINT_URL: "https://s3.example.org"
RUN_MYSQL: false
RUN_MONGODB: false
SMTP:
  host: mail.example.org
  port: 25
`;

const files: InstanceFiles = { ...NO_FILES, config: bytes(CONFIG), application: bytes(APPLICATION) };
const found = { mongodbPassword: 'mongodb-password', mysql: undefined, mongodb: undefined };
const configure = (config: string, settings: Settings = SETTINGS) =>
  planContext({ config: '', application: '' }, { settings, changes: parseOperatorKeys(config) });

/** config.yml after the keys are set. */
function configured(config: string, newest = CONFIG, settings: Settings = SETTINGS): string {
  const context = configure(config, settings);
  const plan = planInstance(files, fixedSeed(), context);
  return text(filesToWrite(plan, { ...files, config: bytes(newest) }, found, context).config);
}

describe('configure', () => {
  it('sets keys in place, appends those that are new, and changes no other byte', () => {
    const after = configured('LMS_HOST: learn.example.org\nMYSQL_PASSWORD: second-password\nNEW: [a, 1]\n');
    expect(after).toBe(
      `${CONFIG.replace("'school.example.org'", '"learn.example.org"').replace('first-password', '"second-password"')}NEW: ["a",1]\n`,
    );
    expect(configured('LMS_HOST: school.example.org\nRUN_MYSQL: false')).toBe(CONFIG);
  });

  it('provisions with the new values: the password, and the origins of the bucket', () => {
    const plan = planInstance(
      files,
      fixedSeed(),
      configure('LMS_HOST: learn.example.org\nMYSQL_PASSWORD: second-password'),
    );
    expect(plan.instance.mysql.password).toBe('second-password');
    expect(plan.instance.storage.corsOrigins).toEqual(
      ['learn', 'apps.learn'].flatMap((host) => [`https://${host}.example.org`, `http://${host}.example.org`]),
    );
    expect(keysToSet(plan, found)).toEqual(['LMS_HOST', 'MYSQL_PASSWORD']);
  });

  it('merges a mapping, as the workflow Update Instance does, and replaces a list', () => {
    expect(configured('SMTP: {port: 587, tls: {verify: true}}')).toContain(
      'SMTP: {"host":"mail.example.org","port":587,"tls":{"verify":true}}',
    );
    expect(configured('SMTP: {host: mail.example.org}')).toBe(CONFIG);
  });

  it('generates a password anew where its key is set to null', () => {
    const seed = fixedSeed();
    const context = configure('MYSQL_PASSWORD: null');
    const plan = planInstance(files, seed, context);
    const password = fixedSeed().password('MYSQL_PASSWORD');
    expect(plan.instance.mysql.password).toBe(password);
    expect(text(filesToWrite(plan, files, found, context).config)).toContain(`MYSQL_PASSWORD: "${password}"`);
    expect(keysToSet(plan, found)).toEqual(['MYSQL_PASSWORD']);
    expect(seed.used).toBe(true);
  });

  it.each([
    ['MYSQL_DATABASE: other', 'MYSQL_DATABASE: "school-openedx" would become "other"'],
    // A key that another one refers to, and one that is taken out.
    ['SUFFIX: other', 'MYSQL_DATABASE: "school-openedx" would become "school-other"'],
    ['MONGODB_DATABASE: null', 'MONGODB_DATABASE: "school-openedx" would become "launchpad-school-openedx"'],
    ['MYSQL_USERNAME: other', 'MYSQL_USERNAME: "school"'],
    ['FORUM_MONGODB_DATABASE: other', 'FORUM_MONGODB_DATABASE: "school-forum"'],
    ['MONGODB_USERNAME: other', 'MONGODB_USERNAME: "school"'],
    ['MONGODB_AUTH_SOURCE: school-openedx', 'MONGODB_AUTH_SOURCE: "admin" would become "school-openedx"'],
    ['MYSQL_HOST: other.example.org', 'MYSQL_HOST: "mysql.example.org"'],
    ['MONGODB_PORT: 27018', 'MONGODB_PORT: 27017 would become 27018'],
    ['STORAGE_BUCKET_NAME: other-files', 'the name of the bucket: "school-files"'],
    ['STORAGE_REGION: eu-west-1', 'the region of the bucket: "us-east-1"'],
    ['STORAGE_ENDPOINT_URL: "https://s3.example.com"', 'the endpoint of the storage: "https://s3.example.org"'],
    ['K8S_NAMESPACE: other', 'K8S_NAMESPACE: "school" would become "other"'],
    ['TUTOR_APP_NAME: other', 'TUTOR_APP_NAME: "school" would become "other"'],
  ])('refuses %s, which would leave data behind', (config, line) => {
    const seed = fixedSeed();
    expect(() => planInstance(files, seed, configure(config))).toThrow(
      expect.objectContaining({
        code: 'configure-refused',
        message: expect.stringContaining(`Input config changes what identifies instance school:\n  - ${line}`),
        remedy: expect.stringContaining('from-instance: school'),
      }),
    );
    expect(seed.used).toBe(false);
  });

  it('names all that is refused at once, and shows no password', () => {
    const api = { url: 'https://api.digitalocean.com', token: 'token' };
    const mongodb: Settings['mongodb'] = {
      ...{ provider: 'digitalocean', host: undefined, port: undefined, replicaSet: undefined, ca: undefined },
      ...{ api, clusterId: 'c' },
    };
    const change = () =>
      configured('MONGODB_PASSWORD: hunter2-hunter2\nMYSQL_USERNAME: a\nMYSQL_DATABASE: b', CONFIG, {
        ...SETTINGS,
        mongodb,
      });
    expect(change).toThrow(/MYSQL_DATABASE.*MYSQL_USERNAME.*MONGODB_PASSWORD: DigitalOcean's API generates it/s);
    expect(change).not.toThrow('hunter2');
  });

  it('commits nothing where a key that it sets was changed meanwhile; other changes stay', () => {
    const theirs = CONFIG.replace('school.example.org', 'theirs.example.org');
    expect(() => configured('LMS_HOST: learn.example.org', theirs)).toThrow(
      'instances/school/config.yml changed while provisioning (keys LMS_HOST): run again.',
    );
    expect(configured('LMS_HOST: theirs.example.org', theirs)).toBe(
      theirs.replace("'theirs.example.org'", "'theirs.example.org'"),
    );
    expect(configured('LMS_HOST: learn.example.org', `${CONFIG}THEIRS: 1\n`)).toContain('THEIRS: 1');
  });
});
