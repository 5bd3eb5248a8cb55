import type { FinishedWorkflow } from '../cluster/workflows/success.ts';
import type { Kind } from '../core/kinds.ts';
import type { PlannedFile, PlannedResource, PlanReport, ProvisionReport, WorkflowReport } from '../core/report.ts';
import type { ExpectedResource, PreviousRun } from '../core/run-record.ts';
import type { Settings } from '../core/settings.ts';
import { commitMessage } from '../instance/changes.ts';
import type { Instance } from '../instance/instance.ts';
import { applicationName, type InstanceFiles, instancePaths, type Plan } from '../instance/plan.ts';
import type { PushResult } from '../repository/cluster-repository.ts';
import type { ProvisionRequest } from './request.ts';

/** What the log says of a plan, and of the run that it goes on from: names and places, no secrets. */
export function describePlan(plan: Plan, previous: PreviousRun | undefined): string {
  const { files, wanted, additions, otherFiles, notes } = plan;
  const keys = [...wanted.keys(), ...additions.keys()];
  const lines = [
    ...(previous === undefined ? [] : [describePrevious(previous)]),
    files.config === undefined
      ? `config.yml: none yet, made from ${originOf(files)}`
      : 'config.yml: read from the branch',
    ...(otherFiles.size > 0 ? [`Other files from there: ${[...otherFiles.keys()].join(', ')}`] : []),
    ...notes,
    ...(keys.length > 0 ? [`Keys that it gets: ${keys.join(', ')}`] : []),
    ...describePlaces(plan),
  ];
  return lines.join('\n');
}

/** The databases, users and bucket, and where they are. */
export function describePlaces({ instance: { mysql, mongodb, storage } }: Plan, bucket = storage.name): string[] {
  return [
    `MySQL: database ${mysql.database}, user ${mysql.username} on ${placeOf(mysql)}`,
    `MongoDB: databases ${mongodb.database} and ${mongodb.forumDatabase}, user ${mongodb.username} on ${placeOf(mongodb)}`,
    `Storage: bucket ${bucket} in ${storage.region} at ${storage.endpointUrl ?? 'AWS'}`,
  ];
}

/** What the workflows are to make or find of the instance. */
export function expectedResources({ instance: { mysql, mongodb, storage } }: Plan): ExpectedResource[] {
  return [
    { kind: 'MySQL database', name: mysql.database, by: 'mysql' },
    { kind: 'MySQL user', name: mysql.username, by: 'mysql' },
    { kind: 'MongoDB database', name: mongodb.database, by: 'mongodb' },
    { kind: 'MongoDB database', name: mongodb.forumDatabase, by: 'mongodb' },
    { kind: 'MongoDB user', name: mongodb.username, by: 'mongodb' },
    { kind: 'Bucket', name: storage.name, by: 'storage' },
  ];
}

/** What the log and the summary say of an earlier run that did not come to its end. */
export function describePrevious({ run, workflows, seedKept }: PreviousRun): string {
  const left = workflows.map(({ kind, phase }) => `workflow ${kind} ${phase === '' ? 'not begun' : phase}`);
  const seed = seedKept ? ['names and passwords that it made up come from the seed that it stored'] : [];
  const who = run === undefined ? 'an earlier run' : `run ${run}`;
  return `Picks up where ${who} stopped: ${[...left, 'the namespace is there', ...seed].join(', ')}.`;
}

function originOf({ templateSource }: InstanceFiles): string {
  if (templateSource === undefined) return 'the template';
  if (templateSource.kind === 'instance') return `that of ${templateSource.name}`;
  const { name, version } = templateSource.template;
  return `the template ${name}${version === undefined ? '' : ` at ${version}`}`;
}

/** A host and port, or who tells them. */
function placeOf({ host, port }: { readonly host: string | undefined; readonly port: number | undefined }): string {
  return host === undefined ? "a host that the provider's API tells" : `${host}:${port ?? ''}`.replace(/:$/, '');
}

/** What the log says of the push. */
export function describePush(push: PushResult, branch: string, keys: readonly string[]): string {
  const commit = push.commit.slice(0, 7);
  if (push.kind === 'unchanged') return `Branch ${branch} at ${commit} holds the instance already: nothing to commit.`;
  return `Pushed ${commit} to ${branch}${keys.length > 0 ? `; keys set in config.yml: ${keys.join(', ')}` : ''}.`;
}

/** What the log says of the push that removes an instance. */
export function describeDeprovisionPush(push: PushResult, branch: string, directory: string): string {
  const commit = push.commit.slice(0, 7);
  if (push.kind === 'unchanged') return `Branch ${branch} at ${commit} has no ${directory}: nothing to commit.`;
  return `Pushed ${commit} to ${branch}: ${directory} is removed.`;
}

/** What the steps of a run that succeeded came to. */
export interface Results {
  readonly finished: readonly FinishedWorkflow[];
  readonly push: PushResult;
}

/** What the log and the outputs say of the workflows that ended well. */
export function workflowReports(finished: readonly FinishedWorkflow[]): Partial<Record<Kind, WorkflowReport>> {
  return Object.fromEntries(finished.map(({ kind, name, phase, seconds }) => [kind, { name, phase, seconds }]));
}

/** The report of a run that succeeded. */
export function reportOf(
  settings: Settings,
  { instance }: Plan,
  { finished, push }: Results,
): Omit<ProvisionReport, 'sync'> {
  const { name, storage } = instance;
  const workflow = (wanted: Kind): WorkflowReport => {
    const found = finished.find(({ kind }) => kind === wanted);
    return { name: found?.name ?? '', phase: found?.phase ?? '', seconds: found?.seconds ?? 0 };
  };
  return {
    instance: name,
    namespace: name,
    application: applicationName(name, settings),
    configPath: instancePaths(settings, name).config,
    commitSha: push.commit,
    bucket: storage.name,
    changed: push.kind === 'pushed',
    workflows: { mysql: workflow('mysql'), mongodb: workflow('mongodb'), storage: workflow('storage') },
  };
}

/** What a dry run found out. */
export interface PlanFindings {
  /** Objects of the cluster. */
  readonly resources: readonly PlannedResource[];
  readonly files: readonly PlannedFile[];
  readonly laterKeys: readonly string[];
  /** The bucket's name, as far as it can be told. */
  readonly bucket: string;
}

/** The report of a dry run. */
export function planReport(
  { instance, settings }: ProvisionRequest,
  plan: Plan,
  { resources, files, laterKeys, bucket }: PlanFindings,
): PlanReport {
  const changes = [...resources, ...files].filter(({ state }) => state === 'create' || state === 'change');
  const [commit = ''] = commitMessage(plan, undefined).split('\n');
  return {
    operation: 'provision',
    instance,
    namespace: instance,
    application: applicationName(instance, settings),
    configPath: instancePaths(settings, instance).config,
    bucket,
    changed: changes.length > 0 || laterKeys.length > 0,
    resources: [...resources, ...ensured(plan.instance, bucket)],
    commit,
    files,
    laterKeys,
  };
}

/** What only the workflows see, as only the cluster reaches it. */
function ensured({ mysql, mongodb }: Instance, bucket: string): PlannedResource[] {
  const resources = [
    ['MySQL database', mysql.database],
    ['MySQL user', mysql.username],
    ['MongoDB database', mongodb.database],
    ['MongoDB database', mongodb.forumDatabase],
    ['MongoDB user', mongodb.username],
    ['Bucket', bucket],
  ] as const;
  return resources.map(([kind, name]) => ({ kind, name, state: 'ensure', fields: [] }));
}

/** What the log says of it: a line for each resource, and the diffs of the files. */
export function describeReport({ resources, files, commit, laterKeys, changed }: PlanReport): string {
  const width = Math.max(...resources.map(({ kind }) => kind.length));
  return [
    ...resources.map(({ kind, name, state, fields }) =>
      `${state.padEnd('unchanged'.length)}  ${kind.padEnd(width)}  ${name}  ${describeFields(fields)}`.trimEnd(),
    ),
    ...describeFiles(files, commit),
    ...(laterKeys.length > 0 ? [describeLaterKeys(laterKeys)] : []),
    changed
      ? 'A run would change what is marked create or change. Nothing was changed now.'
      : 'A run would change nothing that can be seen from here. Nothing was changed now.',
  ].join('\n');
}

/** What a run would add that nobody here knows. */
export function describeLaterKeys(keys: readonly string[]): string {
  return `The vendor's API tells the workflows what a run adds to config.yml besides: ${keys.join(', ')}`;
}

/** Most fields that are named: a template of another version may differ everywhere. */
const MOST_FIELDS = 8;

/** The fields that would change, on one line. */
export function describeFields(fields: readonly string[]): string {
  if (fields.length === 0) return '';
  const rest = fields.length - MOST_FIELDS;
  return `(${fields.slice(0, MOST_FIELDS).join(', ')}${rest > 0 ? ` and ${rest} more` : ''})`;
}

function describeFiles(files: readonly PlannedFile[], commit: string): string[] {
  const changed = files.filter(({ state }) => state !== 'unchanged');
  if (changed.length === 0) return ['The branch holds the files already: nothing to commit'];
  return [`Commit "${commit}":`, ...changed.map(({ diff }) => diff)];
}
