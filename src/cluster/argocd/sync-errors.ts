import type { Clock } from '../../core/clock.ts';
import { LaunchpadError } from '../../core/errors.ts';
import { shortened } from '../../core/quote.ts';
import type { Cluster } from '../api/client.ts';
import {
  type ApplicationObject,
  comparedRevisions,
  comparisonErrors,
  conditionsOf,
  describeState,
  failedOperation,
  healthStatus,
  isManual,
  isSettled,
  specErrors,
  syncStatus,
  unhealthyResources,
  unsyncedResources,
} from './application-status.ts';
import { waitingPods } from './waiting-pods.ts';

/** Lines of an error; an Application may have hundreds of resources. */
const MOST_DETAILS = 30;

const PROVISIONED = 'The instance itself is provisioned: another run changes nothing there and only waits again.';

/** Argo CD cannot sync the commit: it does not take the Application, cannot read its manifests, or gave up. */
export function syncFailed(object: ApplicationObject, options: SyncOptions): LaunchpadError {
  const { application, commit } = options;
  const namespace = object.metadata?.namespace ?? '';
  const [refusal] = specErrors(object);
  if (refusal !== undefined) {
    return new LaunchpadError(
      'sync-failed',
      `Argo CD does not accept ${nameOf(application, namespace)}: ${shortened(oneLine(refusal))}`,
      {
        remedy: `Allow the Application's repository, destination and kinds in its AppProject (kubectl get appproject -n ${namespace}), or correct its source in application.yml, then run again. ${PROVISIONED}`,
      },
    );
  }
  const [complaint] = comparisonErrors(object);
  if (complaint !== undefined && failedOperation(object) === undefined) {
    return new LaunchpadError(
      'sync-failed',
      `Argo CD cannot read the manifests of ${nameOf(application, namespace)} at commit ${short(commit)} or after: ${shortened(oneLine(complaint))}`,
      {
        remedy: `Correct the files that it names in the cluster repository (the build workflow writes env/), or Argo CD's access to the repository, then run again. ${PROVISIONED}`,
      },
    );
  }
  const reason = shortened(failedOperation(object)?.message ?? '');
  const message = `Argo CD could not sync ${nameOf(application, namespace)} at commit ${short(commit)} or after: ${reason}`;
  return new LaunchpadError(
    'sync-failed',
    withDetails(message, [...unsyncedResources(object), ...conditionsOf(object)]),
    {
      remedy: `Correct what it complains of in the manifests or in the cluster, and sync the Application in Argo CD, which does not try the same commit again. ${PROVISIONED}`,
    },
  );
}

export function applicationDeleted(application: string, namespace: string): LaunchpadError {
  const message = `${nameOf(application, namespace)} was deleted while the run waited for it.`;
  return new LaunchpadError('application-deleted', message, { remedy: 'Run again: it is applied again.' });
}

/**
 * The time limit has passed. The error has the state of the Application and of the instance's pods.
 *
 * @param object as Argo CD's last look found it; undefined where it never looked
 */
export async function syncTimedOut(
  cluster: Cluster,
  object: ApplicationObject | undefined,
  options: SyncOptions,
): Promise<LaunchpadError> {
  const { instance, application, commit, timeoutMs } = options;
  const where = nameOf(application, cluster.argocdNamespace);
  const seconds = Math.round(timeoutMs / 1000);
  if (object === undefined) {
    return new LaunchpadError('sync-timeout', `No Argo CD controller looked at ${where} within ${seconds} s.`, {
      remedy: `Check that Argo CD's application controller runs (kubectl get pods -n ${cluster.argocdNamespace}) and is not overloaded. ${PROVISIONED}`,
    });
  }
  const details = [
    ...unhealthyResources(object),
    ...unsyncedResources(object),
    ...(await waitingPods(cluster, instance)),
  ];
  const message = isBehind(object)
    ? `${where} is Synced and Healthy, but after ${seconds} s still at ${comparedRevisions(object).map(short).join(', ')}, which does not have commit ${short(commit)} in its history.`
    : `${where} was not Synced and Healthy within ${seconds} s: ${describeState(object)}.`;
  return new LaunchpadError('sync-timeout', withDetails(message, details), {
    remedy: `${remedyOf(object, instance)} ${PROVISIONED}`,
  });
}

function remedyOf(object: ApplicationObject, instance: string): string {
  if (isBehind(object)) {
    return 'Check which repository and revision the Application follows, and whether Argo CD can read them.';
  }
  if (syncStatus(object) === 'Synced' && healthStatus(object) !== 'Healthy') {
    return `Look at what is not healthy (kubectl get pods -n ${instance}), or raise input timeout where it only needs longer.`;
  }
  return isManual(object)
    ? 'Argo CD does not sync the Application automatically (spec.syncPolicy.automated): sync it in Argo CD, or run without wait-for-sync.'
    : 'Correct what Argo CD complains of, or raise input timeout where it only needs longer.';
}

/** Whether it is Synced and Healthy at a revision without our commit. */
function isBehind(object: ApplicationObject): boolean {
  return isSettled(object) && syncStatus(object) === 'Synced' && healthStatus(object) === 'Healthy';
}

function withDetails(message: string, details: readonly string[]): string {
  const rest = details.length - MOST_DETAILS;
  const shown = details.slice(0, MOST_DETAILS).map((line) => `  - ${line}`);
  return [message, ...shown, ...(rest > 0 ? [`  - and ${rest} more`] : [])].join('\n');
}

function nameOf(application: string, namespace: string): string {
  return `Application ${application} (namespace ${namespace})`;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

function short(commit: string): string {
  return commit.slice(0, 7);
}

export interface SyncOptions {
  readonly instance: string;
  /** Name of the Application. */
  readonly application: string;
  /** Wait until this commit or a later one is synced. */
  readonly commit: string;
  /** Whether a revision is that commit, or has it in its history. */
  readonly includesCommit: (revision: string) => Promise<boolean>;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** One line for each change of the state. */
  readonly onChange: (line: string) => void;
  readonly onRetry: (line: string) => void;
  readonly clock?: Clock;
}
