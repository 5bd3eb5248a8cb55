import { type Checkout, checkOut } from '../../sandbox/checkout.ts';
import { type GitServer, startGitServer } from '../../sandbox/git/server.ts';
import { ClusterRepository } from '../../src/repository/cluster-repository.ts';

const TOKEN = 'push-token-71c3';
const ENV = 'instances/school/env';

let server: GitServer;
beforeAll(async () => {
  server = await startGitServer([{ name: 'x-access-token', password: TOKEN, mayPush: true }]);
});
afterAll(() => server.stop());

let count = 0;

/** A repository of some history, a shallow checkout of it, and a commit that we pushed. */
async function pushed() {
  count += 1;
  const name = `org/followed-${count}`;
  const url = await server.createRepository(name, { 'README.md': 'hello\n' });
  const first = await server.git(name, 'rev-parse', 'main');
  await server.commit(name, { 'before.txt': 'older\n' });
  const checkout = await checkOut(url, TOKEN);
  const repository = await ClusterRepository.open({
    directory: checkout.directory,
    remote: 'origin',
    branch: 'main',
    token: undefined,
    author: { name: 'A Robot', email: 'robot@example.org' },
    environment: { PATH: process.env.PATH ?? '', HOME: checkout.directory },
  });
  const build = async () => new Map([['instances/school/config.yml', new TextEncoder().encode('A: 1\n')]]);
  const { commit } = await repository.push({ message: 'feat: add', build });
  return { name, first, checkout, repository, commit, head: () => server.git(name, 'rev-parse', 'main') };
}

const remove = ({ checkout }: { readonly checkout: Checkout }) => checkout.remove();

describe('a revision that is followed', () => {
  it('includes our commit at it and after it, also in a shallow clone, but not before it', async () => {
    const world = await pushed();
    const followed = world.repository.follow('main', world.commit);
    expect(await followed.includes(world.commit)).toBe(true);
    const parent = await server.git(world.name, 'rev-parse', `${world.commit}^`);
    expect(await followed.includes(parent)).toBe(false);
    expect(await followed.includes(world.first)).toBe(false);
    await server.commit(world.name, { [`${ENV}/app.yml`]: 'kind: Deployment\n' });
    const between = await world.head();
    await server.commit(world.name, { 'after.txt': 'newer\n' });
    expect(await followed.includes(await world.head())).toBe(true);
    expect(await followed.includes(between)).toBe(true);
    await remove(world);
  });

  it('leaves a shallow clone shallow: no older history is fetched', async () => {
    const world = await pushed();
    await server.commit(world.name, { 'after.txt': 'newer\n' });
    const followed = world.repository.follow('main', world.commit);
    expect(await followed.includes(await world.head())).toBe(true);
    expect(await world.checkout.git('rev-parse', '--is-shallow-repository')).toBe('true');
    const known = await world.checkout.git('rev-list', '--count', 'refs/launchpad-provision/followed');
    // What was checked out, ours, and the newer one; not the first.
    expect(known).toBe('3');
    await remove(world);
  });

  it('has the files of its newest commit', async () => {
    const world = await pushed();
    const followed = world.repository.follow('main', world.commit);
    expect(await (await followed.fetchHead())?.exists(ENV)).toBe(false);
    await server.commit(world.name, { [`${ENV}/app.yml`]: 'kind: Deployment\n' });
    expect(await (await followed.fetchHead())?.exists(ENV)).toBe(true);
    await remove(world);
  });

  it('may be another branch, a tag or HEAD', async () => {
    const world = await pushed();
    await server.git(world.name, 'branch', 'deploy', 'main^');
    await server.git(world.name, 'tag', 'v1', 'main');
    const headOf = async (revision: string) =>
      (await world.repository.follow(revision, world.commit).fetchHead())?.commit;
    expect(await headOf('deploy')).toBe(await server.git(world.name, 'rev-parse', 'deploy'));
    expect(await headOf('v1')).toBe(world.commit);
    expect(await headOf('HEAD')).toBe(world.commit);
    const deploy = world.repository.follow('deploy', world.commit);
    expect(await deploy.includes(await server.git(world.name, 'rev-parse', 'deploy'))).toBe(false);
    await remove(world);
  });

  it('is unknown where the remote has none of that name, and takes no option for one', async () => {
    const world = await pushed();
    for (const revision of ['nowhere', 'v1.*', '--upload-pack=touch /tmp/x', 'a:b', '']) {
      const followed = world.repository.follow(revision, world.commit);
      expect(await followed.fetchHead()).toBeUndefined();
      expect(await followed.includes('1.2.3')).toBe(false);
      expect(await followed.includes('--help')).toBe(false);
    }
    await remove(world);
  });
});
