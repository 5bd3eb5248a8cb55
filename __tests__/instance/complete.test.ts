import type { Settings } from '../../src/core/settings.ts';
import { connectionEdits } from '../../src/instance/changes.ts';
import { completeInstance, secretsOf } from '../../src/instance/complete.ts';
import { changedKeys } from '../../src/instance/config/keys.ts';
import { limitName, parseInstanceName, requireNewName } from '../../src/instance/name.ts';
import { Seed } from '../../src/instance/new/seed.ts';
import { configOf, SETTINGS, fixedSeed as seed } from './given.ts';

const complete = (text: string, name = 'school') =>
  completeInstance({ name, config: configOf(text), settings: SETTINGS, seed: seed() });

describe('the name of an instance', () => {
  it.each(['my-school', 'a', 'a1', 'x'.repeat(40)])('may be %s', (name) => expect(parseInstanceName(name)).toBe(name));
  it.each([
    '',
    'My-School',
    '-a',
    'a-',
    'a_b',
    'a.b',
    'x'.repeat(64),
    'default',
    'kube-x',
    'openshift-x',
    '../x',
    'a/b',
  ])('may not be %j', (name) =>
    expect(() => parseInstanceName(name)).toThrow(`Input instance: ${JSON.stringify(name)}`),
  );
  it.each(['1a', 'x'.repeat(41), 'x'.repeat(63), 'argo', 'argocd', 'monitoring'])(
    'may be %j if the instance exists, and not for a new one',
    (name) => {
      expect(parseInstanceName(name)).toBe(name);
      expect(() => requireNewName(name)).toThrow(`Input instance: ${JSON.stringify(name)}`);
    },
  );
});

describe('an empty config.yml', () => {
  it('is completed by names that follow from the instance, hosts of the settings, and the seed', () => {
    const { instance, additions } = complete('');
    expect(instance).toEqual({
      name: 'school',
      mysql: {
        host: 'mysql.example.org',
        port: 3306,
        database: 'launchpad-school-openedx',
        username: 'launchpad-school',
        password: seed().password('MYSQL_PASSWORD'),
      },
      mongodb: {
        host: 'mongodb.example.org',
        port: 27017,
        database: 'launchpad-school-openedx',
        forumDatabase: 'launchpad-school-forum',
        username: 'launchpad-school',
        password: seed().password('MONGODB_PASSWORD'),
        authSource: 'admin',
        authMechanism: '',
        replicaSet: '',
        useSsl: undefined,
      },
      storage: {
        accessKey: { id: 'AK', secret: 'storage-secret' },
        corsOrigins: [],
        name: `launchpad-school-${seed().bucketSuffix()}`,
        type: 's3',
        region: 'us-east-1',
        endpointUrl: 'https://s3.example.org',
      },
    });
    expect(additions.get('MYSQL_PORT')).toBe('3306');
    expect(additions.get('STORAGE_ENDPOINT_URL')).toBe('https://s3.example.org');
  });

  it('gets the same values from the same seed, and others from another', () => {
    expect(complete('').instance).toEqual(complete('').instance);
    const other = completeInstance({ name: 'school', config: configOf(''), settings: SETTINGS, seed: Seed.random() });
    expect(other.instance.mysql.password).not.toBe(complete('').instance.mysql.password);
    expect(other.instance.mysql.password).not.toBe(other.instance.mongodb.password);
  });

  it('keeps every name within its limit, for the longest name of an instance', () => {
    const { instance } = complete('', 'a'.repeat(40));
    expect(instance.mysql.username).toMatch(/^launchpad--aaaa-[a-z2-7]{16}$/);
    expect(instance.mysql.username).toHaveLength(32);
    expect(instance.storage.name.length).toBeLessThanOrEqual(63);
    expect(instance.storage.name).toMatch(/-[0-9a-f]{7}$/);
    expect(limitName(`launchpad-${'a'.repeat(53)}`, 40)).toHaveLength(40);
  });
});

describe('a config.yml that says everything', () => {
  const full = `MYSQL_DATABASE: "db"\nMYSQL_USERNAME: "u"\nMYSQL_PASSWORD: "0123"\nMYSQL_HOST: mysql.example.org\nMYSQL_PORT: 3307
MONGODB_DATABASE: m\nFORUM_MONGODB_DATABASE: f\nMONGODB_USERNAME: mu\nMONGODB_PASSWORD: long-enough\nMONGODB_HOST: h\nMONGODB_PORT: "1"
MONGODB_USE_SSL: true\nMONGODB_REPLICA_SET: rs0\nMONGODB_AUTH_SOURCE: m\n
STORAGE_BUCKET_NAME: b-b\nSTORAGE_TYPE: s3\nSTORAGE_REGION: eu\nSTORAGE_ENDPOINT_URL: https://s3.example.org/\n`;

  it('gets nothing, and needs no seed', () => {
    const used = seed();
    const { additions, instance } = completeInstance({
      name: 'school',
      config: configOf(full),
      settings: SETTINGS,
      seed: used,
    });
    expect([...additions.keys()]).toEqual([]);
    expect(used.used).toBe(false);
    expect(instance.mongodb).toMatchObject({ useSsl: true, replicaSet: 'rs0', authSource: 'm', port: 1 });
    expect(instance.storage.endpointUrl).toBe('https://s3.example.org');
  });

  it('has its passwords masked, but no short one', () => {
    expect(secretsOf(complete(full).instance)).toEqual(['long-enough', 'storage-secret']);
  });
});

describe('the other spellings', () => {
  it('of MySQL are read, and used for what is added', () => {
    const { instance, additions } = complete('OPENEDX_MYSQL_DATABASE: edx\n');
    expect(instance.mysql.database).toBe('edx');
    expect([...additions.keys()].filter((key) => key.includes('MYSQL'))).toEqual([
      'OPENEDX_MYSQL_USERNAME',
      'OPENEDX_MYSQL_PASSWORD',
      'MYSQL_HOST',
      'MYSQL_PORT',
    ]);
  });

  it('of MySQL may both be there, if they say the same', () => {
    expect(complete('MYSQL_DATABASE: a\nOPENEDX_MYSQL_DATABASE: a\n').instance.mysql.database).toBe('a');
    expect(() => complete('MYSQL_DATABASE: a\nOPENEDX_MYSQL_DATABASE: b\n')).toThrow(
      'MYSQL_DATABASE and OPENEDX_MYSQL_DATABASE are different',
    );
  });

  it('of storage are those of tutor-contrib-s3', () => {
    const { instance, additions } = complete(
      'S3_STORAGE_BUCKET: media\nS3_HOST: s3.example.org\nS3_PORT: 9000\nS3_USE_SSL: false\n',
    );
    expect(instance.storage).toEqual({
      accessKey: { id: 'AK', secret: 'storage-secret' },
      corsOrigins: [],
      name: 'media',
      type: 's3',
      region: 'us-east-1',
      endpointUrl: 'http://s3.example.org:9000',
    });
    expect([...additions.keys()].filter((key) => /S3|STORAGE/.test(key))).toEqual(['S3_REGION']);
  });

  it('of storage: a host of DigitalOcean means Spaces', () => {
    expect(complete('S3_HOST: nyc3.digitaloceanspaces.com\nS3_REGION: nyc3\n').instance.storage).toMatchObject({
      type: 'spaces',
      endpointUrl: 'https://nyc3.digitaloceanspaces.com',
    });
  });

  it('of storage may both be there, if they say the same', () => {
    expect(() => complete('STORAGE_BUCKET_NAME: a\nS3_STORAGE_BUCKET: b\n')).toThrow('disagree on the bucket: a and b');
  });
});

describe('two readings of a file', () => {
  it('differ in the used keys that changed, and in no other', () => {
    const before = configOf('MYSQL_HOST: a\nLMS_HOST: x\nMONGODB_PORT: 1\nMONGODB_USE_SSL: true\n');
    const after = configOf(
      'MYSQL_HOST: "a"\nLMS_HOST: y\nMONGODB_PORT: "2"\nMONGODB_USE_SSL: false\nMYSQL_PASSWORD: new\n',
    );
    expect(changedKeys(before, after)).toEqual(['MYSQL_PASSWORD', 'MONGODB_PORT', 'MONGODB_USE_SSL']);
  });
});

describe('a vendor whose API reports the rest', () => {
  const atlas: Settings['mongodb'] = {
    provider: 'atlas',
    host: undefined,
    port: undefined,
    replicaSet: undefined,
    ca: undefined,
    api: { url: 'https://cloud.mongodb.com', credentials: { kind: 'digest', publicKey: 'p', privateKey: 'k' } },
    projectId: 'p',
    clusterName: 'c',
    connection: 'standard',
  };
  const digitalocean: Settings['mongodb'] = {
    provider: 'digitalocean',
    host: undefined,
    port: undefined,
    replicaSet: undefined,
    ca: undefined,
    api: { url: 'https://api.digitalocean.com', token: 't' },
    clusterId: 'c',
  };
  const completeWith = (mongodb: Settings['mongodb'], text = '') =>
    completeInstance({
      name: 'school',
      config: configOf(text),
      settings: { ...SETTINGS, mongodb },
      seed: Seed.random(),
    });

  it('leaves host and port to it, and for DigitalOcean the password', () => {
    const { instance, additions } = completeWith(atlas);
    expect(instance.mongodb).toMatchObject({ host: undefined, port: undefined, useSsl: undefined });
    expect(instance.mongodb.password).toMatch(/^[A-Za-z][\w-]{31}$/);
    expect([...additions.keys()].filter((key) => /^MONGODB_(HOST|PORT)/.test(key))).toEqual([]);
    expect(completeWith(digitalocean).instance.mongodb.password).toBeUndefined();
    expect(completeWith(digitalocean).additions.has('MONGODB_PASSWORD')).toBe(false);
    expect(completeWith(digitalocean, 'MONGODB_PASSWORD: "from-the-file"\n').instance.mongodb.password).toBe(
      'from-the-file',
    );
  });

  it('then gets into config.yml what the file does not say, booleans as booleans', () => {
    const config = configOf('MONGODB_PORT: "27018"\n');
    const { instance } = completeWith(atlas, 'MONGODB_PORT: "27018"\n');
    const mongodb = { host: 'mongodb+srv://c.abc.mongodb.net', port: 27017, replicaSet: 'rs0', useSsl: true };
    const edits = connectionEdits(config, instance, { mysql: undefined, mongodb });
    expect(Buffer.from(config.edit(edits)).toString('utf8')).toBe(
      'MONGODB_PORT: "27018"\nMONGODB_HOST: "mongodb+srv://c.abc.mongodb.net"\nMONGODB_REPLICA_SET: "rs0"\nMONGODB_USE_SSL: true\n',
    );
  });
});

describe('storage', () => {
  const withoutKey = { ...SETTINGS, storage: { ...SETTINGS.storage, accessKey: undefined } };
  const completeWithout = (text: string) =>
    completeInstance({ name: 'school', config: configOf(text), settings: withoutKey, seed: Seed.random() }).instance
      .storage;

  it("has config.yml's access key where the settings have none", () => {
    const text = 'OPENEDX_AWS_ACCESS_KEY: "AKIA1"\nOPENEDX_AWS_SECRET_ACCESS_KEY: "secret-1"\n';
    expect(completeWithout(text).accessKey).toEqual({ id: 'AKIA1', secret: 'secret-1' });
    expect(() => completeWithout('OPENEDX_AWS_ACCESS_KEY: "AKIA1"\n')).toThrow('No access key for the bucket');
  });

  it('is open to the browsers of the LMS and the CMS', () => {
    const hosts = 'LMS_HOST: "school.example.org"\nCMS_HOST: "studio.{{ LMS_HOST }}"\n';
    expect(complete(`${hosts}ENABLE_HTTPS: yes\n`).instance.storage.corsOrigins).toEqual([
      'https://school.example.org',
      'https://studio.school.example.org',
      'https://apps.school.example.org',
    ]);
    expect(complete(`${hosts}ENABLE_HTTPS: false\n`).instance.storage.corsOrigins[0]).toBe('http://school.example.org');
    expect(complete(hosts).instance.storage.corsOrigins).toHaveLength(6);
  });

  it('is open to the browsers of micro frontends and of further domains', () => {
    const text = `ENABLE_HTTPS: true
LMS_HOST: "school.example.org"
MFE_HOST: "mfe.{{ LMS_HOST }}"
GROVE_ADDITIONAL_DOMAINS:
- domain: Example.net
  external_key: example.net
  proxy: lms:8000
  mfe_domain: apps.example.net
- domain: studio.example.net
  mfe_domain: apps.example.net
  proxy: cms:8000
- domain: apps.example.net
  mfe_proxy: mfe:8002
- uni.{{ LMS_HOST }}
DRYDOCK_INGRESS_LMS_EXTRA_HOSTS: ["*.tenants.example.org", "schüler.example.org"]
DRYDOCK_INGRESS_EXTRA_HOSTS: ["forum.example.org:8443"]
`;
    expect(complete(text).instance.storage.corsOrigins).toEqual([
      'https://school.example.org',
      'https://mfe.school.example.org',
      'https://example.net',
      'https://apps.example.net',
      'https://studio.example.net',
      'https://uni.school.example.org',
      'https://*.tenants.example.org',
      'https://xn--schler-5ya.example.org',
      'https://forum.example.org:8443',
    ]);
  });

  it.each([
    'MFE_HOST: "{{ MFE_HOST | lower }}"',
    'GROVE_ADDITIONAL_DOMAINS: "{{ DOMAINS }}"',
    'GROVE_ADDITIONAL_DOMAINS: [7, {domain: 7}, {domain: "a.example.net/b"}, "", "a b", "a@b", "a,b", "*.*.net", "{{ A }}"]',
    'DRYDOCK_INGRESS_EXTRA_HOSTS: {a: b}',
  ])('leaves out what is no host, or only Tutor can render: %s', (line) => {
    const { corsOrigins } = complete(`ENABLE_HTTPS: true\nCMS_HOST: "studio.example.org"\n${line}\n`).instance.storage;
    expect(corsOrigins).toEqual(['https://studio.example.org']);
  });
});
