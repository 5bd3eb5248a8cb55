import { answersTo, type ManagedUser, rolesOn, startManagedMongodb } from './managed-mongodb.ts';

const managed = await startManagedMongodb();
const { atlas, settings } = managed.vendors;
const account = settings.mongodbAtlas;
afterAll(managed.stop);
afterEach(managed.endFaults);

const PASSWORD = 'the-password-of-config';
/** The older credentials: an API key and HTTP digests. */
const API_KEY = {
  ATLAS_CLIENT_ID: '',
  ATLAS_PUBLIC_KEY: account.LAUNCHPAD_ATLAS_PUBLIC_KEY ?? '',
  ATLAS_PRIVATE_KEY: account.LAUNCHPAD_ATLAS_PRIVATE_KEY ?? '',
};
const SCOPES = [{ name: account.LAUNCHPAD_ATLAS_CLUSTER_NAME ?? '', type: 'CLUSTER' as const }];

const userOf = (prefix: string, others: Readonly<Record<string, string>> = {}): ManagedUser =>
  managed.user(prefix, managed.atlas, { MONGODB_PASSWORD: PASSWORD, ...others });

async function succeeds(user: ManagedUser): Promise<string[]> {
  const writes = await managed.succeeds(user, atlas);
  expect(managed.secrets.kept(user.name).password).toBe(PASSWORD);
  return writes;
}

const patchOf = ({ name }: ManagedUser) => `PATCH /databaseUsers/admin/${name}`;

describe('a new user of a project of Atlas', () => {
  it.each([
    ['a service account', {}],
    ['an API key', API_KEY],
  ])('is made by %s for this cluster only, and a second run changes nothing', async (_, credentials) => {
    const user = userOf('fresh', credentials);
    expect(await succeeds(user)).toEqual(['POST /databaseUsers']);
    expect(atlas.users().get(user.name)).toMatchObject({ roles: rolesOn(user.databases), scopes: SCOPES });
    for (const database of user.databases) expect(await managed.collections(database)).toContain('launchpad_provision');
    expect(await succeeds(user)).toEqual([]);
  });

  it.each([{ propagationMs: 200 }, { propagationMs: 150, statusLags: 100 }])(
    'is waited for until the servers know it: %j',
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
      atlas.fault = answersTo('POST', '/databaseUsers', 'drop-after');
      await succeeds(userOf('lost'));
    },
  );

  it('is made once the API lets it: after 429 with Retry-After, and 500 twice', async () => {
    const error = (status: number, errorCode: string) => ({ status, body: { error: status, errorCode } });
    const limited = { ...error(429, 'RATE_LIMITED_TOKEN_BUCKET'), headers: { 'retry-after': '1' } };
    const broken = error(500, 'UNEXPECTED_ERROR');
    atlas.fault = answersTo('POST', '/databaseUsers', limited, broken, broken);
    expect(await succeeds(userOf('limited'))).toHaveLength(4);
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

describe('a user that exists', () => {
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
      { ATLAS_CLIENT_SECRET: 'mdb_sa_sk_wrong-one' },
      /401 /,
      /atlas-client-id and atlas-client-secret/,
    ],
    ['a wrong key', { ...API_KEY, ATLAS_PRIVATE_KEY: 'wrong-one' }, /401 /, /atlas-public-key and atlas-private-key/],
    ['a wrong project', { ATLAS_PROJECT_ID: 'f'.repeat(24) }, /GROUP_NOT_FOUND/, /atlas-project-id \(f{24}\)/],
    [
      'a wrong cluster',
      { ATLAS_CLUSTER_NAME: 'NoSuchCluster' },
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
      managed.endFaults();
      await succeeds(user);
    },
  );
});
