import { readFile } from 'node:fs/promises';
import { type InstanceFiles, planInstance } from '../../src/instance/plan.ts';
import { keysToCome, plannedFiles } from '../../src/instance/planned-files.ts';
import { bytes, fixedSeed, NO_FILES, planContext, SETTINGS } from './given.ts';

const PATH = 'instances/school/config.yml';
let application = '';
beforeAll(async () => {
  application = await readFile('templates/instance/application.yml', 'utf8');
});

function planned(files: Partial<InstanceFiles>, template = '') {
  const seed = fixedSeed();
  const context = planContext({ config: template, application });
  const plan = planInstance({ ...NO_FILES, ...files }, seed, context);
  const secrets = [plan.instance.mysql.password, plan.instance.mongodb.password ?? '', ...seed.passwords];
  return { plan, secrets, files: plannedFiles(plan, context, { secrets, replacements: new Map() }) };
}

/** A config.yml that lacks nothing but what a test takes from it. */
const COMPLETE = `RUN_MYSQL: false
RUN_MONGODB: false
# Our school
MYSQL_DATABASE: "a_db"
MYSQL_USERNAME: "a_user"
MYSQL_PASSWORD: "mysql-password-1" # since March
MYSQL_HOST: "mysql.example.org"
MYSQL_PORT: "3306"
MONGODB_DATABASE: "b_db"
FORUM_MONGODB_DATABASE: "b_forum"
MONGODB_USERNAME: "b_user"
MONGODB_PASSWORD: "mongodb-password-2"
MONGODB_HOST: "mongodb.example.org"
MONGODB_PORT: "27017"
STORAGE_BUCKET_NAME: "school-bucket"
STORAGE_TYPE: "s3"
STORAGE_REGION: "us-east-1"
STORAGE_ENDPOINT_URL: "https://s3.example.org"
`;

describe('the diff of config.yml', () => {
  it('is empty where the file is complete', () => {
    expect(planned({ config: bytes(COMPLETE) }).files[0]).toEqual({ path: PATH, state: 'unchanged', diff: '' });
  });

  it('has the lines that change and three around them, and no secret', () => {
    const config = COMPLETE.replace('MYSQL_DATABASE: "a_db"', 'MYSQL_DATABASE:').replace(/^STORAGE_ENDPOINT.*\n/m, '');
    expect(planned({ config: bytes(config) }).files[0]).toEqual({
      path: PATH,
      state: 'change',
      diff: `--- a/${PATH}
+++ b/${PATH}
@@ -1,7 +1,7 @@
 RUN_MYSQL: false
 RUN_MONGODB: false
 # Our school
-MYSQL_DATABASE:
+MYSQL_DATABASE: "launchpad-school-openedx"
 MYSQL_USERNAME: "a_user"
 MYSQL_PASSWORD: ***
 MYSQL_HOST: "mysql.example.org"
@@ -15,3 +15,4 @@
 STORAGE_BUCKET_NAME: "school-bucket"
 STORAGE_TYPE: "s3"
 STORAGE_REGION: "us-east-1"
+STORAGE_ENDPOINT_URL: "https://s3.example.org"`,
    });
  });

  it('shows that a secret is set, on a line of its own, and not the secret', () => {
    const config = COMPLETE.replace('"mongodb-password-2"', '');
    const { files, secrets } = planned({ config: bytes(config) });
    expect(files[0]?.diff).toContain('\n-MONGODB_PASSWORD:\n+MONGODB_PASSWORD: ***\n');
    expect(secrets.filter((secret) => files[0]?.diff.includes(secret))).toEqual([]);
  });

  it('says of a file without a line end at its end that it has none', () => {
    const { files } = planned({ config: bytes('LMS_HOST: "a.example.org"') });
    expect(files[0]?.diff).toContain('-LMS_HOST: "a.example.org"\n\\ No newline at end of file\n+LMS_HOST');
  });

  it('is the whole file where there is none, without the values that the template generated, under any key', () => {
    const template = [
      'CACHE: "redis://{{ generate_password() }}@cache"',
      'ODD: "{{ generate_password() }}"',
      'PASS: {{ "x" }}',
      '',
    ].join('\n');
    const { files, secrets } = planned({}, template);
    expect(files[0]).toMatchObject({ state: 'create' });
    const head = `--- /dev/null\n+++ b/${PATH}\n@@ -0,0 +1,20 @@\n+CACHE: "redis://***@cache"\n+ODD: "***"\n+PASS: ***\n`;
    expect(files[0]?.diff.startsWith(head)).toBe(true);
    expect(secrets.length).toBeGreaterThanOrEqual(4);
    expect(secrets.filter((secret) => files[0]?.diff.includes(secret))).toEqual([]);
  });
});

it('application.yml is made where there is none, and left where there is one', () => {
  const { plan, files } = planned({ config: bytes(COMPLETE) });
  expect(files[1]).toMatchObject({ path: 'instances/school/application.yml', state: 'create' });
  expect(files[1]?.diff).toContain('+  name: "school-production"');
  expect(planned({ config: bytes(COMPLETE), application: plan.application }).files[1]?.state).toBe('unchanged');
});

it("keys that only a vendor's API knows are those that config.yml lacks", () => {
  const api = { url: 'https://api.example.org', token: 'token' };
  const { adminUser, adminPassword, sslMode, ca } = SETTINGS.mysql;
  const mysql = {
    provider: 'digitalocean' as const,
    api,
    clusterId: 'c',
    host: undefined,
    port: undefined,
    adminUser,
    adminPassword,
    sslMode,
    ca,
  };
  const { plan } = planned({ config: bytes(COMPLETE) });
  const unknown = { ...plan.instance, mysql: { ...plan.instance.mysql, host: undefined } };
  expect(keysToCome({ ...plan, instance: unknown }, { ...SETTINGS, mysql })).toEqual(['MYSQL_HOST']);
  expect(keysToCome({ ...plan, instance: unknown }, SETTINGS)).toEqual([]);
});
