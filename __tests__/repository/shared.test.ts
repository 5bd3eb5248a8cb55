import { createServer } from 'node:http';
import { type Checkout, checkOut } from '../../sandbox/checkout.ts';
import { type GitServer, startGitServer } from '../../sandbox/git/server.ts';
import { ClusterRepository, type RepositoryOptions } from '../../src/repository/cluster-repository.ts';

const TOKEN = 'push-token-71c3';
const NAME = 'org/cluster';
let server: GitServer;
let checkout: Checkout;
let commands: string[] = [];
beforeEach(async () => {
  server = await startGitServer([{ name: 'x-access-token', password: TOKEN, mayPush: true }]);
  checkout = await checkOut(await server.createRepository(NAME, { 'README.md': 'hello\n' }), TOKEN);
  commands = [];
});
afterEach(async () => {
  await server.stop();
  await checkout.remove();
});

const open = (options: Partial<RepositoryOptions> = {}) =>
  ClusterRepository.open({
    directory: checkout.directory,
    remote: 'origin',
    branch: 'main',
    token: undefined,
    author: { name: 'A Robot', email: 'robot@example.org' },
    environment: { PATH: process.env.PATH ?? '', HOME: checkout.directory },
    onCommand: (line) => commands.push(line),
    ...options,
  });
const told = (beginning: string) => commands.filter((line) => line.startsWith(beginning));
const changeOf = (instance: string) => ({
  message: `feat: add ${instance}`,
  build: async () => new Map([[`instances/${instance}/config.yml`, new TextEncoder().encode(`A: ${instance}\n`)]]),
});
const INSTANCES = ['a', 'b', 'c', 'd', 'e', 'f'];

describe('pushes of many runs at once', () => {
  it('are made one after the other: one commit each, and none is outrun', async () => {
    const repository = await open();
    const results = await Promise.all(INSTANCES.map((instance) => repository.push(changeOf(instance))));
    expect(results.every(({ kind }) => kind === 'pushed')).toBe(true);
    expect(new Set(results.map(({ commit }) => commit)).size).toBe(INSTANCES.length);
    const subjects = [...INSTANCES].reverse().map((instance) => `feat: add ${instance}`);
    expect(await server.log(NAME)).toEqual([...subjects, 'Change README.md']);
    expect(told('git push ')).toHaveLength(INSTANCES.length);
  });

  it('are not held up by one whose files cannot be made, or by one that is refused', async () => {
    const repository = await open();
    const failing = repository.push({ message: 'x', build: () => Promise.reject(new Error('config changed')) });
    const refused = repository.push({ message: 'x', build: async () => new Map([['README.md/x', new Uint8Array()]]) });
    const good = repository.push(changeOf('a'));
    await expect(failing).rejects.toThrow('config changed');
    await expect(refused).rejects.toMatchObject({ code: 'not-a-file' });
    expect((await good).kind).toBe('pushed');
  });

  it('of which one is under way when all are cancelled: that one ends, the others do not begin', async () => {
    const cancel = new AbortController();
    const repository = await open({ signal: cancel.signal });
    server.beforePush = async () => cancel.abort(new Error('cancelled by somebody'));
    const pushes = await Promise.allSettled(INSTANCES.map((instance) => repository.push(changeOf(instance))));
    expect(pushes.map(({ status }) => status)).toEqual(['fulfilled', ...INSTANCES.slice(1).map(() => 'rejected')]);
    expect(await server.log(NAME)).toEqual(['feat: add a', 'Change README.md']);
  });

  it('leave it to each to be followed: in a shallow clone too a later commit is known to include an earlier one', async () => {
    const repository = await open();
    const commits = [];
    for (const instance of INSTANCES) commits.push((await repository.push(changeOf(instance))).commit);
    const [first = '', , , , , last = ''] = commits;
    expect(await repository.follow('main', first).includes(last)).toBe(true);
    expect(await repository.follow('main', last).includes(first)).toBe(false);
    expect(await checkout.git('rev-parse', '--is-shallow-repository')).toBe('true');
  });
});

describe('fetches of many runs at once', () => {
  it('that were asked for while another went on are one', async () => {
    const repository = await open();
    const heads = await Promise.all([1, 2, 3, 4, 5].map(() => repository.fetchHeads()));
    expect(new Set(heads.map(({ head }) => head.commit)).size).toBe(1);
    expect(told('git fetch ').length).toBeLessThanOrEqual(2);
  });

  it('give what was pushed before they were asked for, though another fetch was under way by then', async () => {
    const repository = await open();
    await repository.fetchHead();
    const underWay = Promise.withResolvers<void>();
    const pushed = Promise.withResolvers<void>();
    // The first fetch has read the branch's tip, and is held until somebody else has pushed.
    const slow = await slowProxy(server.url, underWay.resolve, pushed.promise);
    await checkout.git('remote', 'set-url', 'origin', `${slow.url}/${NAME}.git`);
    const header = await checkout.git('config', '--get', `http.${server.url}/.extraheader`);
    await checkout.git('config', `http.${slow.url}/.extraheader`, header);
    const old = await server.git(NAME, 'rev-parse', 'main');
    const first = repository.fetchHead();
    await underWay.promise;
    await server.commit(NAME, { 'README.md': 'newer\n' });
    const later = [repository.fetchHead(), repository.fetchHead()];
    pushed.resolve();
    const newest = await server.git(NAME, 'rev-parse', 'main');
    expect((await first).commit).toBe(old);
    expect((await Promise.all(later)).map(({ commit }) => commit)).toEqual([newest, newest]);
    expect(told('git fetch ')).toHaveLength(3);
    await slow.stop();
  });

  it('that fail fail for all who wait, and not for who asks later', async () => {
    const repository = await open({ branch: 'later' });
    const missing = await Promise.allSettled([repository.fetchHead(), repository.fetchHead()]);
    expect(missing.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await server.commit(NAME, { 'README.md': 'x\n' }, 'later');
    expect((await repository.fetchHead()).commit).toBe(await server.git(NAME, 'rev-parse', 'later'));
  });
});

/** Passes requests on, and holds the first answer that lists the refs until told otherwise (gitprotocol-v2). */
async function slowProxy(target: string, onFirst: () => void, release: Promise<void>) {
  let count = 0;
  const proxy = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const { host: _, connection: __, ...headers } = incoming.headers;
    const answer = await fetch(`${target}${incoming.url}`, {
      method: incoming.method ?? 'GET',
      headers: Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]),
      ...(chunks.length > 0 ? { body: Buffer.concat(chunks) } : {}),
    });
    const body = Buffer.from(await answer.arrayBuffer());
    if (Buffer.concat(chunks).includes('command=ls-refs')) count += 1;
    if (count === 1) {
      onFirst();
      await release;
    }
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' }).end(body);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const address = proxy.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    stop: async () => {
      proxy.closeAllConnections();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}
