import type { Kind } from './cluster/names.ts';
import type { FinishedWorkflow } from './cluster/success.ts';
import { applicationName, instancePaths, type Plan } from './instance/plan.ts';
import type { ProvisionReport, ResourceState, WorkflowReport } from './report.ts';
import type { PushResult } from './repository/cluster-repository.ts';
import type { Settings } from './settings.ts';

/** What the log says of a plan: names and places, no secrets. */
export function describePlan({ instance, files, additions }: Plan): string {
  const { mysql, mongodb, storage } = instance;
  const lines = [
    files.config === undefined ? 'config.yml: none yet, made from the template' : 'config.yml: read from the branch',
    ...(additions.size > 0 ? [`Keys that it gets: ${[...additions.keys()].join(', ')}`] : []),
    `MySQL: database ${mysql.database}, user ${mysql.username} on ${placeOf(mysql)}`,
    `MongoDB: databases ${mongodb.database} and ${mongodb.forumDatabase}, user ${mongodb.username} on ${placeOf(mongodb)}`,
    `Storage: bucket ${storage.name} in ${storage.region} at ${storage.endpointUrl ?? 'AWS'}`,
  ];
  return lines.join('\n');
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
    changedKeys: keys,
    workflows: { mysql: workflow('mysql'), mongodb: workflow('mongodb'), storage: workflow('storage') },
    resources,
  };
}
