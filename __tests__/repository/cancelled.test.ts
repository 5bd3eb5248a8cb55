import { createServer } from 'node:http';
import { type Checkout, checkOut } from '../../sandbox/checkout.ts';
import { type GitServer, startGitServer } from '../../sandbox/git/server.ts';
import { ClusterRepository } from '../../src/repository/cluster-repository.ts';

const TOKEN = 'push-token-71c3';
const CANCELLED = new Error('cancelled by somebody');
const change = {
  message: 'feat: add',
  build: async () => new Map([['instances/school/config.yml', new TextEncoder().encode('A: 1\n')]]),
};

let server: GitServer;
let checkout: Checkout;
beforeEach(async () => {
  server = await startGitServer([{ name: 'x-access-token', password: TOKEN, mayPush: true }]);
  checkout = await checkOut(await server.createRepository('org/cluster', { 'README.md': 'hello\n' }), TOKEN);
});
afterEach(async () => {
  await server.stop();
  await checkout.remove();
});

const open = (signal: AbortSignal) =>
  ClusterRepository.open({
    directory: checkout.directory,
    remote: 'origin',
    branch: 'main',
    token: undefined,
    author: { name: 'A Robot', email: 'robot@example.org' },
    environment: { PATH: process.env.PATH ?? '', HOME: checkout.directory },
    signal,
  });

describe('a run that is cancelled', () => {
  it('does not wait for a remote that gives no answer', async () => {
    const cancel = new AbortController();
    const repository = await open(cancel.signal);
    const silent = createServer(() => cancel.abort(CANCELLED));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const address = silent.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await checkout.git('remote', 'set-url', 'origin', `http://127.0.0.1:${port}/org/cluster.git`);
    await expect(repository.fetchHead()).rejects.toBe(CANCELLED);
    silent.closeAllConnections();
    await new Promise((resolve) => silent.close(resolve));
  });

  it('lets a push end that is under way', async () => {
    const cancel = new AbortController();
    const repository = await open(cancel.signal);
    server.beforePush = async () => cancel.abort(CANCELLED);
    const { commit } = await repository.push(change);
    expect(commit).toBe(await server.git('org/cluster', 'rev-parse', 'main'));
  });

  it('gives up a push that does not end, and makes it once only', async () => {
    const cancel = new AbortController();
    const repository = await open(cancel.signal);
    const held = Promise.withResolvers<void>();
    let pushes = 0;
    server.beforePush = async () => {
      pushes += 1;
      cancel.abort(CANCELLED);
      await held.promise;
    };
    await expect(repository.push(change)).rejects.toBe(CANCELLED);
    held.resolve();
    expect(pushes).toBe(1);
  });

  it('begins nothing any more', async () => {
    const cancel = new AbortController();
    const repository = await open(cancel.signal);
    cancel.abort(CANCELLED);
    await expect(repository.push(change)).rejects.toBe(CANCELLED);
    expect(await server.log('org/cluster')).toEqual(['Change README.md']);
  });
});
