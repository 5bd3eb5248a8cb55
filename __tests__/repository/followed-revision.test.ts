import { changeOf, givenRepositories } from './given.ts';

const ENV = 'instances/school/env';
const given = givenRepositories();

/** A repository of some history, a shallow checkout of it, and a commit that we pushed. */
async function pushed() {
  const { name, url } = await given.newRepository();
  const first = await given.server.git(name, 'rev-parse', 'main');
  await given.server.commit(name, { 'before.txt': 'older\n' });
  const checkout = await given.checkOut(url);
  const repository = await given.open(checkout);
  const { commit } = await repository.push(changeOf('A: 1\n'));
  return { name, first, checkout, repository, commit, head: () => given.server.git(name, 'rev-parse', 'main') };
}

describe('a revision that is followed', () => {
  it('includes our commit at it and after it, also in a shallow clone, but not before it', async () => {
    const world = await pushed();
    const followed = world.repository.follow('main', world.commit);
    expect(await followed.includes(world.commit)).toBe(true);
    const parent = await given.server.git(world.name, 'rev-parse', `${world.commit}^`);
    expect(await followed.includes(parent)).toBe(false);
    expect(await followed.includes(world.first)).toBe(false);
    await given.server.commit(world.name, { [`${ENV}/app.yml`]: 'kind: Deployment\n' });
    const between = await world.head();
    await given.server.commit(world.name, { 'after.txt': 'newer\n' });
    expect(await followed.includes(await world.head())).toBe(true);
    expect(await followed.includes(between)).toBe(true);
  });

  it('leaves a shallow clone shallow: no older history is fetched', async () => {
    const world = await pushed();
    await given.server.commit(world.name, { 'after.txt': 'newer\n' });
    const followed = world.repository.follow('main', world.commit);
    expect(await followed.includes(await world.head())).toBe(true);
    expect(await world.checkout.git('rev-parse', '--is-shallow-repository')).toBe('true');
    const known = await world.checkout.git('rev-list', '--count', await world.head());
    // What was checked out, ours, and the newer one; not the first.
    expect(known).toBe('3');
  });

  it('has the files of its newest commit', async () => {
    const world = await pushed();
    const followed = world.repository.follow('main', world.commit);
    expect(await (await followed.fetchHead())?.exists(ENV)).toBe(false);
    await given.server.commit(world.name, { [`${ENV}/app.yml`]: 'kind: Deployment\n' });
    expect(await (await followed.fetchHead())?.exists(ENV)).toBe(true);
  });

  it('may be another branch, a tag or HEAD', async () => {
    const world = await pushed();
    await given.server.git(world.name, 'branch', 'deploy', 'main^');
    await given.server.git(world.name, 'tag', 'v1', 'main');
    const headOf = async (revision: string) =>
      (await world.repository.follow(revision, world.commit).fetchHead())?.commit;
    expect(await headOf('deploy')).toBe(await given.server.git(world.name, 'rev-parse', 'deploy'));
    expect(await headOf('v1')).toBe(world.commit);
    expect(await headOf('HEAD')).toBe(world.commit);
    const deploy = world.repository.follow('deploy', world.commit);
    expect(await deploy.includes(await given.server.git(world.name, 'rev-parse', 'deploy'))).toBe(false);
  });

  it('is unknown if the remote has none of that name, and is never an option of git', async () => {
    const world = await pushed();
    for (const revision of ['nowhere', 'v1.*', '--upload-pack=touch /tmp/x', 'a:b', '']) {
      const followed = world.repository.follow(revision, world.commit);
      expect(await followed.fetchHead()).toBeUndefined();
      expect(await followed.includes('1.2.3')).toBe(false);
      expect(await followed.includes('--help')).toBe(false);
    }
  });
});
