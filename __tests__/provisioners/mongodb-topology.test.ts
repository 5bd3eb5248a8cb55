import { getServers, setServers } from 'node:dns';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server as NetServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { BSON } from 'mongodb';
import { connectionError, isConnectionError } from '../../src/provisioners/connection-errors.ts';
import { isPassing, mongodbError, reasonOf } from '../../src/provisioners/mongodb/errors.ts';
import { addressOf } from '../../src/provisioners/mongodb/server.ts';
import { open } from '../../src/provisioners/mongodb/session.ts';
import { startDns } from './dns-server.ts';
import { testPod } from './test-pod.ts';

const SELECTION_MS = 400;
const LOGIN = { user: 'admin', password: 'hidden-password', authSource: 'admin' };
const LIMITS = {
  minWireVersion: 0,
  maxBsonObjectSize: 16777216,
  maxMessageSizeBytes: 48000000,
  maxWriteBatchSize: 100000,
};
const MEMBER = 'mongodb-0.other.invalid:27017';
const OLD = { ismaster: true, helloOk: true, maxWireVersion: 8, ...LIMITS, ok: 1 };
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
  ['a server that is too old', OLD, undefined, 'mongodb-too-old', /is older than 4\.4/, /4\.4/],
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

describe('a server that answers late, or not yet, is tried again', () => {
  /** What an attempt at a login fails with. */
  const failureAt = async (server: Parameters<typeof open>[0]) => {
    const failure: unknown = await open(server, LOGIN, SELECTION_MS).catch((error: unknown) => error);
    const isTransient = isPassing(failure) || isConnectionError(reasonOf(failure));
    return { isTransient, ...mongodbError(failure, server, 'the login of the admin') };
  };

  it.each(['isWritablePrimary', 'secondary', 'arbiterOnly'])('as long as its set has no primary (%s)', async (role) => {
    const hello = { helloOk: true, setName: 'rs0', setVersion: 1, maxWireVersion: 21, ...LIMITS, ok: 1 };
    const host = await startHello({
      ...hello,
      isWritablePrimary: false,
      secondary: false,
      [role]: role !== 'isWritablePrimary',
    });
    const server = { hosts: [host] satisfies [string], useSsl: false, ca: undefined, replicaSet: 'rs0' };
    expect(await failureAt(server)).toMatchObject({
      isTransient: true,
      code: 'mongodb-no-primary',
      hint: expect.stringContaining('rs.status()'),
    });
  });

  it.each([
    ['without TLS', false, 'mongodb-no-answer', 'input mongodb-host'],
    // The driver has one limit for the connection and the handshake, and a firewall is the usual cause.
    ['with TLS', true, 'mongodb-unreachable', 'firewall'],
  ])('as long as it is silent (%s)', async (_, useSsl, code, hint) => {
    const silent = createServer();
    servers.push(silent);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const address = silent.address();
    const host = `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
    const server = { hosts: [host] satisfies [string], useSsl, ca: undefined, replicaSet: undefined };
    expect(await failureAt(server)).toMatchObject({ isTransient: true, code, hint: expect.stringContaining(hint) });
  });
});

it('names the least version that the driver speaks to', async () => {
  const server = {
    hosts: [await startHello(OLD)] satisfies [string],
    useSsl: false,
    ca: undefined,
    replicaSet: undefined,
  };
  const failure: unknown = await open(server, LOGIN, SELECTION_MS).catch((error: unknown) => error);
  const { hint, cause } = mongodbError(failure, server, 'the login of the admin');
  const [, least] = /\(MongoDB ([\d.]+)\)/.exec(String(cause)) ?? [];
  expect(hint).toContain(`MongoDB ${least} or later`);
});

it('a member of the SRV records that cannot be reached is named, not the name of the cluster', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'launchpad-dns-'));
  const name = 'cluster0.abcde.invalid';
  const member = 'shard-00.abcde.invalid';
  const dns = await startDns({ [`_mongodb._tcp.${name}`]: { srv: [{ name: member, port: 27017 }] } }, directory);
  const usual = getServers();
  setServers([dns.address]);
  try {
    const server = { hosts: [name] satisfies [string], srv: true, useSsl: false, ca: undefined, replicaSet: undefined };
    const failure: unknown = await open(server, LOGIN, SELECTION_MS).catch((error: unknown) => error);
    const { message } = mongodbError(failure, server, 'the login of the admin');
    expect(message).toBe(`MongoDB at ${member}:27017: the name of the host is not known in the cluster.`);
  } finally {
    setServers(usual);
    await dns.stop();
    await rm(directory, { recursive: true });
  }
});

describe('DNS that fails', () => {
  const failing = (code: string) => Object.assign(new Error(code), { code });

  it('for a while is asked again, before a name counts as one without an address', async () => {
    const answers = [failing('EAI_AGAIN'), failing('ESERVFAIL')];
    const lookup = async () => {
      throw answers.shift() ?? failing('ENOTFOUND');
    };
    const address = await addressOf({ host: 'db.example.org', port: 1 }, testPod(60_000), {
      lookup,
      resolveSrv: async () => [],
    });
    expect(address).toEqual({ hosts: ['db.example.org'], srv: true });
  });

  it.each(['EAI_AGAIN', 'ETIMEOUT', 'ENOTFOUND'])(
    'by %s for long is left to the login, which tries again',
    async (code) => {
      const fail = async () => {
        throw failing(code);
      };
      const address = await addressOf({ host: 'db.example.org', port: 1 }, testPod(60_000), {
        lookup: fail,
        resolveSrv: fail,
      });
      expect(address).toEqual({ hosts: ['db.example.org:1'], srv: false });
      expect(isConnectionError(failing(code))).toBe(true);
      expect(connectionError(failing(code), 'MongoDB', 'db.example.org')).toMatchObject({
        code: 'mongodb-unknown-host',
      });
    },
  );
});
