import type { Kind } from './cluster/names.ts';
import type { FinishedWorkflow } from './cluster/success.ts';
import { applicationName, type InstanceFiles, instancePaths, type Plan } from './instance/plan.ts';
import type { ProvisionReport, ResourceState, WorkflowReport } from './report.ts';
import type { PushResult } from './repository/cluster-repository.ts';
import type { Settings } from './settings.ts';

/** What the log says of a plan: names and places, no secrets. */
export function describePlan({ instance, files, wanted, additions, otherFiles, notes }: Plan): string {
  const { mysql, mongodb, storage } = instance;
  const keys = [...wanted.keys(), ...additions.keys()];
  const lines = [
    files.config === undefined
      ? `config.yml: none yet, made from ${originOf(files)}`
      : 'config.yml: read from the branch',
    ...(otherFiles.size > 0 ? [`Other files from there: ${[...otherFiles.keys()].join(', ')}`] : []),
    ...notes,
    ...(keys.length > 0 ? [`Keys that it gets: ${keys.join(', ')}`] : []),
    `MySQL: database ${mysql.database}, user ${mysql.username} on ${placeOf(mysql)}`,
    `MongoDB: databases ${mongodb.database} and ${mongodb.forumDatabase}, user ${mongodb.username} on ${placeOf(mongodb)}`,
    `Storage: bucket ${storage.name} in ${storage.region} at ${storage.endpointUrl ?? 'AWS'}`,
  ];
  return lines.join('\n');
}

function originOf({ blueprint }: InstanceFiles): string {
  if (blueprint === undefined) return 'the template';
  if (blueprint.kind === 'instance') return `that of ${blueprint.name}`;
  const { name, version } = blueprint.template;
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

/** What the steps of a run that succeeded came to. */
export interface Results {
  readonly finished: readonly FinishedWorkflow[];
  readonly resources: readonly ResourceState[];
  readonly push: PushResult;
  /** Keys of config.yml that were set. */
  readonly keys: readonly string[];
}

/** The report of a run that succeeded. */
export function reportOf(
  settings: Settings,
  { instance }: Plan,
  { finished, resources, push, keys }: Results,
): ProvisionReport {
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
    changedKeys: keys,
    workflows: { mysql: workflow('mysql'), mongodb: workflow('mongodb'), storage: workflow('storage') },
    resources,
  };
}
