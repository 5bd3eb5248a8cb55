/** The words of the log about plans, pushes and dry runs: names and places, no secrets. */

import type { PreparedObject } from '../cluster/namespace/prepare.ts';
import type { Kept, ResourceState } from '../core/report.ts';
import type { PreviousRun } from '../core/run-record.ts';
import { chosenNames } from '../instance/guards/preview.ts';
import { type InstanceFiles, instancePaths, type Plan } from '../instance/plan.ts';
import type { PushResult } from '../repository/cluster-repository.ts';
import { type DeprovisionReading, isBucketKnown, shownBucket } from './deprovision-reading.ts';
import type { ProvisionRequest } from './request.ts';

/** What a run is about to provision, and the previous run that it continues. */
export function describePlan(plan: Plan, previous: PreviousRun | undefined): string {
  const { files, wanted, additions, otherFiles, notes } = plan;
  const keys = [...wanted.keys(), ...additions.keys()];
  return [
    ...(previous === undefined ? [] : [describePrevious(previous)]),
    files.config === undefined
      ? `config.yml: new, created from ${originOf(files)}`
      : 'config.yml: read from the branch',
    ...(otherFiles.size > 0 ? [`Other files from there: ${[...otherFiles.keys()].join(', ')}`] : []),
    ...notes,
    ...(keys.length > 0 ? [`Adds ${keys.length} keys to config.yml: ${keys.join(', ')}`] : []),
    ...describePlaces(plan),
  ].join('\n');
}

/** What a run is about to delete, and the previous run that it continues. */
export function describeDeprovision(reading: DeprovisionReading, previous: PreviousRun | undefined): string {
  const { plan, applications, namespace, files } = reading;
  const names = applications.map(({ metadata }) => metadata?.name);
  return [
    ...(previous === undefined ? [] : [describePrevious(previous)]),
    plan.files.config === undefined
      ? 'config.yml: not found; using the default names'
      : 'config.yml: read from the repository',
    `Application: ${names.length === 0 ? 'already absent' : names.join(', ')}`,
    `Namespace: ${namespace === 'absent' ? 'already absent' : namespace}`,
    ...describePlaces(plan, shownBucket(reading)),
    `Files: ${files.length === 0 ? 'already absent' : files.length}`,
  ].join('\n');
}

/** Kinds and names of resources. */
export function describeResources(resources: Kept['resources']): string {
  return resources.map(({ kind, name }) => `${kind} ${name}`).join(', ');
}

/** What became of a resource: `Bucket x: created`. */
export function describeResource({ kind, name, state }: ResourceState): string {
  return `${kind} ${name}: ${wordsOf(state)}`;
}

/**
 * What became of several: `unchanged`, `6 created`, or `1 created, 5 unchanged`; empty where nothing is known.
 *
 * @param isComplete false: there are more, of which nothing is known yet, so that they are not counted
 */
export function describeStates(
  resources: readonly { readonly state: PreparedObject['state'] }[],
  isComplete = true,
): string {
  const groups = [...Map.groupBy(resources, ({ state }) => state)];
  const isWhole = groups.length === 1 && (resources.length === 1 || groups[0]?.[0] === 'unchanged');
  const isCounted = isComplete && !isWhole;
  return groups.map(([state, { length }]) => `${isCounted ? `${length} ` : ''}${wordsOf(state)}`).join(', ');
}

/** What became of the objects that the workflows need. Those that a run applies in an older namespace are named. */
export function describePrepared(objects: readonly PreparedObject[]): string {
  const applied = objects.filter(({ state }) => state === 'updated' || state === 'applied');
  const names = applied.length === 0 ? '' : ` (${applied.map(({ kind, name }) => `${kind} ${name}`).join(', ')})`;
  return `Accounts, roles and templates of the workflows: ${describeStates(objects)}${names}`;
}

/** The namespace and the workflows of a run, when those are started. */
export function describeStarted({
  namespace,
  workflows,
}: {
  readonly namespace: ResourceState;
  readonly workflows: readonly unknown[];
}): string {
  return `namespace ${wordsOf(namespace.state)}, ${workflows.length} workflows started`;
}

/** Whether what a run deletes was there. */
export function describeDeleted(wasThere: boolean): string {
  return wordsOf(wasThere ? 'deleted' : 'absent');
}

function wordsOf(state: PreparedObject['state']): string {
  return state === 'absent' ? 'already absent' : state;
}

/** How to use again, or delete, what deprovisioning left. @param commit the one that removed the files, if this run made it */
export function describeRestore(
  { instance, settings, isPreview }: ProvisionRequest,
  commit: string | undefined,
): string {
  if (isPreview) return 'To use it again, reopen the pull request; to delete it, close that without keep.';
  const { directory } = instancePaths(settings, instance);
  const how =
    commit === undefined
      ? `restore ${directory} from the commit that removed it`
      : `git checkout ${commit}~1 -- ${directory}`;
  return `To use it again: ${how}, commit that, and run operation: provision. To delete it, run operation: deprovision without keep after that commit.`;
}

/** The databases, users and bucket, and where they are. */
function describePlaces({ instance: { mysql, mongodb, storage } }: Plan, bucket = storage.name): string[] {
  return [
    `MySQL: database ${mysql.database}, user ${mysql.username} on ${placeOf(mysql)}`,
    `MongoDB: databases ${mongodb.database} and ${mongodb.forumDatabase}, user ${mongodb.username} on ${placeOf(mongodb)}`,
    `Storage: bucket ${bucket} in ${storage.region} at ${storage.endpointUrl ?? 'AWS'}`,
  ];
}

/** A previous run that did not finish, for the log and the summary. */
export function describePrevious({ run, workflows, seedKept }: PreviousRun): string {
  const left = workflows.map(({ kind, phase }) => `workflow ${kind} ${phase === '' ? 'not begun' : phase}`);
  const seed = seedKept ? ['generated names and passwords are reused'] : [];
  const who = run === undefined ? 'a previous run' : `run ${run}`;
  return `Resuming ${who}: ${[...left, 'namespace exists', ...seed].join(', ')}.`;
}

/** A preview whose branch has lost the commit of a run, by a force-push. */
export function describeDropped({ instance: { mysql, mongodb, storage } }: Plan): string {
  const names = `MySQL user ${mysql.username}, MongoDB user ${mongodb.username}, bucket ${storage.name}`;
  return `The branch has lost what a run added (a force-push?). The same are used again, with their passwords: ${names}.`;
}

function originOf({ templateSource }: InstanceFiles): string {
  if (templateSource === undefined) return 'the template';
  if (templateSource.kind === 'instance') return `that of ${templateSource.name}`;
  const { name, version } = templateSource.template;
  return `the template ${name}${version === undefined ? '' : ` at ${version}`}`;
}

function placeOf({ host, port }: { readonly host: string | undefined; readonly port: number | undefined }): string {
  return host === undefined ? "a host from the provider's API" : `${host}:${port ?? ''}`.replace(/:$/, '');
}

/** What the operator should look at: a bucket that this run cannot find, and names that it could not compare with all others. */
export function deprovisionWarnings(reading: DeprovisionReading): string[] {
  const { instance } = reading.plan;
  const { name } = instance;
  const names = reading.isComparedWithCluster ? [] : chosenNames(instance).map((one) => `${one.kind} ${one.name}`);
  return [
    ...(isBucketKnown(reading)
      ? []
      : [
          `Bucket name of ${name} is unknown (no config.yml, no stored seed). A bucket launchpad-${name}-* may remain: check by hand.`,
        ]),
    ...(names.length === 0
      ? []
      : [
          `Not checked: whether an instance that is only in the cluster, and not in the repository, uses what ${name} names beside its default names (${names.join(', ')}). Grant "list namespaces" to check it.`,
        ]),
  ];
}

/** The result of a deprovision run that finds nothing. */
export function describeNotFound(instance: string): string {
  return `Instance ${instance} not found: no directory in the repository, no namespace, no Application. Nothing to delete. (Databases, users and a bucket are not searched without them.)`;
}

/** The push of a provisioned instance. */
export function describePush(push: PushResult, branch: string, keys: readonly string[]): string {
  const commit = push.commit.slice(0, 7);
  if (push.kind === 'unchanged') return `No file changes: branch ${branch} is up to date at ${commit}.`;
  return `Pushed ${commit} to ${branch}${keys.length > 0 ? `; keys set in config.yml: ${keys.join(', ')}` : ''}.`;
}

/** The push that removes an instance's files. */
export function describeDeprovisionPush(push: PushResult, branch: string, directory: string): string {
  const commit = push.commit.slice(0, 7);
  if (push.kind === 'unchanged') return `Branch ${branch} at ${commit} has no ${directory}: nothing to commit.`;
  return `Pushed ${commit} to ${branch}: ${directory} is removed.`;
}
