import { createHash } from 'node:crypto';
import { LaunchpadError } from '../core/errors.ts';
import { quoted } from '../core/quote.ts';
import type { Settings } from '../core/settings.ts';

/** Longest name of a new instance: the names derived from it have limits too. */
const LONGEST = 40;
/** Longest name of a namespace. */
const LONGEST_LABEL = 63;

/** Namespaces that most clusters use. */
const RESERVED = new Set([
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

/** Namespaces of the system: nothing is provisioned or deprovisioned there, even if a branch has such a directory. */
function isSystem(name: string): boolean {
  return name === 'default' || name.startsWith('kube-') || name.startsWith('openshift-');
}

/** Whether other software usually has the namespace of that name. */
export function isReservedName(name: string): boolean {
  return RESERVED.has(name) || isSystem(name);
}

/**
 * Checks the name of an instance, which is also that of its namespace and of its directory: an RFC 1123 label
 * (https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-label-names). An instance that exists may
 * have any; a new one is subject to `requireNewName` as well.
 *
 * @param input name of the input, for the error
 * @throws LaunchpadError `instance-name-invalid`
 */
export function parseInstanceName(text: string, input = 'instance'): string {
  const name = text.trim();
  if (name.length > LONGEST_LABEL) throw refused(name, `has ${name.length} characters`, input);
  if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(name)) throw refused(name, 'is invalid', input);
  if (isSystem(name)) throw refused(name, 'is reserved', input);
  return name;
}

/**
 * Requires a name that a new instance may have: at most 40 characters, the first a letter, and not reserved.
 *
 * @throws LaunchpadError `instance-name-invalid`
 */
export function requireNewName(name: string): void {
  if (name.length > LONGEST) throw refused(name, `has ${name.length} characters`);
  if (!/^[a-z]/.test(name)) throw refused(name, 'is invalid');
  if (isReservedName(name)) throw refused(name, 'is reserved');
}

function refused(name: string, what: string, input = 'instance'): LaunchpadError {
  return new LaunchpadError('instance-name-invalid', `Input ${input}: ${quoted(name)} ${what}.`, {
    remedy: `Choose a name of 1 to ${LONGEST} lower-case letters, digits and hyphens that begins with a letter and is not reserved, such as my-school.`,
  });
}

const PREFIX = 'launchpad-';
/** Characters of a cut name that are its hash: 80 bits, so that nobody finds a second name with the same one. */
const HASH_LENGTH = 16;

/**
 * The name of something of an instance. One that is longer than the limit is cut, and ends in a hash of the whole name. A
 * cut name begins with `launchpad--`, as no other does: the name of an instance does not begin with a hyphen.
 */
export function limitName(name: string, limit: number): string {
  if (name.length <= limit) return name;
  const digest = createHash('sha256').update(name).digest();
  const hash = [...digest.subarray(0, HASH_LENGTH)].map((byte) => ALPHABET[byte % 32]).join('');
  const room = limit - PREFIX.length - 1 - HASH_LENGTH - 1;
  return `${PREFIX}-${name.slice(PREFIX.length, PREFIX.length + room)}-${hash}`;
}

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/** As names were cut before: six hex digits of the hash, and nothing that sets a cut name apart from others. */
function formerlyLimited(name: string, limit: number): string {
  if (name.length <= limit) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 6);
  return `${name.slice(0, limit - hash.length - 1).replace(/(?<!-)-+$/, '')}-${hash}`;
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

/** No two instances have a default name of one kind in common. */
export function defaultNames(instance: string): DefaultNames {
  return namesOf(instance, limitName);
}

/** The default names of an instance that was provisioned when names were cut in another way. */
export function formerNames(instance: string): DefaultNames {
  return namesOf(instance, formerlyLimited);
}

function namesOf(instance: string, limited: (name: string, limit: number) => string): DefaultNames {
  const name = `${PREFIX}${instance}`;
  return {
    mysqlDatabase: limited(`${name}-openedx`, LIMITS.mysqlDatabase),
    mysqlUser: limited(name, LIMITS.mysqlUser),
    mongodbDatabase: limited(`${name}-openedx`, LIMITS.mongodbDatabase),
    forumDatabase: limited(`${name}-forum`, LIMITS.mongodbDatabase),
    mongodbUser: limited(name, LIMITS.mongodbUser),
    bucket: (suffix) => `${limited(name, LIMITS.bucket - suffix.length - 1)}-${suffix}`,
  };
}

/** Whether a bucket has the instance's default name, with any suffix of seven hex digits. */
export function isDefaultBucket(names: DefaultNames, bucket: string): boolean {
  const suffix = bucket.slice(-7);
  return /^[0-9a-f]{7}$/.test(suffix) && names.bucket(suffix) === bucket;
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
