import nock from 'nock';
import { startGithub } from '../../../sandbox/github/api.ts';
import { Deployments } from '../../../src/action/github/deployments.ts';
import type { Outcome } from '../../../src/operations/outcome/outcome.ts';
import {
  connected,
  type Deployment,
  type DeploymentStatus,
  type Merged,
  type NewDeployment,
  type NewStatus,
  ROOT,
  unthrottled,
} from '../github-api.ts';
import { deprovisioned, failed, provisioned, taskOf } from '../outcomes.ts';

beforeAll(() => nock.disableNetConnect());
afterEach(() => nock.cleanAll());
afterAll(() => nock.restore());

const DEPLOYMENTS = '/repos/org/cluster/deployments';
const LOG = 'https://github.com/org/cluster/actions/runs/1/attempts/1';

function given(tellsDeployments = true, connect = async () => await unthrottled()) {
  const warnings: string[] = [];
  const begun: Record<string, number | undefined> = {};
  const kept: Record<string, number | undefined> = {};
  const request = {
    tellsDeployments,
    hosted: { owner: 'org', name: 'cluster' },
    repository: { branch: 'main' },
    run: { url: LOG },
  };
  const deployments = new Deployments(request, {
    connect,
    log: { warning: (line) => void warnings.push(line), redact: (text) => text.replaceAll('hunter2', '***') },
    keep: (instance, id) => {
      kept[instance] = id;
      begun[instance] ??= id;
    },
  });
  return { deployments, warnings, kept, begun };
}

const created = (id: number): Deployment => ({
  ...{ id, node_id: `D_${id}`, sha: 'a'.repeat(40), ref: 'main', task: 'deploy', payload: {} },
  ...{ environment: 'launchpad/a', description: null, creator: null },
  ...{ created_at: '2026-11-29T10:00:00Z', updated_at: '2026-11-29T10:00:00Z' },
  url: `${ROOT}${DEPLOYMENTS}/${id}`,
  statuses_url: `${ROOT}${DEPLOYMENTS}/${id}/statuses`,
  repository_url: `${ROOT}/repos/org/cluster`,
});

const statusOf = (id: number, state: DeploymentStatus['state']): DeploymentStatus => ({
  ...{ id: 1, node_id: 'DS_1', state, creator: null, description: '', target_url: LOG },
  ...{ created_at: '2026-11-29T10:00:00Z', updated_at: '2026-11-29T10:00:00Z' },
  url: `${ROOT}${DEPLOYMENTS}/${id}/statuses/1`,
  deployment_url: `${ROOT}${DEPLOYMENTS}/${id}`,
  repository_url: `${ROOT}/repos/org/cluster`,
});

/** The body that GitHub must get: `ref` is required, and without the next two it merges and waits for checks. */
function expectCreated(environment: string, id: number, isTransient = false): void {
  const body = {
    ref: 'main',
    environment,
    auto_merge: false,
    required_contexts: [],
    transient_environment: isTransient,
  } satisfies NewDeployment;
  nock(ROOT).post(DEPLOYMENTS, body).reply(201, created(id));
}

/** `state` is required. */
function expectState(id: number, state: NewStatus['state'], others: Partial<NewStatus> = {}): void {
  const body: NewStatus = { state, log_url: LOG, ...others };
  nock(ROOT)
    .post(`${DEPLOYMENTS}/${id}/statuses`, { ...body })
    .reply(201, statusOf(id, state));
}

const allDone = () => expect(nock.pendingMocks()).toEqual([]);

describe('deployments', () => {
  it('are in progress while an instance is provisioned or configured, and then have the address of its LMS', async () => {
    const { deployments, warnings, kept, begun } = given();
    expectCreated('launchpad/a', 7);
    expectState(7, 'in_progress');
    expectCreated('launchpad/b', 8, true);
    expectState(8, 'in_progress');
    deployments.begin([
      taskOf('a', { operation: 'configure' }),
      taskOf('b', { isPreview: true }),
      taskOf('c', { operation: 'deprovision' }),
      taskOf('d', { isDryRun: true }),
    ]);
    const done = provisioned('a');
    const outcome: Outcome =
      done.kind === 'provisioned' ? { ...done, report: { ...done.report, lmsUrl: 'https://a.example.org' } } : done;
    expectState(7, 'success', { environment_url: 'https://a.example.org' });
    expectState(8, 'failure');
    await deployments.end([outcome, failed('b', new Error('no'))]);
    allDone();
    expect(begun).toEqual({ a: 7, b: 8 });
    expect(kept).toEqual({ a: undefined, b: undefined });
    expect(warnings).toEqual([]);
  });

  it('are inactive once the instance is taken down, those that failed left as they are', async () => {
    const { deployments, warnings } = given();
    const states = { 9: 'success', 8: 'failure', 7: 'inactive', 6: undefined } as const;
    nock(ROOT)
      .get(DEPLOYMENTS)
      .query({ environment: 'launchpad/a', per_page: 100 })
      .reply(200, [9, 8].map(created), { link: `<${ROOT}${DEPLOYMENTS}?page=2>; rel="next"` })
      .get(DEPLOYMENTS)
      .query({ page: 2 })
      .reply(200, [7, 6].map(created));
    for (const [id, state] of Object.entries(states)) {
      nock(ROOT)
        .get(`${DEPLOYMENTS}/${id}/statuses`)
        .query({ per_page: 1 })
        .reply(200, state === undefined ? [] : [statusOf(Number(id), state)]);
    }
    expectState(9, 'inactive');
    expectState(6, 'inactive');
    await deployments.end([deprovisioned('a')]);
    allDone();
    expect(warnings).toEqual([]);
  });

  it.each([403, 404, 409, 422])('that GitHub refuses with %d are one warning, and no error', async (status) => {
    // A conflict is one that the client tries again.
    const { deployments, warnings } = status === 409 ? given(true, async () => await connected()) : given();
    nock(ROOT).post(DEPLOYMENTS).times(20).reply(status, { message: 'Not for hunter2' });
    const tasks = ['a', 'b', 'c'].map((instance) => taskOf(instance));
    deployments.begin(tasks);
    await deployments.end(tasks.map(({ instance }) => provisioned(instance)));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(
      "GitHub's deployments were not updated: GitHub's API did not create a deployment of launchpad/",
    );
    expect(warnings[0]).toContain(`${status} Not for ***`);
    if (status < 405) expect(warnings[0]).toContain('Give the job `permissions: deployments: write`');
  });

  it('that GitHub answers with a merge instead are a warning too', async () => {
    const { deployments, warnings } = given();
    const merged: Merged = { message: 'Auto-merged main into topic on deployment.' };
    nock(ROOT)
      .post(DEPLOYMENTS)
      .reply(202, { ...merged });
    deployments.begin([taskOf('a')]);
    await deployments.end([]);
    expect(warnings[0]).toContain('Auto-merged main into topic on deployment.');
  });

  it('are ended also where a state between was refused, and never by the post step then', async () => {
    const { deployments, warnings, kept } = given();
    expectCreated('launchpad/a', 7);
    nock(ROOT).post(`${DEPLOYMENTS}/7/statuses`).times(2).reply(422, { message: 'No' });
    deployments.begin([taskOf('a')]);
    await deployments.end([provisioned('a'), deprovisioned('b')]);
    allDone();
    expect(kept).toEqual({ a: undefined });
    expect(warnings).toHaveLength(1);
  });

  it('of a step that was killed have failed', async () => {
    const { deployments, warnings } = given(true, async () => await connected());
    expectState(7, 'failure');
    await deployments.fail([7]);
    allDone();
    expect(warnings).toEqual([]);
  });

  it('of previews are all inactive after closing; the older ones of others end by themselves', async () => {
    nock.enableNetConnect('127.0.0.1');
    const github = await startGithub({ token: 'a-token', listFiles: async () => [] });
    const api = async () => await unthrottled(github.url);
    const last = () => github.deployments.map(({ environment, statuses }) => [environment, statuses.at(-1)?.state]);
    try {
      for (const isPreview of [true, true, false, false]) {
        const { deployments } = given(true, api);
        const task = taskOf(isPreview ? 'pr' : 'a', { isPreview });
        deployments.begin([task]);
        await deployments.end([provisioned(task.instance)]);
      }
      expect(last()).toEqual([
        ['launchpad/pr', 'success'],
        ['launchpad/pr', 'success'],
        ['launchpad/a', 'inactive'],
        ['launchpad/a', 'success'],
      ]);
      const { deployments, warnings } = given(true, api);
      await deployments.end([deprovisioned('pr')]);
      expect(warnings).toEqual([]);
      expect(last().map(([, state]) => state)).toEqual(['inactive', 'inactive', 'inactive', 'success']);
    } finally {
      await github.stop();
      nock.disableNetConnect();
    }
  });

  it('are not asked for without input deployment: GitHub gets no request', async () => {
    const { deployments, warnings } = given(false);
    deployments.begin([taskOf('a')]);
    await deployments.end([provisioned('a'), deprovisioned('b')]);
    expect(warnings).toEqual([]);
  });
});
