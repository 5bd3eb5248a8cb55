import { Permissions, requireKinds } from '../cluster/api/access.ts';
import { Cluster } from '../cluster/api/client.ts';
import type { ClusterAccess } from '../cluster/api/kubeconfig.ts';
import { REQUIRED_KINDS } from '../cluster/api/required-access.ts';
import { repositoryUrlsInUse } from '../cluster/argocd/application.ts';
import { together } from '../core/concurrency.ts';
import type { Progress } from '../core/progress.ts';
import { Companions } from '../instance/companions.ts';
import type { Creation } from '../instance/new/creation.ts';
import { Blueprints } from '../repository/blueprints.ts';
import { ClusterRepository, type RepositoryOptions, type Tips } from '../repository/cluster-repository.ts';

/** What the runs of one process share, however many instances they are for. */
export interface Surroundings {
  readonly cluster: Cluster;
  readonly repository: ClusterRepository;
  /** What new instances' files are made from. */
  readonly blueprints: Blueprints;
  /** What the user of the kubeconfig may do. */
  readonly permissions: Permissions;
  /** URLs by which Applications read their repositories; they are asked for once. */
  readonly urlsInUse: () => Promise<readonly string[]>;
  /** The instances that the runs are for, with what each is going to use. */
  readonly companions: Companions;
  /** The cluster repository as it stood when the process began. */
  readonly tips: Tips;
}

export interface SurroundingsRequest {
  readonly cluster: ClusterAccess;
  readonly repository: RepositoryOptions;
  /** What the files of instances that have none are made from. */
  readonly creation: Creation;
  /** Directory of the cluster repository that has a directory for each instance. */
  readonly settings: { readonly instancesDirectory: string };
}

/**
 * Connects to the cluster, opens the cluster repository, and finds out whether they are fit for any run: the cluster serves
 * the kinds that are needed, and the branch may be pushed to. Touches nothing. Once it is done the cluster is to be closed.
 *
 * @param signal cancels it
 * @throws LaunchpadError, or an AggregateError of several
 */
export async function openSurroundings(
  request: SurroundingsRequest,
  progress: Progress,
  signal: AbortSignal,
): Promise<Surroundings> {
  const cluster = await Cluster.connect(request.cluster, {
    onRequest: (line) => progress.debug(line),
    onRetry: (line) => progress.info(line),
  });
  try {
    progress.info(`Cluster: ${cluster.server}`);
    const [, { repository, tips }] = await together([
      requireKinds(cluster.until(signal).readOnly(), REQUIRED_KINDS),
      openRepository(request, progress, signal),
    ]);
    const { instancesDirectory } = request.settings;
    const { environment } = request.repository;
    const blueprints = new Blueprints(request.creation.source, { instancesDirectory, environment });
    const urlsInUse = once(() => repositoryUrlsInUse(cluster.until(signal).readOnly()));
    const shared = { permissions: new Permissions(), urlsInUse, companions: new Companions() };
    return { cluster, repository, blueprints, tips, ...shared };
  } catch (error) {
    await cluster.close();
    throw error;
  }
}

async function openRepository({ repository: options }: SurroundingsRequest, progress: Progress, signal: AbortSignal) {
  const repository = await ClusterRepository.open({
    ...options,
    signal,
    onLine: (line) => progress.info(line),
    onCommand: (line) => progress.debug(line),
  });
  const tips = await repository.fetchTips();
  const { tip } = tips;
  progress.info(`Cluster repository: ${repository.remoteUrl}, branch ${options.branch} at ${tip.commit.slice(0, 7)}`);
  if (options.ref === undefined) await repository.checkPush(tip);
  return { repository, tips };
}

/** Does something when it is first asked for, for all who ask; what failed is done again for who asks later. */
function once<T>(work: () => Promise<T>): () => Promise<T> {
  let done: Promise<T> | undefined;
  return async () => {
    const mine = done ?? work();
    done = mine;
    try {
      return await mine;
    } catch (error) {
      done = undefined;
      throw error;
    }
  };
}
