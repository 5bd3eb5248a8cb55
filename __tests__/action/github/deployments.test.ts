import nock from 'nock';
import { Deployments } from '../../../src/action/github/deployments.ts';
import type { Outcome } from '../../../src/operations/outcome/outcome.ts';
import { connected, ROOT } from '../github-api.ts';
import { deprovisioned, failed, provisioned, taskOf } from '../outcomes.ts';

beforeAll(() => nock.disableNetConnect());
afterEach(() => nock.cleanAll());
afterAll(() => nock.restore());

const DEPLOYMENTS = '/repos/org/cluster/deployments';
const LOG = 'https://github.com/org/cluster/actions/runs/1/attempts/1';

function given(tellsDeployments = true) {
  const [warnings, kept]: [string[], Record<string, number | undefined>] = [[], {}];
  const request = {
    tellsDeployments,
    hosted: { owner: 'org', name: 'cluster' },
    repository: { branch: 'main' },
    run: { url: LOG },
  };
  const deployments = new Deployments(request, {
    connect: async () => await connected(),
    log: { warning: (line) => void warnings.push(line), redact: (text) => text.replaceAll('hunter2', '***') },
    keep: (instance, id) => {
      kept[instance] = id;
    },
  });
  return { deployments, warnings, kept };
}

/** What GitHub answers of a deployment; its description requires much more, and nothing else is read. */
const created = (id: number) => ({ id, ref: 'main', task: 'deploy', environment: 'launchpad/a' });

/** The body that GitHub must get: `ref` is required, and without the next two it merges and waits for checks. */
function expectCreated(environment: string, id: number, isTransient = false): void {
  const body = {
    ref: 'main',
    environment,
    auto_merge: false,
    required_contexts: [],
    transient_environment: isTransient,
  };
  nock(ROOT).post(DEPLOYMENTS, body).reply(201, created(id));
}

/** `state` is required. */
function expectState(id: number, state: string, others: object = {}): void {
  nock(ROOT)
    .post(`${DEPLOYMENTS}/${id}/statuses`, { state, log_url: LOG, ...others })
    .reply(201, { id: 1, state });
}

const allDone = () => expect(nock.pendingMocks()).toEqual([]);

describe('deployments', () => {
  it('are in progress while an instance is provisioned or configured, and then have the address of its LMS', async () => {
    const { deployments, warnings, kept } = given();
    expectCreated('launchpad/a', 7);
    expectState(7, 'in_progress');
    expectCreated('launchpad/b', 8, true);
    expectState(8, 'in_progress');
    await deployments.begin([
      taskOf('a', { operation: 'configure' }),
      taskOf('b', { isPreview: true }),
      taskOf('c', { operation: 'deprovision' }),
      taskOf('d', { isDryRun: true }),
    ]);
    allDone();
    expect(kept).toEqual({ a: 7, b: 8 });

    const done = provisioned('a');
    const outcome: Outcome =
      done.kind === 'provisioned' ? { ...done, report: { ...done.report, lmsUrl: 'https://a.example.org' } } : done;
    expectState(7, 'success', { environment_url: 'https://a.example.org' });
    expectState(8, 'failure');
    await deployments.end([outcome, failed('b', new Error('no'))]);
    allDone();
    expect(kept).toEqual({ a: undefined, b: undefined });
    expect(warnings).toEqual([]);
  });

  it('are inactive once the instance is taken down, those that failed left as they are', async () => {
    const { deployments, warnings } = given();
    const states = { 9: 'success', 8: 'failure', 7: 'inactive', 6: undefined };
    nock(ROOT)
      .get(DEPLOYMENTS)
      .query({ environment: 'launchpad/a', per_page: 100 })
      .reply(200, [9, 8, 7, 6].map(created));
    for (const [id, state] of Object.entries(states)) {
      nock(ROOT)
        .get(`${DEPLOYMENTS}/${id}/statuses`)
        .query({ per_page: 1 })
        .reply(200, state === undefined ? [] : [{ id: 1, state }]);
    }
    expectState(9, 'inactive');
    expectState(6, 'inactive');
    await deployments.end([deprovisioned('a')]);
    allDone();
    expect(warnings).toEqual([]);
  });

  it.each([403, 404, 409, 422])('that GitHub refuses with %d are one warning, and no error', async (status) => {
    const { deployments, warnings } = given();
    nock(ROOT).post(DEPLOYMENTS).times(20).reply(status, { message: 'Not for hunter2' });
    const tasks = ['a', 'b', 'c'].map((instance) => taskOf(instance));
    await deployments.begin(tasks);
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
    nock(ROOT).post(DEPLOYMENTS).reply(202, { message: 'Auto-merged main into topic on deployment.' });
    await deployments.begin([taskOf('a')]);
    expect(warnings[0]).toContain('Auto-merged main into topic on deployment.');
  });

  it('of a step that was killed have failed', async () => {
    const { deployments, warnings } = given();
    expectState(7, 'failure');
    await deployments.fail([7]);
    allDone();
    expect(warnings).toEqual([]);
  });

  it('are not asked for without input deployment: GitHub gets no request', async () => {
    const { deployments, warnings } = given(false);
    await deployments.begin([taskOf('a')]);
    await deployments.end([provisioned('a'), deprovisioned('b')]);
    expect(warnings).toEqual([]);
  });
});
