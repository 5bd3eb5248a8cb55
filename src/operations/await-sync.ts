import { waitForSync } from '../cluster/argocd/sync.ts';
import { textIn } from '../core/fields.ts';
import { withoutRepeats } from '../core/reminder.ts';
import type { ProvisionReport, SyncReport } from '../core/report.ts';
import { type Application, sourcesOf } from '../instance/application/application.ts';
import { instancePaths } from '../instance/name.ts';
import type { Run } from './preflight.ts';

/** What a run has done when only Argo CD's part is left. */
export interface Provisioned {
  readonly report: Omit<ProvisionReport, 'sync'>;
  readonly application: Application;
}

/** Step 9, optional: waits for Argo CD. The run changes nothing any more, so it needs no Lease. */
export async function awaitSync(
  run: Run,
  { application, report }: Provisioned,
  signal: AbortSignal,
): Promise<SyncReport | undefined> {
  if (!run.request.waitForSync) return undefined;
  return await run.progress.phase('Wait for Argo CD', () => follow(run, application, report.commitSha, signal));
}

/** Without the Application's directory of manifests there is nothing to sync yet: the build workflow writes it later. */
async function follow(
  { request, progress, cluster, repository }: Run,
  application: Application,
  commit: string,
  signal: AbortSignal,
): Promise<SyncReport> {
  const { instance, timeoutMs } = request;
  const { name } = application.metadata;
  const path = `${instancePaths(request.settings, instance).directory}/env`;
  const revision = revisionOf(application, path);
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
    onChange: (line) => {
      progress.info(line);
      progress.record({ problems: [{ what: `Argo CD: ${line}` }] });
    },
    onRetry: withoutRepeats((line) => progress.info(line), cluster.clock),
  });
  progress.info(`Application ${name} is ${state.sync} and ${state.health}`);
  return state;
}

/** The revision at which the instance's own manifests are read; without one it is the remote's default branch. */
function revisionOf({ spec }: Application, manifests: string): string {
  const sources = sourcesOf(spec);
  const own = sources.find(({ path }) => path === manifests) ?? sources[0];
  return textIn(own ?? {}, 'targetRevision') ?? 'HEAD';
}
