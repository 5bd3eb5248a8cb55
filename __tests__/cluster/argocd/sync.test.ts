import type { JsonObject } from '../../../sandbox/kubernetes/json.ts';
import { kindNamed } from '../../../sandbox/kubernetes/kinds.ts';
import { mergePatch } from '../../../sandbox/kubernetes/patches.ts';
import { type KubernetesServer, startKubernetes } from '../../../sandbox/kubernetes/server.ts';
import { Cluster } from '../../../src/cluster/api/client.ts';
import { waitForSync } from '../../../src/cluster/argocd/sync.ts';
import { SYSTEM_CLOCK } from '../../../src/core/clock.ts';
import { sleep } from '../../../src/core/concurrency.ts';

const APPLICATION = kindNamed('Application');
const NAME = 'school-production';
const OURS = 'a'.repeat(40);
const LATER = 'b'.repeat(40);
const PREVIOUS = 'c'.repeat(40);
const EARLY = '2026-01-01T10:00:00Z';
const LATE = '2026-01-01T10:00:05Z';

let kubernetes: KubernetesServer;
let cluster: Cluster;
beforeAll(async () => {
  kubernetes = await startKubernetes();
  cluster = await Cluster.connect({ source: { kind: 'content', text: kubernetes.kubeconfig() } });
});
afterAll(async () => {
  await cluster.close();
  await kubernetes.stop();
});
afterEach(() => {
  for (const object of kubernetes.store.list(APPLICATION)) kubernetes.store.remove(APPLICATION, object);
});

/** Argo CD's look: takes the wish for it away, and writes what it found. */
const LOOK = { metadata: { annotations: { 'argocd.argoproj.io/refresh': null } } };

function write(patch: JsonObject): void {
  const current = kubernetes.store.get(APPLICATION, 'argocd', NAME);
  kubernetes.store.update(APPLICATION, current, mergePatch(current, patch) as JsonObject);
}

/**
 * Waits for an Application whose status is this; each of `looks` happens when the one before it has been reported. The time
 * limit is reached with line number `lastLine`.
 */
async function wait(
  status: JsonObject,
  looks: readonly (JsonObject | (() => void))[],
  { lastLine = Number.POSITIVE_INFINITY, lines = [] as string[], now = SYSTEM_CLOCK.monotonicMs } = {},
  /** What each look of Argo CD finds, the last one again and again. */
  found: readonly JsonObject[] = [],
) {
  kubernetes.store.create(APPLICATION, 'argocd', {
    metadata: { name: NAME, labels: { 'launchpad-provision/instance': 'school' } },
    spec: { syncPolicy: { automated: { prune: true } } },
    status,
  });
  const left = [...looks];
  const limit = Promise.withResolvers<void>();
  const findings = [...found];
  const argocd = setInterval(() => {
    const next = findings.length > 1 ? findings.shift() : findings[0];
    const annotations = kubernetes.store.find(APPLICATION, 'argocd', NAME)?.metadata.annotations;
    if (next !== undefined && annotations?.['argocd.argoproj.io/refresh'] !== undefined) write({ ...LOOK, ...next });
  }, 20);
  const state = await waitForSync(cluster, {
    instance: 'school',
    application: NAME,
    commit: OURS,
    includesCommit: async (revision) => [OURS, LATER].includes(revision),
    timeoutMs: 600_000,
    signal: new AbortController().signal,
    onChange: (line) => {
      lines.push(line);
      if (lines.length >= lastLine) limit.resolve();
      const next = left.shift();
      if (typeof next === 'function') next();
      else if (next !== undefined) write(next);
    },
    onRetry: () => undefined,
    clock: {
      ...SYSTEM_CLOCK,
      monotonicMs: now,
      sleep: (_, stop, purpose) => (purpose === 'limit' ? limit.promise : sleep(10, stop)),
    },
  }).finally(() => clearInterval(argocd));
  return { state, lines };
}

const HEALTHY = { health: { status: 'Healthy' }, reconciledAt: LATE };
const SUCCEEDED = { phase: 'Succeeded', finishedAt: EARLY, syncResult: { revision: OURS } };

describe('waiting for Argo CD', () => {
  it('takes nothing from before the look that it asked for', async () => {
    const before = { ...HEALTHY, sync: { status: 'Synced', revision: OURS }, operationState: SUCCEEDED };
    const { lines } = await wait(before, [{ ...LOOK, status: { sync: { status: 'Synced', revision: LATER } } }]);
    expect(lines).toEqual([
      `${NAME}: waiting for Argo CD to look at it`,
      `${NAME}: Synced at ${LATER.slice(0, 7)}, Healthy`,
    ]);
  });

  it('waits while an operation is requested or runs, and until the cluster was compared after it', async () => {
    const lines: string[] = [];
    const at = OURS.slice(0, 7);
    const running = { phase: 'Running', finishedAt: null, syncResult: { revision: OURS } };
    const looks = [
      { ...LOOK, operation: {}, status: { ...HEALTHY, sync: { status: 'Synced', revision: OURS } } },
      { operation: null, status: { operationState: running } },
      { status: { operationState: { phase: 'Succeeded', finishedAt: '2026-01-01T10:00:09Z' } } },
    ];
    await expect(wait({}, looks, { lastLine: 4, lines })).rejects.toMatchObject({ code: 'sync-timeout' });
    expect(lines.slice(1)).toEqual([
      `${NAME}: Synced at ${at}, Healthy, sync requested`,
      `${NAME}: Synced at ${at}, Healthy, sync Running`,
      `${NAME}: Synced at ${at}, Healthy`,
    ]);
  });

  it('finds its commit among the revisions of an Application with several sources', async () => {
    const { state } = await wait({}, [
      { ...LOOK, status: { ...HEALTHY, sync: { status: 'Synced', revisions: ['1.2.3', OURS] } } },
    ]);
    expect(state).toEqual({ sync: 'Synced', health: 'Healthy' });
  });

  it('needs no operation where all was as it should be already', async () => {
    const { state } = await wait({}, [{ ...LOOK, status: { ...HEALTHY, sync: { status: 'Synced', revision: OURS } } }]);
    expect(state).toEqual({ sync: 'Synced', health: 'Healthy' });
  });

  it('is not ended by an operation that failed at an older commit', async () => {
    const failed = { phase: 'Failed', message: 'no', finishedAt: EARLY, syncResult: { revision: PREVIOUS } };
    const { state } = await wait({ operationState: failed }, [
      { ...LOOK, status: { sync: { status: 'OutOfSync', revision: OURS }, health: { status: 'Missing' } } },
      { status: { ...HEALTHY, sync: { status: 'Synced', revision: OURS }, operationState: SUCCEEDED } },
    ]);
    expect(state).toEqual({ sync: 'Synced', health: 'Healthy' });
  });

  it('is ended by one that failed at its commit before it began, as Argo CD tries it no more', async () => {
    const failed = {
      phase: 'Error',
      message: 'no such kind',
      finishedAt: EARLY,
      operation: { sync: { revision: OURS } },
    };
    await expect(wait({ operationState: failed }, [{ ...LOOK, status: { reconciledAt: LATE } }])).rejects.toMatchObject(
      {
        code: 'sync-failed',
        message: expect.stringContaining('no such kind'),
      },
    );
  });

  it('tells what Argo CD complains of, and which revision it is at, when the time is up', async () => {
    const conditions = [{ type: 'ComparisonError', message: 'authentication\n  required' }];
    await expect(
      wait({}, [{ ...LOOK, status: { conditions, sync: { status: 'Unknown' } } }], { lastLine: 2 }),
    ).rejects.toMatchObject({
      code: 'sync-timeout',
      message: expect.stringContaining('Unknown, Unknown, ComparisonError: authentication required'),
      remedy: expect.stringContaining('Correct what Argo CD complains of'),
    });
    kubernetes.store.remove(APPLICATION, kubernetes.store.get(APPLICATION, 'argocd', NAME));
    const behind = { ...HEALTHY, sync: { status: 'Synced', revision: PREVIOUS }, operationState: SUCCEEDED };
    await expect(wait({}, [{ ...LOOK, status: behind }], { lastLine: 2 })).rejects.toMatchObject({
      message: expect.stringContaining(
        `still at ${PREVIOUS.slice(0, 7)}, which does not have commit ${OURS.slice(0, 7)} in its history`,
      ),
      remedy: expect.stringContaining('which repository and revision the Application follows'),
    });
  });

  // Status at a ComparisonError, as Argo CD 3.5 writes it: the revision is the branch, the health that of no resources.
  const complaining = (message: string) => ({
    status: {
      ...HEALTHY,
      sync: { status: 'Unknown', revision: 'main' },
      conditions: [{ type: 'ComparisonError', message }],
    },
  });
  const synced = (revision: string) => ({
    status: { ...HEALTHY, conditions: null, sync: { status: 'Synced', revision } },
  });

  it.each([{ automated: null }, { automated: { enabled: false } }])(
    'tells that somebody has to sync it, when the time is up and its policy is %j',
    async (syncPolicy) => {
      const look = { ...LOOK, spec: { syncPolicy }, status: { sync: { status: 'OutOfSync', revision: OURS } } };
      await expect(wait({}, [look], { lastLine: 2 })).rejects.toMatchObject({
        code: 'sync-timeout',
        remedy: expect.stringContaining('or run without wait-for-sync'),
      });
    },
  );

  it('asks for another look until one is at its commit', async () => {
    const found = [complaining('manifest path does not exist'), synced(PREVIOUS), synced(PREVIOUS), synced(OURS)];
    expect((await wait({}, [], {}, found)).state).toEqual({ sync: 'Synced', health: 'Healthy' });
  });

  it('ends as soon as several looks in a row end in the same complaint', async () => {
    await expect(wait({}, [], {}, [complaining('kustomize build failed:\n  no such file')])).rejects.toMatchObject({
      code: 'sync-failed',
      message: `Argo CD cannot read the manifests of Application ${NAME} (namespace argocd) at commit ${OURS.slice(0, 7)} or after: kustomize build failed: no such file`,
      remedy: expect.stringContaining('Correct the files that it names'),
    });
  });

  it.each([
    'rpc error: code = Unavailable desc = connection error',
    'failed to list refs: dial tcp: lookup git.example.org: no such host',
    'context deadline exceeded',
  ])('waits on where the complaint is about a connection: %s', async (message) => {
    const found = [...Array(6).fill(complaining(message)), synced(OURS)];
    expect((await wait({}, [], {}, found)).state).toEqual({ sync: 'Synced', health: 'Healthy' });
  });

  it('ends at once where Argo CD does not accept the Application', async () => {
    const message =
      "application destination server 'x' and namespace 'school' do not match any of the allowed destinations";
    const conditions = [{ type: 'InvalidSpecError', message }];
    const refused = { status: { reconciledAt: LATE, sync: { status: 'Unknown' }, conditions } };
    await expect(wait({}, [], {}, [refused])).rejects.toMatchObject({
      code: 'sync-failed',
      message: `Argo CD does not accept Application ${NAME} (namespace argocd): ${message}`,
      remedy: expect.stringContaining('AppProject default must exist and allow'),
    });
  });

  it('names the failed hook, with the command that shows its log, once', async () => {
    const message = 'one or more synchronization tasks completed unsuccessfully (retried 2 times).';
    const hook = { kind: 'Job', namespace: 'school', name: 'lms-init', hookType: 'Sync', hookPhase: 'Failed' };
    const resources = [
      { ...hook, message: 'Job has reached the specified backoff limit' },
      { kind: 'ConfigMap', namespace: 'school', name: 'settings', status: 'Synced', hookPhase: 'Running' },
    ];
    const operationState = { phase: 'Failed', message, finishedAt: EARLY, syncResult: { revision: OURS, resources } };
    const conditions = [{ type: 'SyncError', message: `Failed last sync attempt to [${OURS}]: ${message}` }];
    const failed = { status: { ...synced(OURS).status, conditions, operationState } };
    await expect(wait({}, [], {}, [failed])).rejects.toMatchObject({
      code: 'sync-failed',
      message: [
        `Argo CD could not sync Application ${NAME} (namespace argocd) at commit ${OURS.slice(0, 7)} or after: ${message}`,
        '  - Job lms-init (Job has reached the specified backoff limit): kubectl logs -n school job/lms-init',
      ].join('\n'),
      remedy: expect.stringContaining(`argocd app sync ${NAME}`),
    });
  });

  it('names what it cannot read now, not the sync that failed before', async () => {
    const operationState = { phase: 'Failed', message: 'old', finishedAt: EARLY, syncResult: { revision: PREVIOUS } };
    const { status } = complaining('did not find expected key');
    const source = { repoURL: 'git@git.example.org:ops/cluster.git', targetRevision: 'main' };
    const lines: string[] = [];
    const found = [{ spec: { source }, status: { ...status, operationState } }];
    await expect(wait({}, [], { lines }, found)).rejects.toMatchObject({
      message: expect.stringMatching(/cannot read the manifests .*: did not find expected key$/),
      remedy: expect.stringContaining("Argo CD's access to git@git.example.org:ops/cluster.git at main"),
    });
    expect(lines.join('\n')).not.toContain('old');
  });

  it.each([null, { enabled: false }])('says that a sync by hand is needed where automated is %j', async (automated) => {
    const lines: string[] = [];
    const status = { ...HEALTHY, sync: { status: 'OutOfSync', revision: OURS } };
    const look = { ...LOOK, spec: { syncPolicy: { automated } }, status };
    await expect(wait({}, [look], { lastLine: 2, lines })).rejects.toMatchObject({
      remedy: expect.stringContaining(`sync it (argocd app sync ${NAME})`),
    });
    expect(lines.at(-1)).toContain('waiting for a manual sync, as it has no automated sync policy');
  });

  it('repeats the state, with the pods that wait, after a while of silence', async () => {
    const POD = kindNamed('Pod');
    const waiting = { reason: 'ErrImagePull', message: 'no such image' };
    const containerStatuses = [{ name: 'lms', state: { waiting } }];
    kubernetes.store.create(POD, 'school', { metadata: { name: 'lms-1' }, spec: {}, status: { containerStatuses } });
    const lines: string[] = [];
    const now = () => performance.now() * 500;
    const look = { ...LOOK, status: { ...HEALTHY, health: { status: 'Progressing' }, sync: synced(OURS).status.sync } };
    await expect(wait({}, [look], { lastLine: 6, lines, now })).rejects.toMatchObject({ code: 'sync-timeout' });
    kubernetes.store.remove(POD, kubernetes.store.get(POD, 'school', 'lms-1'));
    expect(lines).toContain(
      `${NAME}: still Synced at ${OURS.slice(0, 7)}, Progressing; Pod lms-1: container lms: ErrImagePull, no such image`,
    );
  });

  it('shows a sync that Argo CD tries again, which is not the end of it', async () => {
    const lines: string[] = [];
    const operation = { sync: { revision: OURS } };
    const operationState = {
      phase: 'Running',
      message: 'one or more objects failed to apply',
      retryCount: 1,
      operation,
    };
    const { state } = await wait(
      {},
      [
        { ...LOOK, operation, status: { sync: { status: 'OutOfSync', revision: OURS }, operationState } },
        { status: { operationState: { phase: 'Failed', finishedAt: EARLY } } },
        { operation: null, status: { ...synced(OURS).status, operationState: SUCCEEDED } },
      ],
      { lines },
    );
    expect(state).toEqual({ sync: 'Synced', health: 'Healthy' });
    expect(lines[1]).toContain('sync Running, retry 1 (one or more objects failed to apply)');
  });

  it('names at most thirty resources that are not healthy, each with a cut message', async () => {
    const health = { status: 'Degraded', message: 'word '.repeat(10_000) };
    const resources = Array.from({ length: 40 }, (_, index) => ({ kind: 'Job', name: `job-${index}`, health }));
    const degraded = { resources, sync: { status: 'Synced', revision: OURS }, health: { status: 'Degraded' } };
    const error: unknown = await wait({}, [{ ...LOOK, status: degraded }], { lastLine: 2 }).catch(
      (thrown: unknown) => thrown,
    );
    const lines = String(error).split('\n');
    expect(lines.filter((line) => line.includes('Job job-'))).toHaveLength(30);
    expect(lines.at(-1)).toMatch(/and \d+ more$/);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(2_200);
  });

  it('says that the Application was deleted', async () => {
    const remove = () => kubernetes.store.delete(APPLICATION, 'argocd', NAME);
    await expect(wait({}, [remove])).rejects.toMatchObject({ code: 'application-deleted' });
  });
});
