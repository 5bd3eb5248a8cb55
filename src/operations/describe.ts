/** The words of the log about plans, pushes and dry runs: names and places, no secrets. */

import type { PlannedFile, PlanReport } from '../core/report.ts';
import type { PreviousRun } from '../core/run-record.ts';
import { chosenNames } from '../instance/guards/preview.ts';
import type { InstanceFiles, Plan } from '../instance/plan.ts';
import type { PushResult } from '../repository/cluster-repository.ts';
import { type DeprovisionReading, isBucketKnown, shownBucket } from './deprovision-reading.ts';

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
          `Neither config.yml nor a stored seed tells the name of ${name}'s bucket: one whose name begins with launchpad-${name}- is not found by this run.`,
        ]),
    ...(names.length === 0
      ? []
      : [
          `Not checked: whether an instance that is only in the cluster, and not in the repository, uses what ${name} names otherwise than by default (${names.join(', ')}). Grant "list namespaces" to check it.`,
        ]),
  ];
}

/** The result of a deprovision run that finds nothing. */
export function describeNotFound(instance: string): string {
  return `Instance ${instance} not found: no directory in the cluster repository, no namespace, no Application. Nothing was changed. Databases, users and a bucket are not looked for without them.`;
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

/** The plan of a dry run: a line for each resource, and the commit with its diffs, or with the files that it deletes. */
export function describePlanReport(report: PlanReport): string {
  const { operation, resources, files, commit, laterKeys, changed } = report;
  const isDeprovision = operation === 'deprovision';
  const deleted = isDeprovision
    ? files.map(({ path, state }) => ({ kind: 'File', name: path, state, fields: [] }))
    : [];
  const rows = [...resources, ...deleted];
  const stateWidth = Math.max(...rows.map(({ state }) => state.length));
  const kindWidth = Math.max(...rows.map(({ kind }) => kind.length));
  const wouldDo = isDeprovision
    ? 'delete what is marked so, and remove the rest where it is there.'
    : 'change what is marked create or change.';
  return [
    ...rows.map(({ kind, name, state, fields }) =>
      [state.padEnd(stateWidth), kind.padEnd(kindWidth), name, describeFields(fields)].join('  ').trimEnd(),
    ),
    ...(isDeprovision ? describeDeletion(commit) : describeDiffs(files, commit)),
    ...(laterKeys.length > 0 ? [describeLaterKeys(laterKeys)] : []),
    `A run would ${changed ? wouldDo : 'change nothing that can be seen from here.'} Nothing was changed now.`,
  ].join('\n');
}

function describeDiffs(files: readonly PlannedFile[], commit: string): string[] {
  const changed = files.filter(({ state }) => state !== 'unchanged');
  if (changed.length === 0) return ['No file changes.'];
  return [`Commit "${commit}":`, ...changed.map(({ diff }) => diff)];
}

function describeDeletion(commit: string): string[] {
  return [commit === '' ? 'There is nothing to commit.' : `Commit "${commit}"`];
}

/** Keys that a run would add to config.yml with values that only a vendor's API knows. */
export function describeLaterKeys(keys: readonly string[]): string {
  return `Keys of config.yml that the run gets from the vendor's API: ${keys.join(', ')}`;
}

/** The most fields that are named: with a template of another version all may differ. */
const MOST_FIELDS = 8;

/** The fields that would change, on one line. */
export function describeFields(fields: readonly string[]): string {
  if (fields.length === 0) return '';
  const rest = fields.length - MOST_FIELDS;
  return `(${fields.slice(0, MOST_FIELDS).join(', ')}${rest > 0 ? ` and ${rest} more` : ''})`;
}
