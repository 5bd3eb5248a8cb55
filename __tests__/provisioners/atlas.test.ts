import type { HttpFault } from '../../sandbox/vendors/http-api.ts';
import { type ManagedUser, requestsDuring, startManagedMongodb, writesIn } from './managed-mongodb.ts';

const managed = await startManagedMongodb();
const { atlas, settings: vendorSettings } = managed.vendors;
const account = vendorSettings.mongodbAtlas;
const clusterName = account.LAUNCHPAD_ATLAS_CLUSTER_NAME ?? '';
const usual = { ...atlas.behaviour };
afterAll(() => managed.stop());
afterEach(() => {
  Object.assign(atlas.behaviour, usual);
  atlas.fault = undefined;
});

const PASSWORD = 'the-password-of-config';
const SERVICE_ACCOUNT = {
  ATLAS_CLIENT_ID: account.LAUNCHPAD_ATLAS_CLIENT_ID ?? '',
  ATLAS_CLIENT_SECRET: account.LAUNCHPAD_ATLAS_CLIENT_SECRET ?? '',
};
/** The older way: an API key and HTTP digests. */
const API_KEY = {
  ATLAS_PUBLIC_KEY: account.LAUNCHPAD_ATLAS_PUBLIC_KEY ?? '',
  ATLAS_PRIVATE_KEY: account.LAUNCHPAD_ATLAS_PRIVATE_KEY ?? '',
};

const userOf = (prefix: string, credentials: Readonly<Record<string, string>> = SERVICE_ACCOUNT): ManagedUser =>
  managed.user(prefix, {
    MONGODB_PROVIDER: 'atlas',
    VENDOR_API_URL: atlas.url,
    ATLAS_PROJECT_ID: account.LAUNCHPAD_ATLAS_PROJECT_ID ?? '',
    ATLAS_CLUSTER_NAME: clusterName,
    MONGODB_PASSWORD: PASSWORD,
    ...credentials,
  });

const rolesOn = (databases: readonly string[], roleName: 'read' | 'readWrite' = 'readWrite') =>
  databases.map((databaseName) => ({ databaseName, roleName }));
const SCOPES = [{ name: clusterName, type: 'CLUSTER' as const }];

/** Runs the provisioner to its success. @returns what it changed by the API */
async function succeeds(user: ManagedUser): Promise<string[]> {
  const requests = await requestsDuring(atlas, async () => {
    const { code, error } = await managed.run(user);
    expect(error).toBeUndefined();
    expect(code).toBe(0);
  });
  expect(await managed.works(user)).toBe(true);
  expect(managed.secrets.kept(user.name).password).toBe(PASSWORD);
  return writesIn(requests);
}

const patchOf = ({ name }: ManagedUser) => `PATCH /databaseUsers/admin/${name}`;

/** Answers in turn to the POSTs of users. */
function answerUsers(...answers: (HttpFault | undefined)[]): void {
  atlas.fault = (method, path) => (method === 'POST' && path.endsWith('/databaseUsers') ? answers.shift() : undefined);
}

describe('a new user of a project of Atlas', () => {
  it.each([
    ['a service account', SERVICE_ACCOUNT],
    ['an API key', API_KEY],
  ])('is made by %s for this cluster only, and a second run changes nothing', async (_, credentials) => {
    const user = userOf('fresh', credentials);
    expect(await succeeds(user)).toEqual(['POST /databaseUsers']);
    expect(atlas.users().get(user.name)).toMatchObject({ roles: rolesOn(user.databases), scopes: SCOPES });
    expect(await succeeds(user)).toEqual([]);
  });

  it.each([{ propagationMs: 800 }, { propagationMs: 500, statusLags: 300 }])(
    'is waited for until it has come about: %j',
    async (behaviour) => {
      Object.assign(atlas.behaviour, behaviour);
      const user = userOf('slow');
      expect(await succeeds(user)).toEqual(['POST /databaseUsers']);
      expect(await succeeds(user)).toEqual([]);
    },
  );

  it.each(['USER_ALREADY_EXISTS', 'SOMETHING_ELSE'])(
    'is taken for made where the answer was lost (409 %s at the next try)',
    async (existingErrorCode) => {
      atlas.behaviour.existingErrorCode = existingErrorCode;
      answerUsers('drop-after');
      await succeeds(userOf('lost'));
    },
  );

  it('is made once the API lets it: after 429 with Retry-After, and 500 twice', async () => {
    const error = (status: number, errorCode: string) => ({ status, body: { error: status, errorCode } });
    const limited = { ...error(429, 'RATE_LIMITED_TOKEN_BUCKET'), headers: { 'retry-after': '1' } };
    const started = Date.now();
    answerUsers(limited, error(500, 'UNEXPECTED_ERROR'), error(500, 'UNEXPECTED_ERROR'));
    expect(await succeeds(userOf('limited'))).toHaveLength(4);
    expect(Date.now() - started).toBeGreaterThanOrEqual(1_000);
  });

  it('is picked up where a pod made it and was killed', async () => {
    const user = userOf('killed');
    const pod = managed.start(user);
    atlas.fault = (method, path) => {
      if (method !== 'POST' || !path.endsWith('/databaseUsers')) return undefined;
      pod.kill('SIGKILL');
      return 'drop-after';
    };
    expect((await pod.done).code).not.toBe(0);
    atlas.fault = undefined;
    expect(await succeeds(user)).toEqual([]);
  });
});

describe('a user that is there', () => {
  it('gets the password of config.yml where that does not log in, and only then', async () => {
    const user = userOf('changed');
    await atlas.addUser(user.name, 'somebody-changed-it', rolesOn(user.databases), SCOPES);
    expect(await succeeds(user)).toEqual([patchOf(user)]);
    expect(await succeeds(user)).toEqual([]);
  });

  it.each([
    ['may only read', 'read', 2],
    ['has one database', 'readWrite', 1],
  ] as const)('is given what it lacks where it %s, and loses nothing', async (_, roleName, count) => {
    const user = userOf('lacking');
    const own = rolesOn(user.databases, roleName).slice(0, count);
    const foreign = { databaseName: 'reports', roleName: 'read' };
    await atlas.addUser(user.name, PASSWORD, [...own, foreign], SCOPES);
    expect(await succeeds(user)).toEqual([patchOf(user)]);
    const roles = atlas.users().get(user.name)?.roles ?? [];
    expect(roles).toEqual(expect.arrayContaining([...own, foreign, ...rolesOn(user.databases)]));
  });

  it('is left alone where it may use every cluster, and gets this one where it is limited to others', async () => {
    const everywhere = userOf('everywhere');
    await atlas.addUser(everywhere.name, PASSWORD, rolesOn(everywhere.databases), []);
    expect(await succeeds(everywhere)).toEqual([]);
    const limited = userOf('limited');
    const other = { name: 'OtherCluster', type: 'CLUSTER' as const };
    await atlas.addUser(limited.name, PASSWORD, rolesOn(limited.databases), [other]);
    expect(await succeeds(limited)).toEqual([patchOf(limited)]);
    expect(atlas.users().get(limited.name)?.scopes).toEqual([other, ...SCOPES]);
  });
});

describe('a call that is refused', () => {
  it.each([
    [
      'a wrong secret',
      { ...SERVICE_ACCOUNT, ATLAS_CLIENT_SECRET: 'mdb_sa_sk_wrong-one' },
      /401 /,
      /atlas-client-id and atlas-client-secret/,
    ],
    ['a wrong key', { ...API_KEY, ATLAS_PRIVATE_KEY: 'wrong-one' }, /401 /, /atlas-public-key and atlas-private-key/],
    [
      'a wrong project',
      { ...SERVICE_ACCOUNT, ATLAS_PROJECT_ID: 'f'.repeat(24) },
      /GROUP_NOT_FOUND/,
      /atlas-project-id \(f{24}\)/,
    ],
    [
      'a wrong cluster',
      { ...SERVICE_ACCOUNT, ATLAS_CLUSTER_NAME: 'NoSuchCluster' },
      /CLUSTER_NOT_FOUND/,
      /atlas-cluster-name \(NoSuchCluster\)/,
    ],
  ])('because of %s is an error that says what to set', async (_, credentials, message, hint) => {
    const { error, output } = await managed.run(userOf('refused', credentials));
    expect(error?.message).toMatch(message);
    expect(error?.hint).toMatch(hint);
    expect(output).not.toContain('wrong-one');
  });

  it.each([
    [
      'an address that is not on the access list',
      { isOnAccessList: false },
      /IP_ADDRESS_NOT_ON_ACCESS_LIST/,
      /API access list/,
    ],
    ['a key without rights', { isAllowed: false }, /USER_UNAUTHORIZED/, /Project Database Access Admin/],
    ['the limit of users', { userLimit: 0 }, /MAXIMUM_USERS_EXCEEDED/, /at most 100 database users/],
    [
      'a version that is switched off',
      { goneMediaType: 'application/vnd.atlas.2023-01-01+json' },
      /VERSION_GONE/,
      /newer version of the action/,
    ],
  ])(
    'because of %s is an error that says what to do, and a run after that succeeds',
    async (_, behaviour, message, hint) => {
      Object.assign(atlas.behaviour, behaviour);
      const user = userOf('refused');
      const { error } = await managed.run(user);
      expect(error?.message).toMatch(message);
      expect(error?.hint).toMatch(hint);
      Object.assign(atlas.behaviour, usual);
      await succeeds(user);
    },
  );
});
