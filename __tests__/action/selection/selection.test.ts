import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Checkout, checkOut, checkOutPullRequest } from '../../../sandbox/checkout.ts';
import { filesOf, type ListedFile, merge, pullRequestEvent, updateRefs } from '../../../sandbox/git/pull-requests.ts';
import { type GitServer, startGitServer } from '../../../sandbox/git/server.ts';
import { type GithubStandIn, startGithub } from '../../../sandbox/github/api.ts';
import { connectGithub } from '../../../src/action/github/api.ts';
import { type ListFiles, selectInstances } from '../../../src/action/selection/selection.ts';
import { type Tasks, tasksOf } from '../../../src/action/selection/tasks.ts';
import { githubOrigin } from '../../../src/inputs/event/origin.ts';
import { readRequest } from '../../../src/inputs/request.ts';
import { ClusterRepository } from '../../../src/repository/cluster-repository.ts';
import { given, REQUIRED } from '../given.ts';

type Texts = Readonly<Record<string, string>>;

const TOKEN = 'selection-token-1b';
const REFS = { number: 7, head: 'change', base: 'main' };
const config = (name: string) => `instances/${name}/config.yml`;
const application = (name: string) => `instances/${name}/application.yml`;

let server: GitServer;
let github: GithubStandIn;
let directory: string;
let repository = '';
let count = 0;
/** What GitHub lists, where it is not what the branches tell. */
let listed: ListedFile[] | undefined;
const checkouts: Checkout[] = [];

beforeAll(async () => {
  server = await startGitServer([{ name: 'x-access-token', password: TOKEN, mayPush: true }]);
  github = await startGithub({ token: TOKEN, listFiles: async () => listed ?? (await filesOf(git, REFS)) });
  // @actions/github reads the environment once, when it is loaded.
  Object.assign(process.env, { GITHUB_API_URL: github.url, GITHUB_REPOSITORY: 'org/cluster' });
  directory = await mkdtemp(path.join(tmpdir(), 'launchpad-selection-'));
});
afterEach(() => {
  listed = undefined;
});
afterAll(async () => {
  for (const checkout of checkouts) await checkout.remove();
  await rm(directory, { recursive: true, force: true });
  await github.stop();
  await server.stop();
});

const git = (...args: string[]) => server.git(repository, ...args);

/** A repository whose main has an instance `live`, and a branch with these files on top of it. */
async function repositoryWith(files: Texts): Promise<void> {
  count += 1;
  repository = `org/selection-${count}`;
  await server.createRepository(repository, {
    [config('live')]: 'A: "1"\n',
    [application('live')]: 'kind: Application\n',
    'docs/a.md': 'a\n',
  });
  await server.commit(repository, files, REFS.head);
  await updateRefs(git, REFS);
}

interface Step {
  readonly event: string;
  readonly payload: object;
  readonly inputs?: Texts;
}

/** What a step would do: the tasks of the action for that event. */
async function tasksFor({ event, payload, inputs = {} }: Step): Promise<Tasks> {
  const url = `${server.url}/${repository}.git`;
  const checkout = event === 'push' ? checkOut(url, TOKEN) : checkOutPullRequest(url, TOKEN, REFS.number);
  checkouts.push(await checkout);
  const file = path.join(directory, 'event.json');
  await writeFile(file, JSON.stringify(payload));
  const variables = {
    GITHUB_EVENT_NAME: event,
    GITHUB_EVENT_PATH: file,
    GITHUB_REF: event === 'push' ? 'refs/heads/main' : 'refs/pull/7/merge',
    GITHUB_REPOSITORY: 'org/cluster',
    GITHUB_RUN_ID: '1',
    GITHUB_WORKSPACE: (await checkout).directory,
    PATH: process.env.PATH ?? '',
    HOME: directory,
  };
  const inputSource = given({
    inputs: { ...REQUIRED, kubeconfig: 'apiVersion: v1', 'api-token': TOKEN, ...inputs },
    variables,
  });
  const origin = githubOrigin(inputSource);
  const request = readRequest(inputSource, origin);
  const listFiles: ListFiles = async (number) => {
    const { api } = await connectGithub(inputSource, {});
    return await api.pullRequestFiles(number);
  };
  const selection = await selectInstances(request, origin, listFiles);
  const opened = await ClusterRepository.open(request.repository);
  return await tasksOf(request, selection, { event: origin.event, heads: await opened.fetchHeads() });
}

const onPullRequest = (inputs: Texts = {}, action: 'opened' | 'closed' = 'opened') =>
  tasksFor({
    event: 'pull_request',
    payload: pullRequestEvent({ ...REFS, repository: 'org/cluster', action }),
    inputs,
  });
const onPush = (range: object, inputs: Texts = {}) => tasksFor({ event: 'push', payload: range, inputs });

const provision = (instance: string, flags: { isDryRun?: boolean; isPreview?: boolean } = {}) => ({
  instance,
  operation: 'provision',
  isDryRun: false,
  isPreview: false,
  ...flags,
});
const takenDown = (instance: string) => ({ ...provision(instance, { isPreview: true }), operation: 'deprovision' });

describe('an open pull request', () => {
  it('has what it adds as sandboxes and what its base has as plans', async () => {
    await repositoryWith({
      [config('b')]: 'A: "b"\n',
      [application('a')]: 'kind: Application\n',
      [config('live')]: 'A: "2"\n',
      'instances/c/env/app.yml': 'kind: Pod\n',
      'instances/c/deep/config.yml': 'A: "c"\n',
      'other/d/config.yml': 'A: "d"\n',
    });
    const tasks = [
      provision('a', { isPreview: true }),
      provision('b', { isPreview: true }),
      provision('live', { isDryRun: true }),
    ];
    expect(await onPullRequest()).toEqual({ tasks, notes: [] });
    const planned = await onPullRequest({ 'dry-run': 'true' });
    expect(planned.tasks.map(({ isDryRun, isPreview }) => [isDryRun, isPreview])).toEqual([
      [true, true],
      [true, true],
      [true, false],
    ]);
    // The input's name counts in place of what changed; what is in use stays a plan.
    for (const [instance, flags] of [
      ['live', { isDryRun: true }],
      ['fresh', { isPreview: true }],
    ] as const) {
      expect((await onPullRequest({ instance })).tasks).toEqual([provision(instance, flags)]);
    }
  });

  it('is about the directory of the settings', async () => {
    await repositoryWith({ [config('a')]: 'A: "b"\n', 'schools/all/d/config.yml': 'A: "d"\n' });
    const { tasks } = await onPullRequest({ 'instances-directory': 'schools/all' });
    expect(tasks).toEqual([provision('d', { isPreview: true })]);
  });

  it('deprovisions nothing because of a renamed or removed file, and says so', async () => {
    await repositoryWith({ 'docs/b.md': 'b\n' });
    await server.commit(repository, { [config('second')]: 'B: "a long enough line to be found again"\n' });
    await git('branch', '--force', REFS.head, 'main');
    const checkout = await checkOut(`${server.url}/${repository}.git`, TOKEN, REFS.head);
    checkouts.push(checkout);
    await checkout.git('mv', 'instances/second', 'instances/moved');
    await checkout.git('rm', '--quiet', config('live'), application('live'));
    await checkout.git('-c', 'user.name=A', '-c', 'user.email=a@example.org', 'commit', '--quiet', '-m', 'move');
    await checkout.git('push', '--quiet', 'origin', REFS.head);
    await updateRefs(git, REFS);
    expect((await filesOf(git, REFS)).map(({ status }) => status)).toContain('renamed');
    const { tasks, notes } = await onPullRequest();
    expect(tasks).toEqual([provision('moved', { isPreview: true })]);
    expect(notes).toEqual(
      ['live', 'second'].map((name) => expect.stringMatching(`^Instance ${name}: .* is left as it is`)),
    );
  });

  it('cannot be about a directory that no instance may have', async () => {
    await repositoryWith({
      [config('kube-system')]: 'A: "b"\n',
      [config('My_School')]: 'A: "b"\n',
      [config('a')]: 'A: "b"\n',
    });
    await expect(onPullRequest()).rejects.toMatchObject({
      code: 'instance-name-invalid',
      message: expect.stringMatching(/- instances\/My_School\n {2}- instances\/kube-system$/),
    });
  });

  it('is not made anew from a name that its branch does not have any more', async () => {
    await repositoryWith({ [config('a')]: 'A: "b"\n' });
    listed = await filesOf(git, REFS);
    await git('branch', '--force', REFS.head, 'main');
    const { tasks, notes } = await onPullRequest();
    expect(tasks).toEqual([]);
    expect(notes).toEqual([expect.stringContaining('Instance a: the branch does not have it any more')]);
  });

  it('that changes more files than GitHub lists asks for the input', async () => {
    await repositoryWith({ [config('a')]: 'A: "b"\n' });
    const [file] = await filesOf(git, REFS);
    listed = Array.from({ length: 3_001 }, () => file ?? []).flat();
    await expect(onPullRequest()).rejects.toMatchObject({
      code: 'too-many-files',
      remedy: expect.stringContaining('input instance'),
    });
    expect((await onPullRequest({ instance: 'a' })).tasks).toHaveLength(1);
  });

  it('needs the hosts of its servers in the settings, as it could name others in its files', async () => {
    await repositoryWith({ [config('a')]: 'MYSQL_HOST: evil.example.com\nMONGODB_HOST: evil.example.com\n' });
    await expect(onPullRequest({ 'mysql-host': '', 'mongodb-host': '' })).rejects.toMatchObject({
      code: 'settings-invalid',
      message: expect.stringMatching(/mysql-host .*missing[\s\S]*mongodb-host .*missing/),
    });
  });

  it('is not deprovisioned', async () => {
    await repositoryWith({ [config('a')]: 'A: "b"\n' });
    await expect(onPullRequest({ operation: 'deprovision' })).rejects.toMatchObject({
      code: 'operation-refused',
      message: expect.stringContaining('#7 is open'),
    });
  });
});

describe('a pull request that was closed without having been merged', () => {
  const deprovision = (inputs: Texts = {}) => onPullRequest({ operation: 'deprovision', ...inputs }, 'closed');

  it('has what it added deprovisioned, and nothing that its base has', async () => {
    await repositoryWith({ [config('a')]: 'A: "b"\n', [config('live')]: 'A: "2"\n' });
    // The branch is gone by then.
    await git('branch', '--delete', '--force', REFS.head);
    expect(await deprovision()).toEqual({
      tasks: [takenDown('a')],
      notes: [expect.stringMatching(/^Instance live: main has it. It is left/)],
    });
    expect((await deprovision({ instance: 'a' })).tasks).toEqual([takenDown('a')]);
  });

  it('deprovisions no instance by name that it did not add', async () => {
    await repositoryWith({ [config('a')]: 'A: "b"\n' });
    for (const [instance, why] of [
      ['live', 'live is on main, so it is in use'],
      ['b', 'b is not in the pull request'],
    ] as const) {
      await expect(deprovision({ instance })).rejects.toMatchObject({
        code: 'operation-refused',
        message: expect.stringContaining(why),
      });
    }
  });

  it('has nothing provisioned', async () => {
    await repositoryWith({ [config('a')]: 'A: "b"\n' });
    expect(await onPullRequest({}, 'closed')).toEqual({
      tasks: [],
      notes: [expect.stringContaining('Operation deprovision removes what it had added')],
    });
  });
});

describe('a push', () => {
  it('is about what it adds and changes, from a checkout without history', async () => {
    await repositoryWith({ [config('a')]: 'A: "b"\n', [config('live')]: 'A: "2"\n' });
    expect((await onPush(await merge(git, REFS))).tasks).toEqual([provision('a'), provision('live')]);
  });

  it('deprovisions nothing that is not named', async () => {
    await repositoryWith({ [config('a')]: 'A: "b"\n' });
    await expect(onPush(await merge(git, REFS), { operation: 'deprovision' })).rejects.toMatchObject({
      code: 'settings-invalid',
      message: expect.stringContaining('- instance: missing'),
    });
  });

  it('leaves alone what it takes away, and what the branch does not have any more', async () => {
    await repositoryWith({ [config('a')]: 'A: "b"\n' });
    const range = await merge(git, REFS);
    await git('update-ref', 'refs/heads/main', range.before);
    const later = await onPush(range);
    expect(later).toEqual({ tasks: [], notes: [expect.stringContaining('Instance a: the branch does not have it')] });
    const reverted = await onPush({ before: range.after, after: range.before });
    expect(reverted.tasks).toEqual([]);
    expect(reverted.notes).toContainEqual(expect.stringMatching(/^Instance a: its files are removed/));
  });

  it('that deletes the branch or changes no instance is about none', async () => {
    await repositoryWith({ 'docs/b.md': 'b\n' });
    const range = await merge(git, REFS);
    expect((await onPush(range)).notes).toEqual([expect.stringContaining('nothing to do')]);
    expect((await onPush({ ...range, after: '0'.repeat(40) })).notes).toEqual([
      'The push deletes the branch: nothing to do.',
    ]);
  });

  it.each([
    ['of a new branch', { before: '0'.repeat(40) }],
    ['whose commit before is gone', { before: '0123456789'.repeat(4) }],
    ['whose payload tells nothing', { before: undefined, after: undefined }],
  ])('%s asks for the input', async (_, change) => {
    await repositoryWith({ [config('a')]: 'A: "b"\n' });
    const range = { ...(await merge(git, REFS)), ...change };
    await expect(onPush(range)).rejects.toMatchObject({
      code: 'push-not-comparable',
      remedy: expect.stringContaining('input instance'),
    });
    expect((await onPush(range, { instance: 'live' })).tasks).toEqual([provision('live')]);
  });
});
