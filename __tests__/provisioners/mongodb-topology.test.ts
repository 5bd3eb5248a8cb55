import { createServer, type Server as NetServer } from 'node:net';
import { BSON } from 'mongodb';
import { mongodbError, open } from '../../src/provisioners/mongodb/session.ts';
import { refuseSrvName } from '../../src/provisioners/mongodb/srv-name.ts';

const SELECTION_MS = 400;
const LOGIN = { user: 'admin', password: 'hidden-password', authSource: 'admin' };
const LIMITS = {
  minWireVersion: 0,
  maxBsonObjectSize: 16777216,
  maxMessageSizeBytes: 48000000,
  maxWriteBatchSize: 100000,
};
const MEMBER = 'mongodb-0.other.invalid:27017';
const OLD = { ismaster: true, helloOk: true, maxWireVersion: 6, ...LIMITS, ok: 1 };
const SET = {
  isWritablePrimary: true,
  helloOk: true,
  setName: 'rs0',
  setVersion: 1,
  hosts: [MEMBER],
  primary: MEMBER,
  me: MEMBER,
};

const servers: NetServer[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A server that answers hello, in the old and the new form of messages. @returns `host:port` */
async function startHello(hello: object): Promise<string> {
  const document = Buffer.from(BSON.serialize(hello));
  const server = createServer((socket) => {
    let left = Buffer.alloc(0);
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      left = Buffer.concat([left, data]);
      while (left.length >= 16 && left.length >= left.readInt32LE(0)) {
        const message = left.subarray(0, left.readInt32LE(0));
        left = left.subarray(message.length);
        const isNew = message.readInt32LE(12) === 2013;
        const head = Buffer.alloc(isNew ? 21 : 36);
        head.writeInt32LE(head.length + document.length, 0);
        head.writeInt32LE(message.readInt32LE(4), 8);
        head.writeInt32LE(isNew ? 2013 : 1, 12);
        if (!isNew) head.writeInt32LE(8, 16);
        if (!isNew) head.writeInt32LE(1, 32);
        socket.write(Buffer.concat([head, document]));
      }
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
}

it.each([
  ['a server that is too old', OLD, undefined, 'mongodb-too-old', /too old/, /4\.2/],
  [
    'a member that is not reached',
    { ...SET, maxWireVersion: 21, ...LIMITS, ok: 1 },
    'rs0',
    'mongodb-member-unreachable',
    /mongodb-0\.other\.invalid:27017/,
    /rs\.reconfig/,
  ],
  [
    'the name of another set',
    { ...SET, maxWireVersion: 21, ...LIMITS, ok: 1 },
    'rs1',
    'mongodb-replica-set',
    /not a member of replica set rs1/,
    /mongodb-replica-set/,
  ],
])('%s has its own error', async (_, hello, replicaSet, code, message, hint) => {
  const server = { hosts: [await startHello(hello)] satisfies [string], useSsl: false, ca: undefined, replicaSet };
  const failure: unknown = await open(server, LOGIN, SELECTION_MS).catch((error: unknown) => error);
  const error = mongodbError(failure, server, 'the login of the admin');
  expect(error).toMatchObject({ code, message: expect.stringMatching(message), hint: expect.stringMatching(hint) });
  expect(`${error.message} ${error.hint}`).not.toContain('hidden-password');
});

describe('a bare name', () => {
  const found = () => Promise.resolve([]);
  const missing = () => Promise.reject(new Error('ENOTFOUND'));
  it('that has SRV records and no address is refused with the form that works', async () => {
    const asked: string[] = [];
    const resolveSrv = (name: string) => {
      asked.push(name);
      return found();
    };
    const resolver = { lookup: missing, resolveSrv };
    await expect(refuseSrvName('db.example.org', resolver)).rejects.toMatchObject({
      code: 'mongodb-srv-name',
      hint: expect.stringContaining('mongodb+srv://db.example.org'),
    });
    expect(asked).toEqual(['_mongodb._tcp.db.example.org']);
  });
  it.each([
    ['has an address', { lookup: found, resolveSrv: found }],
    ['is not known', { lookup: missing, resolveSrv: missing }],
  ])('that %s is left to the login', async (_, resolver) => {
    await expect(refuseSrvName('db.example.org', resolver)).resolves.toBeUndefined();
  });
});
