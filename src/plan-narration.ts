import type { PlannedFile, PlannedResource, PlanReport } from './core/report.ts';
import { commitMessage } from './instance/changes.ts';
import type { Instance } from './instance/instance.ts';
import { applicationName, instancePaths, type Plan } from './instance/plan.ts';
import type { ProvisionRequest } from './operations/request.ts';

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
