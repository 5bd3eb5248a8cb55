import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Permissions, requireKinds } from '../cluster/api/access.ts';
import { Cluster } from '../cluster/api/client.ts';
import type { ClusterAccess } from '../cluster/api/kubeconfig.ts';
import { REQUIRED_KINDS } from '../cluster/api/required-access.ts';
import { repositoryUrlsInUse } from '../cluster/argocd/application.ts';
import { Namespaces } from '../cluster/namespace/namespaces.ts';
import type { ArgoFacts } from '../cluster/objects/conventions.ts';
import { RUN_LABEL } from '../cluster/objects/names.ts';
import { requireArgoVersion } from '../cluster/workflows/argo-version.ts';
import { type StepWatches, stepWatches } from '../cluster/workflows/step-watches.ts';
import { once, settleAll } from '../core/concurrency.ts';
import { cannotWrite } from '../core/disk-error.ts';
import type { Progress } from '../core/progress.ts';
import { withoutRepeats } from '../core/reminder.ts';
import type { NewInstanceOptions } from '../instance/new/options.ts';
import { OtherInstances } from '../instance/other-instances.ts';
import { type BranchHeads, ClusterRepository, type RepositoryOptions } from '../repository/cluster-repository.ts';
import { TemplateSources } from '../repository/template-sources.ts';

/** What the runs of one process share. */
export interface Session {
  readonly cluster: Cluster;
  readonly namespaces: Namespaces;
  readonly watches: StepWatches;
  readonly repository: ClusterRepository;
  /** What new instances' files are made from. */
  readonly templateSources: TemplateSources;
  readonly argo: ArgoFacts;
  /** What the user of the kubeconfig may do. */
  readonly permissions: Permissions;
  /** URLs by which Applications read their repositories; read once. */
  readonly urlsInUse: () => Promise<readonly string[]>;
  /** The instances of all runs, with what each will use. */
  readonly otherInstances: OtherInstances;
  /** The cluster repository at the start of the process. */
  readonly heads: BranchHeads;
}

interface SessionRequest {
  readonly run: { readonly id: string };
  readonly cluster: ClusterAccess;
  readonly repository: RepositoryOptions;
  /** What the files of new instances are made from. */
  readonly newInstance: NewInstanceOptions;
  /** Directory of the cluster repository that has a directory for each instance. */
  readonly settings: { readonly instancesDirectory: string };
}

/**
 * Connects to the cluster and opens the cluster repository. Checks what every run needs: the cluster serves the needed
 * kinds, Argo Workflows is new enough, and the branch accepts pushes. Touches nothing. The caller closes the cluster.
 *
 * @param signal cancels it
 * @throws LaunchpadError, or an AggregateError of several
 */
export async function openSession(request: SessionRequest, progress: Progress, signal: AbortSignal): Promise<Session> {
  const onRetry = withoutRepeats((line) => progress.info(line));
  const cluster = await Cluster.connect(request.cluster, { onRequest: (line) => progress.debug(line), onRetry });
  try {
    progress.info(`Cluster: ${cluster.server}`);
    const permissions = new Permissions();
    const asking = cluster.until(signal).readOnly();
    const [argo, { repository, heads }] = await settleAll([
      factsOf(asking, permissions),
      openRepository(request, progress, signal, onRetry),
      requireTemporaryFiles(),
    ]);
    const { instancesDirectory } = request.settings;
    const { environment } = request.repository;
    const templateSources = new TemplateSources(request.newInstance.source, {
      instancesDirectory,
      environment,
      signal,
      onRetry,
      onCommand: (line) => progress.debug(line),
    });
    const urlsInUse = once(() => repositoryUrlsInUse(asking));
    const watches = stepWatches(cluster, `${RUN_LABEL}=${request.run.id}`);
    const inCluster = { cluster, namespaces: new Namespaces(asking), watches, argo, permissions, urlsInUse };
    return { ...inCluster, repository, templateSources, heads, otherInstances: new OtherInstances() };
  } catch (error) {
    await cluster.close();
    throw error;
  }
}

async function factsOf(cluster: Cluster, permissions: Permissions): Promise<ArgoFacts> {
  await requireKinds(cluster, REQUIRED_KINDS);
  const [argo] = await settleAll([requireArgoVersion(cluster), permissions.list(cluster)]);
  return argo;
}

async function openRepository(
  { repository: options }: SessionRequest,
  progress: Progress,
  signal: AbortSignal,
  onRetry: (line: string) => void,
) {
  const repository = await ClusterRepository.open({
    ...options,
    signal,
    onRetry,
    onCommand: (line) => progress.debug(line),
  });
  const heads = await repository.firstHeads();
  const { head } = heads;
  progress.info(`Cluster repository: ${repository.remoteUrl}, branch ${options.branch} at ${head.commit.slice(0, 7)}`);
  return { repository, heads };
}

/** Bytes that git's index and the files of a commit need at least. */
const TEMPORARY_BYTES = 256 * 1024;

/**
 * Requires that temporary files can be written, as the push needs them when all else is done.
 *
 * @throws LaunchpadError `disk-failed`
 */
async function requireTemporaryFiles(): Promise<void> {
  let directory: string | undefined;
  try {
    directory = await mkdtemp(path.join(tmpdir(), 'launchpad-disk-'));
    await writeFile(path.join(directory, 'file'), Buffer.alloc(TEMPORARY_BYTES));
  } catch (error) {
    throw cannotWrite(`${tmpdir()} (TMPDIR)`, error);
  } finally {
    if (directory !== undefined) await rm(directory, { recursive: true, force: true });
  }
}
