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
