import { AtlasCluster } from '../../src/provisioners/atlas/api.ts';
import { atlasServer } from '../../src/provisioners/atlas/cluster-server.ts';
import type { ConnectionKind } from '../../src/provisioners/atlas/described-cluster.ts';
import { DigitaloceanCluster } from '../../src/provisioners/digitalocean/api.ts';
import { managedMongodb } from '../../src/provisioners/digitalocean/mongodb-server.ts';
import { managedMysql, type RequestedMysqlServer } from '../../src/provisioners/digitalocean/mysql-server.ts';
import { chooseEndpoint, type Place, type RequestedServer, tlsOf } from '../../src/provisioners/endpoint.ts';
import type { Dns } from '../../src/provisioners/mongodb/server.ts';
import { failureOf, testPod } from './test-pod.ts';
import { API, answerApi, json, network } from './vendor-api.ts';

beforeAll(network.close);
afterEach(network.clear);
afterAll(network.restore);

const place = (host?: string, port?: number): Place => ({ host, port });
const NOWHERE = place();
const REFUSED = { code: 'host-refused' };

describe('chooseEndpoint', () => {
  const known = [
    { host: 'public.example.com', port: 25060 },
    { host: 'private.example.com', port: 25061 },
  ];
  const keys = { host: 'DB_HOST', port: 'DB_PORT' };
  const choose = (wanted: Place, trusted = NOWHERE, places = known) =>
    chooseEndpoint({ wanted, trusted, known: places, keys, source: "the vendor's API" });

  it.each([
    ['the first known place where nobody says', NOWHERE, NOWHERE, 'public.example.com', 25060],
    [
      'the known host that config.yml has, with its port',
      place('private.example.com'),
      NOWHERE,
      'private.example.com',
      25061,
    ],
    [
      'a known host in other letters, or with a dot',
      place('PUBLIC.Example.com.'),
      NOWHERE,
      'public.example.com',
      25060,
    ],
    ['a host with the scheme of DNS', place('mongodb+srv://public.example.com'), NOWHERE, 'public.example.com', 25060],
    ['a known host and port', place('public.example.com', 25060), NOWHERE, 'public.example.com', 25060],
    ['the host of the settings first', NOWHERE, place('trusted', 3306), 'trusted', 3306],
    ['a known port for the host of the settings', NOWHERE, place('trusted'), 'trusted', 25060],
    ['the host of the settings in config.yml', place('trusted', 3306), place('trusted', 3306), 'trusted', 3306],
    [
      'a known host beside that of the settings',
      place('private.example.com'),
      place('trusted', 1),
      'private.example.com',
      25061,
    ],
    [
      'the port of the settings for a known host',
      place('public.example.com', 1),
      place(undefined, 1),
      'public.example.com',
      1,
    ],
  ])('takes %s', (_, wanted, trusted, host, port) => {
    expect(choose(wanted, trusted)).toEqual({ host, port });
  });

  it('takes an IPv6 address', () => {
    const ipv6 = [{ host: '2001:db8::1', port: 25060 }];
    expect(choose(place('2001:DB8::1'), NOWHERE, ipv6)).toEqual({ host: '2001:db8::1', port: 25060 });
    expect(() => choose(place('2001:db8::2'), NOWHERE, ipv6)).toThrow(expect.objectContaining(REFUSED));
  });

  it.each([
    ['another host', place('evil.example.com')],
    ['a host that only begins like a known one', place('public.example.com.evil.example.com')],
    ['a host that only ends like a known one', place('evil-public.example.com')],
    ['a known host behind a user', place('mongodb://public.example.com@evil.example.com')],
    ['another port', place('public.example.com', 6666)],
    ['another port without a host', place(undefined, 6666)],
  ])('refuses %s', (_, wanted) => {
    expect(() => choose(wanted)).toThrow(expect.objectContaining(REFUSED));
    expect(() => choose(wanted, place('trusted', 3306))).toThrow(expect.objectContaining(REFUSED));
  });

  it('says what config.yml has and may have', () => {
    const message =
      'config.yml has DB_HOST "evil" and DB_PORT 1, but the vendor\'s API has trusted:3306 or public.example.com:25060 or private.example.com:25061.';
    const hint = expect.stringContaining('Remove DB_HOST and DB_PORT from config.yml');
    expect(() => choose(place('evil', 1), place('trusted', 3306))).toThrow(
      expect.objectContaining({ ...REFUSED, message, host: 'evil', hint }),
    );
  });

  it('refuses everything where no place is known', () => {
    expect(() => choose(NOWHERE, NOWHERE, [])).toThrow(expect.objectContaining(REFUSED));
  });
});

const REQUESTED = { wanted: NOWHERE, trusted: NOWHERE, ca: undefined };

/** A managed cluster of which the API says this, and whose authority is `the authority`. */
function clusterOf(database: object): DigitaloceanCluster {
  const authority = json(200, { ca: { certificate: Buffer.from('the authority').toString('base64') } });
  answerApi((received) => (received.target.endsWith('/ca') ? authority : json(200, { database }))(received));
  return new DigitaloceanCluster({ url: API.url, token: 'token', clusterId: 'cluster-1', pod: testPod(0) });
}

describe('managed MongoDB of DigitalOcean', () => {
  const at = (host: string, uri: string, port = 27017) => ({ host, port, uri, ssl: true });
  const SRV = 'mongodb+srv://doadmin:x@db.example.com/admin?tls=true&replicaSet=db-rs';
  const STANDARD = 'mongodb://doadmin:x@private.example.com:27018/admin?replicaSet=private-rs&tls=true';
  const database = {
    engine: 'mongodb',
    connection: at('db.example.com', SRV),
    private_connection: at('private.example.com', STANDARD, 27018),
  };
  const serve = async (requested: Partial<RequestedServer> = {}, others: object = {}) =>
    await managedMongodb(
      clusterOf({ ...database, ...others }),
      { ...REQUESTED, useSsl: undefined, replicaSet: undefined, ...requested },
      testPod(60_000),
      dns,
    );
  const known = async () => [];
  const unknown = async () => {
    throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
  };
  let dns: Dns = { lookup: known, resolveSrv: unknown };
  afterEach(() => {
    dns = { lookup: known, resolveSrv: unknown };
  });

  it.each([
    ['where nobody says', NOWHERE],
    ['as config.yml names it', place('db.example.com')],
    ['as config.yml names it with the scheme', place('mongodb+srv://db.example.com')],
  ])('is reached by DNS at its public address, %s', async (_, wanted) => {
    const replicaSet = 'db-rs';
    expect(await serve({ wanted })).toEqual({
      server: { hosts: ['db.example.com'], srv: true, useSsl: true, ca: 'the authority', replicaSet },
      connection: { host: 'mongodb+srv://db.example.com', port: 27017, replicaSet, useSsl: true },
    });
  });

  it('is reached at its private address, whose string names another replica set', async () => {
    const { server, connection } = await serve({ wanted: place('private.example.com') });
    expect(server).toMatchObject({ hosts: ['private.example.com:27018'], srv: false, replicaSet: 'private-rs' });
    expect(connection).toEqual({ host: 'private.example.com', port: 27018, replicaSet: 'private-rs', useSsl: true });
  });

  it('is reached at the host of the settings', async () => {
    const { server, connection } = await serve({ trusted: place('tunnel', 27099), replicaSet: 'my-rs', ca: 'mine' });
    expect(server).toEqual({ hosts: ['tunnel:27099'], srv: false, useSsl: true, ca: 'mine', replicaSet: 'my-rs' });
    expect(connection).toMatchObject({ host: 'tunnel', port: 27099, replicaSet: 'my-rs' });
  });

  it('is reached by DNS at a name of the settings that has SRV records and no address', async () => {
    dns = { lookup: unknown, resolveSrv: known };
    const { server, connection } = await serve({ trusted: place('own.example.com'), replicaSet: 'my-rs' });
    expect(server).toMatchObject({ hosts: ['own.example.com'], srv: true, useSsl: true });
    expect(connection).toMatchObject({ host: 'mongodb+srv://own.example.com' });
  });

  it('is reached at an IPv6 address', async () => {
    const { server } = await serve({}, { connection: at('2001:db8::1', 'mongodb://[2001:db8::1]:27017/') });
    expect(server.hosts).toEqual(['[2001:db8::1]:27017']);
  });

  it('is reached without TLS only where it has none', async () => {
    const plain = { connection: { ...at('db.example.com', 'mongodb://db.example.com/'), ssl: false } };
    expect((await serve({}, plain)).server).toMatchObject({ useSsl: false, ca: undefined, replicaSet: undefined });
    expect(await failureOf(serve({ useSsl: false }))).toMatchObject({ code: 'mongodb-tls-needed' });
  });

  it.each([
    ['another host', place('mongodb+srv://evil.example.com')],
    ['another port', place('db.example.com', 6666)],
  ])('is not looked for at %s', async (_, wanted) => {
    expect(await failureOf(serve({ wanted }))).toMatchObject(REFUSED);
  });

  it('is no MySQL', async () => {
    const failure = await failureOf(serve({}, { engine: 'mysql' }));
    expect(failure).toMatchObject({ code: 'digitalocean-engine', hint: expect.stringContaining('mongodb-cluster-id') });
  });
});

describe('managed MySQL of DigitalOcean', () => {
  const at = (host: string) => ({ host, port: 25060, uri: '', ssl: true, user: 'doadmin', password: 'shown' });
  const serve = async (requested: Partial<RequestedMysqlServer> = {}, connection: object = at('db.example.com')) => {
    const database = {
      engine: 'mysql',
      connection,
      private_connection: { ...connection, host: 'private.example.com' },
    };
    const defaults = { sslMode: 'verify-ca', adminUser: undefined, adminPassword: undefined };
    return await managedMysql(clusterOf(database), { ...REQUESTED, ...defaults, ...requested });
  };

  it.each([
    ['public address where nobody says', {}, 'db.example.com', 25060],
    ['private address', { wanted: place('private.example.com') }, 'private.example.com', 25060],
    ['host of the settings', { trusted: place('tunnel', 3307) }, 'tunnel', 3307],
  ])('is reached at its %s', async (_, requested, host, port) => {
    expect(await serve(requested)).toEqual({
      server: { host, port, sslMode: 'verify-ca', ca: 'the authority' },
      admin: { user: 'doadmin', password: 'shown' },
      connection: { host, port, useSsl: true },
    });
  });

  it.each([
    ['another host', place('evil.example.com')],
    ['another port', place('db.example.com', 3306)],
  ])('is not looked for at %s', async (_, wanted) => {
    expect(await failureOf(serve({ wanted }))).toMatchObject(REFUSED);
  });

  it('has the administrator of the settings, for whom the password that the API shows does not count', async () => {
    expect((await serve({ adminUser: 'me', adminPassword: 'mine' })).admin).toEqual({ user: 'me', password: 'mine' });
    const hint = expect.stringMatching(/database:view_credentials.*mysql-admin-password/);
    expect(await failureOf(serve({ adminUser: 'me' }))).toMatchObject({
      code: 'digitalocean-credentials-hidden',
      hint,
    });
  });

  it('says which scope the token lacks where the API shows no password', async () => {
    const { password: _, ...hidden } = at('db.example.com');
    expect(await failureOf(serve({}, hidden))).toMatchObject({ code: 'digitalocean-credentials-hidden' });
  });
});

describe('a cluster of Atlas', () => {
  const standard =
    'mongodb://a-00.mongodb.net:27017,a-01.mongodb.net:27017,a-02.mongodb.net:27018/?ssl=true&authSource=admin&replicaSet=atlas-rs-0';
  const MEMBERS = ['a-00.mongodb.net:27017', 'a-01.mongodb.net:27017', 'a-02.mongodb.net:27018'];
  const both = { standard, standardSrv: 'mongodb+srv://main.mongodb.net' };
  const serve = async (
    requested: Partial<RequestedServer> = {},
    connectionStrings: object = both,
    stateName = 'IDLE',
    kind?: ConnectionKind,
  ) => {
    answerApi(json(200, { connectionStrings, stateName }));
    const authorization = { headers: async () => ({}), learn: () => false };
    const sending = { service: "Atlas's API", pod: testPod(0) };
    const cluster = new AtlasCluster({ url: API.url, projectId: 'p', clusterName: 'main', authorization, sending });
    return await atlasServer(cluster, { ...REQUESTED, useSsl: undefined, replicaSet: undefined, ...requested }, kind);
  };
  const server = { hosts: MEMBERS, useSsl: true, ca: undefined, replicaSet: 'atlas-rs-0' };

  it.each([
    ['nobody says', NOWHERE],
    ['config.yml has the name in DNS', place('main.mongodb.net')],
    ['config.yml has the name in DNS with the scheme', place('mongodb+srv://main.mongodb.net', 27017)],
    ['config.yml has one member', place('a-01.mongodb.net', 27017)],
    ['config.yml has one member with its port', place('a-02.mongodb.net:27018')],
    ['config.yml has all members', place(MEMBERS.join(','))],
    ['config.yml has all members with the scheme', place(`mongodb://${MEMBERS.join(',')}`)],
  ])('is reached at all members, and given by its name in DNS, where %s', async (_, wanted) => {
    const connection = { host: 'mongodb+srv://main.mongodb.net', port: 27017, replicaSet: 'atlas-rs-0', useSsl: true };
    expect(await serve({ wanted })).toEqual({ server, connection });
  });

  it('is given by its first member where it has no name in DNS', async () => {
    const { connection } = await serve({}, { standard });
    expect(connection).toEqual({ host: 'a-00.mongodb.net', port: 27017, replicaSet: 'atlas-rs-0', useSsl: true });
  });

  it('may be named by config.yml as the settings do', async () => {
    const named = place('private-endpoint.mongodb.net', 1024);
    await expect(serve({ wanted: named, trusted: named })).resolves.toMatchObject({ server });
  });

  it('is reached without TLS only where its string says so', async () => {
    const plain = { standard: 'mongodb://a-00.mongodb.net/?ssl=false' };
    expect((await serve({}, plain)).server).toMatchObject({ hosts: ['a-00.mongodb.net:27017'], useSsl: false });
    expect(await failureOf(serve({ useSsl: false }))).toMatchObject({ code: 'mongodb-tls-needed' });
  });

  it.each([
    ['another host', place('evil.example.com')],
    ['another name in DNS', place('mongodb+srv://main.mongodb.net.evil.example.com')],
    ['another port', place('a-00.mongodb.net', 6666)],
    ['another host after a member', place('a-00.mongodb.net:27017,evil.example.com:27017')],
    ['another port in a list', place('a-00.mongodb.net:6666')],
  ])('is not looked for at %s', async (_, wanted) => {
    expect(await failureOf(serve({ wanted }))).toMatchObject(REFUSED);
  });

  it.each([
    ['is being created', {}, 'CREATING', 'atlas-creating', /is still being created \(it is CREATING\)/],
    ['is being deleted', both, 'DELETING', 'atlas-cluster-state', /is DELETING/],
    ['has no address', {}, 'IDLE', 'atlas-no-address', /no standard connection string/],
  ])('that %s is an error', async (_, strings, state, code, message) => {
    expect(await failureOf(serve({}, strings, state))).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  describe('by another way', () => {
    const endpoint = (region: string) => ({
      connectionString: `mongodb://pl-0-${region}.mongodb.net:1024,pl-0-${region}.mongodb.net:1025/?ssl=true&replicaSet=atlas-rs-0`,
      srvConnectionString: `mongodb+srv://main-pl-0-${region}.mongodb.net`,
    });
    const all = {
      ...both,
      private: 'mongodb://a-00-pri.mongodb.net:27017/?ssl=true&replicaSet=atlas-rs-0',
      privateSrv: 'mongodb+srv://main-pri.mongodb.net',
      privateEndpoint: [endpoint('us')],
    };
    const two = { ...all, privateEndpoint: [endpoint('us'), endpoint('eu')] };
    const by = (kind: ConnectionKind, requested: Partial<RequestedServer> = {}, strings: object = all) =>
      serve(requested, strings, 'IDLE', kind);

    it.each([
      ['private', 'a-00-pri.mongodb.net:27017', 'main-pri.mongodb.net'],
      ['private-endpoint', 'pl-0-us.mongodb.net:1024', 'main-pl-0-us.mongodb.net'],
    ] as const)('%s is reached there, and config.yml gets that', async (kind, member, name) => {
      const found = await by(kind);
      expect(found.server.hosts[0]).toBe(member);
      expect(found.connection).toMatchObject({ host: `mongodb+srv://${name}`, port: 27017, useSsl: true });
      const again = await by(kind, { wanted: place(found.connection.host, found.connection.port) });
      expect(again).toEqual(found);
    });

    it('is reached by the way that config.yml already has', async () => {
      const { server: reached } = await by('standard', { wanted: place('mongodb+srv://main-pri.mongodb.net', 27017) });
      expect(reached.hosts).toEqual(['a-00-pri.mongodb.net:27017']);
    });

    it('takes the private endpoint that the settings name, and asks for it where there are several', async () => {
      const { connection } = await by('private-endpoint', { trusted: place('main-pl-0-eu.mongodb.net') }, two);
      expect(connection.host).toBe('mongodb+srv://main-pl-0-eu.mongodb.net');
      expect(await failureOf(by('private-endpoint', {}, two))).toMatchObject({
        code: 'atlas-endpoint-choice',
        message: expect.stringContaining('main-pl-0-us.mongodb.net, main-pl-0-eu.mongodb.net'),
        hint: expect.stringContaining('input mongodb-host'),
      });
    });

    it('that the cluster does not have is an error that names those that it has', async () => {
      expect(await failureOf(by('private-endpoint', {}, both))).toMatchObject({
        code: 'atlas-no-address',
        message: 'Cluster main of Atlas has no private-endpoint connection string (it has: standard).',
        hint: expect.stringContaining('input atlas-connection'),
      });
    });

    it('without a list of members is reached by its name in DNS', async () => {
      const { srvConnectionString } = endpoint('us');
      const { server: reached } = await by('private-endpoint', {}, { privateEndpoint: [{ srvConnectionString }] });
      expect(reached).toMatchObject({ hosts: ['main-pl-0-us.mongodb.net'], srv: true, useSsl: true });
    });
  });
});

describe('whether a connection is by TLS', () => {
  it.each([
    ['mongodb://a/?ssl=true', true],
    ['mongodb://a/?replicaSet=r&tls=true', true],
    ['mongodb+srv://a/?tls=false', false],
    ['mongodb+srv://a/?ssl=false&authSource=admin', false],
    ['mongodb+srv://a', true],
    ['mongodb://a:27017', false],
    ['mongodb://a/?tlsAllowInvalidHostnames=true', false],
  ])('is decided by the string or its scheme: %s', (uri, isTls) => {
    expect(tlsOf(uri)).toBe(isTls);
  });
});
