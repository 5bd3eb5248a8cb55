import type { Plan } from './instance/plan.ts';
import type { PushResult } from './repository/cluster-repository.ts';

/** What the log says of a plan: names and places, no secrets. */
export function describePlan({ instance, files, additions }: Plan): string {
  const { mysql, mongodb, storage } = instance;
  const lines = [
    files.config === undefined ? 'config.yml: none yet, made from the template' : 'config.yml: read from the branch',
    ...(additions.size > 0 ? [`Keys that it gets: ${[...additions.keys()].join(', ')}`] : []),
    `MySQL: database ${mysql.database}, user ${mysql.username} on ${mysql.host}:${mysql.port}`,
    `MongoDB: databases ${mongodb.database} and ${mongodb.forumDatabase}, user ${mongodb.username} on ${mongodb.host}:${mongodb.port}`,
    `Storage: bucket ${storage.name} in ${storage.region} at ${storage.endpointUrl ?? 'AWS'}`,
  ];
  return lines.join('\n');
}

/** What the log says of the push. */
export function describePush(push: PushResult, branch: string, keys: readonly string[]): string {
  const commit = push.commit.slice(0, 7);
  if (push.kind === 'unchanged') return `Branch ${branch} at ${commit} holds the instance already: nothing to commit.`;
  return `Pushed ${commit} to ${branch}${keys.length > 0 ? `; keys set in config.yml: ${keys.join(', ')}` : ''}.`;
}
