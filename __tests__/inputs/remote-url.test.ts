import { repositoryOfRun } from '../../src/inputs/remote-url.ts';

const hosted = { serverUrl: 'https://github.com', host: 'github.com', owner: 'Example-Org', name: 'cluster' };
const dispatch = { kind: 'branch', branch: 'main' } as const;
const push = { kind: 'push', branch: 'main', range: { before: '', after: '' } } as const;

describe('the repository of a run', () => {
  it.each([
    'https://github.com/example-org/cluster',
    'https://github.com/Example-Org/cluster.git',
    'git@github.com:Example-Org/cluster.git',
    'ssh://git@ssh.github.com:443/Example-Org/cluster.git',
    '/srv/git/anything.git',
    'file:///srv/git/anything.git',
  ])("is the workflow's where the checkout is of it, or says no owner: %s", (remote) => {
    for (const event of [dispatch, push]) expect(repositoryOfRun(remote, { hosted, event })).toEqual(hosted);
  });

  it('is the one that is pushed to, where the workflow names the instances', () => {
    expect(repositoryOfRun('git@gitlab.example.org:ops/other.git', { hosted, event: dispatch })).toEqual({
      serverUrl: 'https://gitlab.example.org',
      host: 'gitlab.example.org',
      owner: 'ops',
      name: 'other',
    });
  });

  it('must be the one that the event is about', () => {
    expect(() => repositoryOfRun('https://github.com/me/dotfiles', { hosted, event: push })).toThrow(
      expect.objectContaining({
        code: 'other-repository',
        message:
          'The checkout is of me/dotfiles, but the event that started the workflow is about Example-Org/cluster.',
      }),
    );
  });
});
