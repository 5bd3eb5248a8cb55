import { createHash } from 'node:crypto';
import { LaunchpadError } from '../core/errors.ts';
import type { Settings } from '../core/settings.ts';

/** Longest name of an instance: the names derived from it have limits too. */
const LONGEST = 40;

/** Namespaces that most clusters use. */
const RESERVED = new Set([
  'default',
  'argo',
  'argocd',
  'argo-cd',
  'argo-events',
  'argo-rollouts',
  'cert-manager',
  'external-secrets',
  'flux-system',
  'ingress-nginx',
  'istio-system',
  'launchpad',
  'monitoring',
  'traefik',
]);

/**
 * Checks the name of an instance, which is also that of its namespace and of its directory: an RFC 1123 label
 * (https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-label-names) of at most 40 characters.
 *
 * @param input name of the input, for the error
 * @throws LaunchpadError `instance-name-invalid`
 */
export function parseInstanceName(text: string, input = 'instance'): string {
  const name = text.trim();
  const refuse = (what: string) =>
    new LaunchpadError('instance-name-invalid', `Input ${input}: ${JSON.stringify(name)} ${what}.`, {
      remedy: `Choose a name of at most ${LONGEST} lower-case letters, digits and hyphens that begins with a letter, such as my-school.`,
    });
  if (name.length > LONGEST) throw refuse(`has ${name.length} characters, more than ${LONGEST}`);
  if (!/^[a-z]([a-z0-9-]*[a-z0-9])?$/.test(name)) throw refuse('is not a name for an instance');
  if (RESERVED.has(name) || name.startsWith('kube-') || name.startsWith('openshift-')) throw refuse('is reserved');
  return name;
}

/** The name; one that is longer than the limit is cut, and ends in six hex digits of its SHA-256. */
export function limitName(name: string, limit: number): string {
  if (name.length <= limit) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 6);
  return `${name.slice(0, limit - hash.length - 1).replace(/-+$/, '')}-${hash}`;
}

/** Most characters of each name (https://dev.mysql.com/doc/refman/8.4/en/identifier-length.html, https://www.mongodb.com/docs/manual/reference/limits/). */
const LIMITS = { mysqlDatabase: 64, mysqlUser: 32, mongodbDatabase: 63, mongodbUser: 64, bucket: 63 };

/** Names of an instance by default, each within its limit. */
export interface DefaultNames {
  readonly mysqlDatabase: string;
  readonly mysqlUser: string;
  readonly mongodbDatabase: string;
  readonly forumDatabase: string;
  readonly mongodbUser: string;
  /** @param suffix makes the bucket's name unique */
  bucket(suffix: string): string;
}

export function defaultNames(instance: string): DefaultNames {
  const name = `launchpad-${instance}`;
  return {
    mysqlDatabase: limitName(`${name}-openedx`, LIMITS.mysqlDatabase),
    mysqlUser: limitName(name, LIMITS.mysqlUser),
    mongodbDatabase: limitName(`${name}-openedx`, LIMITS.mongodbDatabase),
    forumDatabase: limitName(`${name}-forum`, LIMITS.mongodbDatabase),
    mongodbUser: limitName(name, LIMITS.mongodbUser),
    bucket: (suffix) => `${limitName(name, LIMITS.bucket - suffix.length - 1)}-${suffix}`,
  };
}

/** Paths of an instance's files in the cluster repository. */
export function instancePaths(settings: Pick<Settings, 'instancesDirectory'>, name: string) {
  const directory = `${settings.instancesDirectory}/${name}`;
  return { directory, config: `${directory}/config.yml`, application: `${directory}/application.yml` };
}

/** Name of the instance's Application. */
export function applicationName(name: string, settings: Pick<Settings, 'environment'>): string {
  return `${name}-${settings.environment}`;
}
