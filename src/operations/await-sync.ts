import type { Cluster } from '../cluster/api/client.ts';
import { waitForSync } from '../cluster/argocd/sync.ts';
import { isFields } from '../core/fields.ts';
import type { Progress } from '../core/progress.ts';
import type { ProvisionReport, SyncReport } from '../core/report.ts';
import type { Application } from '../instance/application/application.ts';
import type { ClusterRepository } from '../repository/cluster-repository.ts';
import type { ProvisionRequest } from './request.ts';

/** What a run has that waits for Argo CD. */
export interface SyncContext {
  readonly request: ProvisionRequest;
  readonly progress: Progress;
  readonly cluster: Cluster;
  readonly repository: ClusterRepository;
}

/** What a run has done when all but Argo CD's part is. */
export interface Provisioned {
  readonly report: Omit<ProvisionReport, 'sync'>;
  readonly application: Application;
}

/**
 * Step 9, if it is asked for: waits for Argo CD. The run touches nothing any more, so that it needs no Lease, and another
 * run of the instance need not wait for it.
 */
export async function awaitSync(
  context: SyncContext,
  { application, report }: Provisioned,
  signal: AbortSignal,
): Promise<SyncReport | undefined> {
  if (!context.request.waitForSync) return undefined;
  return await context.progress.phase('Wait for Argo CD', () => follow(context, application, report.commitSha, signal));
}

/**
 * Where the Application's directory of manifests is not there yet, there is nothing to wait for: the build workflow has to
 * write it first, which is no failure of this run.
 */
async function follow(
  { request, progress, cluster, repository }: SyncContext,
  application: Application,
  commit: string,
  signal: AbortSignal,
): Promise<SyncReport> {
  const { instance, timeoutMs } = request;
  const { name } = application.metadata;
  const { path, revision } = sourceOf(application);
  const followed = repository.follow(revision, commit);
  const head = await followed.fetchHead();
  if (head !== undefined && !(await head.exists(path))) {
    progress.warning(
      `${path} does not exist at ${revision} (${head.commit.slice(0, 7)}) yet, so that Argo CD has nothing to sync: the build workflow has to write it first.`,
    );
    return { sync: 'NotBuilt', health: '' };
  }
  const state = await waitForSync(cluster, {
    instance,
    application: name,
    commit,
    includesCommit: (other) => followed.includes(other),
    timeoutMs,
    signal,
    onChange: (line) => progress.info(line),
    onRetry: (line) => progress.info(line),
  });
  progress.info(`Application ${name} is ${state.sync} and ${state.health}`);
  return state;
}

/** An Application without a revision follows the remote's default branch. */
function sourceOf({ spec }: Application): { path: string; revision: string } {
  const { path, targetRevision } = isFields(spec.source) ? spec.source : {};
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  return { path: text(path), revision: text(targetRevision) || 'HEAD' };
}
