import { createServer } from 'node:http';
import { changeOf, givenRepositories, listen } from './given.ts';

const CANCELLED = new Error('cancelled by somebody');
const given = givenRepositories();

async function openCancellable() {
  const cancel = new AbortController();
  return { cancel, ...(await given.openNew(undefined, { signal: cancel.signal })) };
}

describe('a run that is cancelled', () => {
  it('does not wait for a remote that does not answer', async () => {
    const { cancel, checkout, repository } = await openCancellable();
    const silent = createServer(() => cancel.abort(CANCELLED));
    const port = await listen(silent);
    await checkout.git('remote', 'set-url', 'origin', `http://127.0.0.1:${port}/org/cluster.git`);
    await expect(repository.fetchHead()).rejects.toBe(CANCELLED);
    silent.closeAllConnections();
    await new Promise((resolve) => silent.close(resolve));
  });

  it('lets a push end that is under way', async () => {
    const { name, cancel, repository } = await openCancellable();
    given.server.beforePush = async () => cancel.abort(CANCELLED);
    const { commit } = await repository.push(changeOf('A: 1\n'));
    expect(commit).toBe(await given.server.git(name, 'rev-parse', 'main'));
  });

  it('gives up a push that does not end, and sends it once only', async () => {
    const { cancel, repository } = await openCancellable();
    const held = Promise.withResolvers<void>();
    let pushes = 0;
    given.server.beforePush = async () => {
      pushes += 1;
      cancel.abort(CANCELLED);
      await held.promise;
    };
    await expect(repository.push(changeOf('A: 1\n'))).rejects.toBe(CANCELLED);
    held.resolve();
    expect(pushes).toBe(1);
  });

  it('begins nothing new', async () => {
    const { name, cancel, repository } = await openCancellable();
    cancel.abort(CANCELLED);
    await expect(repository.push(changeOf('A: 1\n'))).rejects.toBe(CANCELLED);
    expect(await given.server.log(name)).toEqual(['Change README.md']);
  });
});

describe('a run that loses its Lease', () => {
  const LOST = new Error('the Lease is lost');

  it('gives up a push that does not end; the others of the process fetch and push on', async () => {
    const { name, repository } = await given.openNew();
    const lost = new AbortController();
    const held = Promise.withResolvers<void>();
    given.server.beforePush = async () => {
      lost.abort(LOST);
      await held.promise;
    };
    await expect(repository.until(lost.signal).push(changeOf('A: 1\n'))).rejects.toBe(LOST);
    given.server.beforePush = undefined;
    const { commit } = await repository.push(changeOf('B: 1\n', 'instances/other/config.yml'));
    held.resolve();
    expect(commit).toBe(await given.server.git(name, 'rev-parse', 'main'));
    await expect(repository.until(lost.signal).push(changeOf('A: 1\n'))).rejects.toBe(LOST);
  });

  it('does not begin a push, though no timer has noticed it yet', async () => {
    const { name, repository } = await given.openNew();
    const lost = new AbortController();
    const beforePush = () => {
      lost.abort(LOST);
      throw LOST;
    };
    await expect(repository.until(lost.signal, beforePush).push(changeOf('A: 1\n'))).rejects.toBe(LOST);
    expect(await given.server.log(name)).toEqual(['Change README.md']);
  });

  it('does not wait for a fetch, which others wait for too', async () => {
    const { checkout, repository } = await given.openNew();
    const url = await checkout.git('remote', 'get-url', 'origin');
    const lost = new AbortController();
    const silent = createServer(() => lost.abort(LOST));
    const port = await listen(silent);
    await checkout.git('remote', 'set-url', 'origin', `http://127.0.0.1:${port}/org/cluster.git`);
    const other = repository.fetchHead();
    await expect(repository.until(lost.signal).fetchHead()).rejects.toBe(LOST);
    await checkout.git('remote', 'set-url', 'origin', url.trim());
    silent.closeAllConnections();
    await new Promise((resolve) => silent.close(resolve));
    await other;
  });
});
