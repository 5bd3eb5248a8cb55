import type { Clock } from '../../core/clock.ts';
import { LaunchpadError } from '../../core/errors.ts';
import { shortened } from '../../core/quote.ts';
import { sourcesOf } from '../../instance/application/application.ts';
import type { Cluster } from '../api/client.ts';
import { type ContainerStatus, POD_TYPE, type PodCondition, type PodObject } from '../objects/workflow-objects.ts';
import {
  type ApplicationObject,
  comparedRevisions,
  comparisonErrors,
  conditionsOf,
  describeState,
  failedOperation,
  healthStatus,
  isFailure,
  isManual,
  isSettled,
  oneLine,
  type ResourceName,
  reason,
  specErrors,
  syncStatus,
} from './application-status.ts';

/** Lines of an error; an Application may have hundreds of resources. */
const MOST_DETAILS = 30;

const PROVISIONED = 'The instance itself is provisioned: another run changes nothing there and only waits again.';

/** Argo CD cannot sync the commit: it does not take the Application, cannot read its manifests, or gave up. */
export function syncFailed(object: ApplicationObject, options: SyncOptions): LaunchpadError {
  const { application, commit } = options;
  const namespace = object.metadata?.namespace ?? '';
  const { project = 'default' } = object.spec ?? {};
  const [refusal] = specErrors(object);
  if (refusal !== undefined) {
    return new LaunchpadError(
      'sync-failed',
      `Argo CD does not accept ${nameOf(application, namespace)}: ${oneLine(refusal)}`,
      {
        remedy: `AppProject ${project} must exist and allow the Application's repository, destination and kinds (kubectl get appproject -n ${namespace} ${project} -o yaml): correct it, or the Application's project or source in application.yml, then run again. ${PROVISIONED}`,
      },
    );
  }
  const [complaint] = comparisonErrors(object);
  if (complaint !== undefined) {
    return new LaunchpadError(
      'sync-failed',
      `Argo CD cannot read the manifests of ${nameOf(application, namespace)} at commit ${short(commit)} or after: ${oneLine(complaint)}`,
      {
        remedy: `Correct the files that it names in the cluster repository (the build workflow writes env/) or, if it cannot read the repository, Argo CD's access to ${sourcesIn(object)} (argocd repo list), then run again. ${PROVISIONED}`,
      },
    );
  }
  const said = shortened(failedOperation(object)?.message ?? '');
  const message = `Argo CD could not sync ${nameOf(application, namespace)} at commit ${short(commit)} or after: ${said}`;
  return new LaunchpadError(
    'sync-failed',
    withDetails(message, [...unsyncedResources(object), ...conditionsOf(object)]),
    {
      remedy: `Correct the manifests or the cluster. Argo CD does not try the same commit again: push a new one, or sync it by hand (argocd app sync ${application}). ${PROVISIONED}`,
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
    ? `The Application has no automated sync policy: sync it (argocd app sync ${object.metadata?.name}), or run without wait-for-sync.`
    : 'Correct what Argo CD complains of, or raise input timeout where it only needs longer.';
}

/** Whether it is Synced and Healthy at a revision without our commit. */
function isBehind(object: ApplicationObject): boolean {
  return isSettled(object) && syncStatus(object) === 'Synced' && healthStatus(object) === 'Healthy';
}

/**
 * The resources that are not healthy, each with Argo CD's reason. Argo CD 3 stores only the Application's own health,
 * unless `controller.resource.health.persist` is set
 * (https://argo-cd.readthedocs.io/en/stable/operator-manual/upgrading/2.14-3.0/).
 */
function unhealthyResources({ status }: ApplicationObject): string[] {
  return (status?.resources ?? []).flatMap(({ health, ...resource }) => {
    if (health?.status === undefined || health.status === 'Healthy') return [];
    return [`${resourceOf(resource)} is ${health.status}${reason(health.message)}`];
  });
}

/** The resources and hooks that failed in the last operation. A reason that the operation's message has is not repeated. */
function unsyncedResources({ status }: ApplicationObject): string[] {
  const { message: said = '', syncResult } = status?.operationState ?? {};
  const failed = (syncResult?.resources ?? []).filter(
    (resource) => resource.status === 'SyncFailed' || isFailure(resource.hookPhase),
  );
  return failed.map(({ message = '', ...resource }) => {
    const log = resource.kind === 'Job' ? `: kubectl logs -n ${resource.namespace} job/${resource.name}` : '';
    return `${resourceOf(resource)}${said.includes(message) ? '' : reason(message)}${log}`;
  });
}

function resourceOf({ kind = '', name = '' }: ResourceName): string {
  return `${kind} ${name}`;
}

function withDetails(message: string, details: readonly string[]): string {
  const rest = details.length - MOST_DETAILS;
  const shown = details.slice(0, MOST_DETAILS).map((line) => `  - ${line}`);
  return [message, ...shown, ...(rest > 0 ? [`  - and ${rest} more`] : [])].join('\n');
}

function nameOf(application: string, namespace: string): string {
  return `Application ${application} (namespace ${namespace})`;
}

/** Its repositories, each with the revision. */
function sourcesIn({ spec }: ApplicationObject): string {
  const sources = sourcesOf(spec ?? {});
  return sources.map(({ repoURL, targetRevision = 'HEAD' }) => `${repoURL} at ${targetRevision}`).join(', ');
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

/** Reasons of containers that are about to start. */
const STARTING = new Set(['ContainerCreating', 'PodInitializing']);
/** Lines of an error. More pods have the same cause. */
const MOST = 10;

/**
 * The reasons why pods of a namespace wait, such as `Pod lms-5d9: container lms: CrashLoopBackOff, back-off 10s …`. Empty
 * if the pods cannot be read, because this only adds details to an error.
 */
export async function waitingPods(cluster: Cluster, namespace: string): Promise<string[]> {
  const pods = await cluster.list<PodObject>({ ...POD_TYPE, namespace }).catch(() => undefined);
  const lines = (pods?.items ?? []).flatMap(({ metadata, status = {} }) => {
    const containers = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
    const reasons = [...containers.flatMap(waitOf), ...(status.conditions ?? []).flatMap(unschedulable)];
    return reasons.map((reason) => `Pod ${metadata?.name}: ${reason}`);
  });
  return lines.length <= MOST ? lines : [...lines.slice(0, MOST), `and ${lines.length - MOST} more`];
}

function waitOf({ name, state }: ContainerStatus): string[] {
  const { reason = '', message = '' } = state?.waiting ?? {};
  if (reason === '' || STARTING.has(reason)) return [];
  return [`container ${name}: ${[reason, message].filter((part) => part !== '').join(', ')}`];
}

function unschedulable({ type, status, reason, message = '' }: PodCondition): string[] {
  return type === 'PodScheduled' && status === 'False' ? [`${reason ?? 'not scheduled'}, ${message}`] : [];
}
