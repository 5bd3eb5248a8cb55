import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type EventOptions, pullRequestEvent } from '../../../sandbox/git/pull-requests.ts';
import { githubOrigin } from '../../../src/inputs/event/origin.ts';
import { given, messageThrownBy } from '../../action/given.ts';

let file: string;
beforeAll(async () => {
  file = path.join(await mkdtemp(path.join(tmpdir(), 'launchpad-event-')), 'event.json');
});
afterAll(() => rm(path.dirname(file), { recursive: true, force: true }));

const PULL_REQUEST: EventOptions = {
  number: 7,
  head: 'add/school',
  base: 'main',
  repository: 'Example-Org/cluster',
  action: 'opened',
};

async function origin(event: string, payload: object | string, variables: Readonly<Record<string, string>> = {}) {
  await writeFile(file, typeof payload === 'string' ? payload : JSON.stringify(payload));
  const github = {
    GITHUB_EVENT_NAME: event,
    GITHUB_EVENT_PATH: file,
    GITHUB_REF: 'refs/pull/7/merge',
    GITHUB_REPOSITORY: 'Example-Org/cluster',
    GITHUB_RUN_ID: '1',
  };
  return githubOrigin(given({ variables: { ...github, ...variables } }));
}

const pullRequest = (options: Partial<EventOptions> = {}, event = 'pull_request') =>
  origin(event, pullRequestEvent({ ...PULL_REQUEST, ...options }));

const refusal = (code: string, ...texts: string[]) =>
  expect.objectContaining({
    code,
    ...(texts.length === 0 ? {} : { message: expect.stringMatching(texts.join('.*')) }),
    remedy: expect.stringMatching(/./),
  });

describe('an event of a pull request', () => {
  it.each(['pull_request', 'pull_request_target'])('%s is read and pushed at its head branch', async (event) => {
    for (const action of ['opened', 'synchronize', 'reopened'] as const) {
      const { source, event: read } = await pullRequest({ action }, event);
      expect(source).toEqual({ branch: 'add/school', base: 'main' });
      expect(read).toMatchObject({ kind: 'pull-request', pullRequest: { number: 7, state: 'open' } });
    }
  });

  it.each([true, false])(
    'that closed it (merged: %s) is read at what it last held, and pushes nothing',
    async (merged) => {
      const { source, event } = await pullRequest({ action: 'closed', merged });
      expect(source).toEqual({ branch: 'add/school', base: 'main', ref: 'refs/pull/7/head' });
      expect(event).toMatchObject({ pullRequest: { state: merged ? 'merged' : 'closed' } });
    },
  );

  it.each([
    ['somebody/cluster', 'the fork somebody/cluster'],
    [null, 'a fork that is gone'],
  ] as const)('from %s is refused: it has no secrets', async (from, words) => {
    for (const action of ['opened', 'closed'] as const) {
      await expect(pullRequest({ from, action })).rejects.toEqual(refusal('fork', words, 'no secrets'));
    }
  });

  it('on pull_request_target from a fork is refused: it has the secrets, and its code is foreign', async () => {
    await expect(pullRequest({ from: 'somebody/cluster' }, 'pull_request_target')).rejects.toEqual(
      refusal('fork', 'the fork somebody/cluster', 'pull_request_target', 'secrets', 'could run its code'),
    );
  });

  it('is not one of a fork where only the case of the name differs', async () => {
    expect((await pullRequest({ from: 'example-org/CLUSTER' })).source.branch).toBe('add/school');
  });

  it.each(['pull_request_review', 'pull_request_review_comment'])('%s is not supported', async (event) => {
    await expect(pullRequest({}, event)).rejects.toEqual(refusal('event-unsupported', `The event ${event} is not`));
  });

  it.each<[string, object | string, string]>([
    ['no JSON', '{"pull_request": ', 'cannot be read'],
    ['no object', '[]', 'is not a JSON object'],
    ['without a pull request', {}, 'has no pull_request.number'],
    ['without a head', { pull_request: { number: 7, state: 'open', base: {} } }, 'has no pull_request.base.repo'],
  ])('whose payload is %s is an error that says so', async (_, payload, words) => {
    await expect(origin('pull_request', payload)).rejects.toEqual(refusal('event-invalid', words));
  });

  it('whose payload is missing is an error that says so', async () => {
    const missing = origin('pull_request', '', { GITHUB_EVENT_PATH: path.join(file, 'not', 'there') });
    await expect(missing).rejects.toEqual(refusal('event-invalid', 'cannot be read'));
    await expect(origin('pull_request', '', { GITHUB_EVENT_PATH: '' })).rejects.toEqual(refusal('not-in-workflow'));
  });
});

describe('a push', () => {
  const range = { before: 'a'.repeat(40), after: 'b'.repeat(40) };

  it('is of a branch, from one commit to another', async () => {
    const { source, event } = await origin('push', range, { GITHUB_REF: 'refs/heads/clusters/production' });
    expect(source).toEqual({ branch: 'clusters/production' });
    expect(event).toEqual({ kind: 'push', branch: 'clusters/production', range });
  });

  it('of a tag is refused, whatever its payload', async () => {
    await expect(origin('push', range, { GITHUB_REF: 'refs/tags/v1' })).rejects.toEqual(refusal('not-a-branch'));
  });
});

describe('an event of a branch', () => {
  it.each([
    'workflow_dispatch',
    'schedule',
    'workflow_run',
    'repository_dispatch',
    'issue_comment',
    'create',
    'delete',
  ])('%s is that of its branch', async (event) => {
    const { source } = await origin(event, {}, { GITHUB_REF: 'refs/heads/main' });
    expect(source).toEqual({ branch: 'main' });
  });

  it.each(['merge_group', 'release'])('%s is refused, with what to use instead', async (event) => {
    for (const ref of ['refs/heads/main', 'refs/tags/v1'])
      await expect(origin(event, {}, { GITHUB_REF: ref })).rejects.toMatchObject({
        code: 'event-unsupported',
        remedy: expect.stringMatching(/on push|on pull_request/),
      });
  });

  it.each(['push', 'workflow_dispatch', 'merge_group'])(
    '%s on a branch of the merge queue is refused',
    async (event) => {
      const queue = { GITHUB_REF: 'refs/heads/gh-readonly-queue/main/pr-7-0123abc' };
      await expect(origin(event, {}, queue)).rejects.toEqual(refusal('event-unsupported'));
    },
  );

  it.each(['workflow_dispatch', 'schedule', 'push'])('%s of a tag is refused', async (event) => {
    await expect(origin(event, {}, { GITHUB_REF: 'refs/tags/v1' })).rejects.toEqual(refusal('not-a-branch'));
  });
});

it('an event of a branch needs no payload', () => {
  const variables = {
    GITHUB_EVENT_NAME: 'schedule',
    GITHUB_REF: 'refs/heads/main',
    GITHUB_REPOSITORY: 'o/r',
    GITHUB_RUN_ID: '1',
  };
  expect(githubOrigin(given({ variables })).source).toEqual({ branch: 'main' });
  expect(
    messageThrownBy(() => githubOrigin(given({ variables: { ...variables, GITHUB_EVENT_NAME: 'push' } }))),
  ).toMatch('GITHUB_EVENT_PATH is not set');
});
