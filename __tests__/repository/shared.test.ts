import { createServer } from 'node:http';
import type { RepositoryOptions } from '../../src/repository/cluster-repository.ts';
import { givenRepositories, listen } from './given.ts';

const given = givenRepositories();
let commands: string[] = [];
beforeEach(() => {
  commands = [];
});
const openNew = (options: Partial<RepositoryOptions> = {}) =>
  given.openNew(undefined, { onCommand: (line) => commands.push(line), ...options });
const logged = (beginning: string) => commands.filter((line) => line.startsWith(beginning));
const changeOf = (instance: string) => ({
  message: `feat: add ${instance}`,
  build: async () => new Map([[`instances/${instance}/config.yml`, new TextEncoder().encode(`A: ${instance}\n`)]]),
});
const INSTANCES = ['a', 'b', 'c', 'd', 'e', 'f'];

describe('pushes of many runs at once', () => {
  it('are made one after the other: one commit each, and none is outrun', async () => {
    const { name, repository } = await openNew();
    const results = await Promise.all(INSTANCES.map((instance) => repository.push(changeOf(instance))));
    expect(results.every(({ kind }) => kind === 'pushed')).toBe(true);
    expect(new Set(results.map(({ commit }) => commit)).size).toBe(INSTANCES.length);
    const subjects = [...INSTANCES].reverse().map((instance) => `feat: add ${instance}`);
    expect(await given.server.log(name)).toEqual([...subjects, 'Change README.md']);
    expect(logged('git push ')).toHaveLength(INSTANCES.length);
  });

  it('do not wait for one without files, or for one that is refused', async () => {
    const { repository } = await openNew();
    const failing = repository.push({ message: 'x', build: () => Promise.reject(new Error('config changed')) });
    const refused = repository.push({ message: 'x', build: async () => new Map([['README.md/x', new Uint8Array()]]) });
    const good = repository.push(changeOf('a'));
    await expect(failing).rejects.toThrow('config changed');
    await expect(refused).rejects.toMatchObject({ code: 'not-a-file' });
    expect((await good).kind).toBe('pushed');
  });

  it('of which one is under way when all are cancelled: that one ends, the others do not begin', async () => {
    const cancel = new AbortController();
    const { name, repository } = await openNew({ signal: cancel.signal });
    given.server.beforePush = async () => cancel.abort(new Error('cancelled by somebody'));
    const pushes = await Promise.allSettled(INSTANCES.map((instance) => repository.push(changeOf(instance))));
    expect(pushes.map(({ status }) => status)).toEqual(['fulfilled', ...INSTANCES.slice(1).map(() => 'rejected')]);
    expect(await given.server.log(name)).toEqual(['feat: add a', 'Change README.md']);
  });

  it('can each be followed: in a shallow clone too a later commit includes an earlier one', async () => {
    const { checkout, repository } = await openNew();
    const commits = [];
    for (const instance of INSTANCES) commits.push((await repository.push(changeOf(instance))).commit);
    const [first = '', , , , , last = ''] = commits;
    expect(await repository.follow('main', first).includes(last)).toBe(true);
    expect(await repository.follow('main', last).includes(first)).toBe(false);
    expect(await checkout.git('rev-parse', '--is-shallow-repository')).toBe('true');
  });
});

describe('what the process knows already', () => {
  it('and what is new is read by one process of git, from a later commit too', async () => {
    const { name, repository } = await openNew();
    const first = await repository.fetchHead();
    const before = await first.read('README.md');
    await given.server.commit(name, { 'other.md': 'x\n' });
    const second = await repository.fetchHead();
    expect(second.commit).not.toBe(first.commit);
    expect(await second.read('README.md')).toEqual(before);
    expect(Buffer.from((await second.read('other.md')) ?? []).toString()).toBe('x\n');
    expect(logged('git cat-file ')).toHaveLength(1);
    expect([...logged('git show '), ...logged('git ls-tree ')]).toEqual([]);
  });

  it('is pushed on, without another look at the branch', async () => {
    const { name, repository } = await openNew();
    await repository.fetchHead();
    for (const instance of INSTANCES) await repository.push(changeOf(instance));
    expect(await given.server.log(name)).toHaveLength(INSTANCES.length + 1);
    expect(logged('git fetch ')).toHaveLength(1);
    expect(logged('git ls-remote ')).toEqual([]);
  });
});

describe('fetches of many runs at once', () => {
  it('that were asked for during another are one', async () => {
    const { repository } = await openNew();
    const heads = await Promise.all([1, 2, 3, 4, 5].map(() => repository.fetchHeads()));
    expect(new Set(heads.map(({ head }) => head.commit)).size).toBe(1);
    expect(logged('git fetch ').length).toBeLessThanOrEqual(2);
  });

  it('return what was pushed before they were asked for, during another fetch too', async () => {
    const { name, checkout, repository } = await openNew();
    await repository.fetchHead();
    const underWay = Promise.withResolvers<void>();
    const pushed = Promise.withResolvers<void>();
    // The first fetch has read the branch head, and waits until somebody else has pushed.
    const slow = await slowProxy(given.server.url, underWay.resolve, pushed.promise);
    await checkout.git('remote', 'set-url', 'origin', `${slow.url}/${name}.git`);
    const header = await checkout.git('config', '--get', `http.${given.server.url}/.extraheader`);
    await checkout.git('config', `http.${slow.url}/.extraheader`, header);
    const old = await given.server.git(name, 'rev-parse', 'main');
    const first = repository.fetchHead();
    await underWay.promise;
    await given.server.commit(name, { 'README.md': 'newer\n' });
    const later = [repository.fetchHead(), repository.fetchHead()];
    pushed.resolve();
    const newest = await given.server.git(name, 'rev-parse', 'main');
    expect((await first).commit).toBe(old);
    expect((await Promise.all(later)).map(({ commit }) => commit)).toEqual([newest, newest]);
    // The first and the two later ones ask for the head; only where it is another one do they fetch it.
    expect(logged('git ls-remote ')).toHaveLength(2);
    expect(logged('git fetch ')).toHaveLength(2);
    await slow.stop();
  });

  it('that fail do so for all who wait, and not for a later caller', async () => {
    const { name, repository } = await openNew({ branch: 'later' });
    const missing = await Promise.allSettled([repository.fetchHead(), repository.fetchHead()]);
    expect(missing.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await given.server.commit(name, { 'README.md': 'x\n' }, 'later');
    expect((await repository.fetchHead()).commit).toBe(await given.server.git(name, 'rev-parse', 'later'));
  });
});

/** Passes requests on, and delays the first answer that lists the refs until `release` (gitprotocol-v2). */
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
  return {
    url: `http://127.0.0.1:${await listen(proxy)}`,
    stop: async () => {
      proxy.closeAllConnections();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}
