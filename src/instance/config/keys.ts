import type { ConfigFile } from './config-file.ts';
import { referencesIn } from './config-references.ts';
import { configError, type OperatorValue } from './config-values.ts';

/** The spellings that the key of a value may have; the first is the one that the action writes. */
export type Spellings = readonly [string, ...string[]];

/** MySQL's keys in Tutor's own spelling and in Open edX's. */
export const MYSQL_KEYS = {
  database: ['MYSQL_DATABASE', 'OPENEDX_MYSQL_DATABASE'],
  username: ['MYSQL_USERNAME', 'OPENEDX_MYSQL_USERNAME'],
  password: ['MYSQL_PASSWORD', 'OPENEDX_MYSQL_PASSWORD'],
  host: ['MYSQL_HOST'],
  port: ['MYSQL_PORT'],
} as const satisfies Record<string, Spellings>;

export const MONGODB_KEYS = {
  database: ['MONGODB_DATABASE'],
  forumDatabase: ['FORUM_MONGODB_DATABASE'],
  username: ['MONGODB_USERNAME'],
  password: ['MONGODB_PASSWORD'],
  host: ['MONGODB_HOST'],
  port: ['MONGODB_PORT'],
  authSource: ['MONGODB_AUTH_SOURCE'],
  authMechanism: ['MONGODB_AUTH_MECHANISM'],
  replicaSet: ['MONGODB_REPLICA_SET'],
  useSsl: ['MONGODB_USE_SSL'],
} as const satisfies Record<string, Spellings>;

/** The bucket's name in both families of storage keys. */
export const BUCKET_KEYS = ['STORAGE_BUCKET_NAME', 'S3_STORAGE_BUCKET'] as const satisfies Spellings;

/** Storage keys: Launchpad's own family, and that of the plugin tutor-contrib-s3. */
export const STORAGE_KEYS = [BUCKET_KEYS[0], 'STORAGE_TYPE', 'STORAGE_REGION', 'STORAGE_ENDPOINT_URL'] as const;
export const S3_KEYS = [
  BUCKET_KEYS[1],
  'S3_REGION',
  'S3_HOST',
  'S3_PORT',
  'S3_USE_SSL',
  'OPENEDX_AWS_ACCESS_KEY',
  'OPENEDX_AWS_SECRET_ACCESS_KEY',
] as const;

/** Keys that name the instance. */
export const IDENTITY_KEYS = ['K8S_NAMESPACE', 'TUTOR_APP_NAME'] as const;

/** Keys of hosts, and what precedes the instance's host in each by default. */
export const HOST_KEYS = [
  ['LMS_HOST', ''],
  ['CMS_HOST', 'studio.'],
  ['PREVIEW_LMS_HOST', 'preview.'],
  ['MFE_HOST', 'apps.'],
] as const;

/**
 * Lists of further domains: texts, or mappings with `domain` and `mfe_domain`. Of the plugins tutor-contrib-grove
 * (https://launchpad.opencraft.com/user-guides/multi-domain-setup/) and drydock (https://github.com/eduNEXT/drydock).
 */
export const DOMAIN_KEYS = [
  'GROVE_ADDITIONAL_DOMAINS',
  'DRYDOCK_INGRESS_LMS_EXTRA_HOSTS',
  'DRYDOCK_INGRESS_EXTRA_HOSTS',
] as const;

/** Every key that a run uses. */
const USED_KEYS: readonly string[] = [
  ...Object.values(MYSQL_KEYS).flat(),
  ...Object.values(MONGODB_KEYS).flat(),
  ...STORAGE_KEYS,
  ...S3_KEYS,
  ...IDENTITY_KEYS,
];

/** Keys of one instance: no two instances may have the same value. A copy of an instance renames them. */
const INSTANCE_KEYS: readonly string[] = [
  ...IDENTITY_KEYS,
  ...HOST_KEYS.map(([key]) => key),
  ...[MYSQL_KEYS, MONGODB_KEYS].flatMap(({ database, username, password }) => [...database, ...username, ...password]),
  ...MONGODB_KEYS.forumDatabase,
  ...BUCKET_KEYS,
];

/** Used keys whose values differ between the files. */
export function changedKeys(before: ConfigFile, after: ConfigFile): string[] {
  return USED_KEYS.filter((key) => comparable(before, key) !== comparable(after, key));
}

function comparable(config: ConfigFile, key: string): string {
  if (!config.has(key)) return '';
  if (key === 'MONGODB_USE_SSL' || key === 'S3_USE_SSL') return String(config.flag(key));
  return config.text(key) ?? '';
}

/**
 * The value, in any of its spellings that the file has.
 *
 * @throws LaunchpadError `config-invalid` where two spellings have different values
 */
export function spelled(config: ConfigFile, spellings: Spellings): string | undefined {
  const [first, ...rest] = spellings.flatMap((key) => {
    const value = config.text(key);
    return value === undefined ? [] : [{ key, value }];
  });
  const other = rest.find(({ value }) => value !== first?.value);
  if (first === undefined || other === undefined) return first?.value;
  const what = `${first.key} and ${other.key} are different.`;
  throw configError(config.name, what, 'Remove one of them, or give both the same value.');
}

/**
 * Keys of one instance that would get the same value in every instance that these values are set for. A value differs
 * from instance to instance where it refers to another key that does.
 */
export function sharedKeys(values: ReadonlyMap<string, OperatorValue>): string[] {
  const differs = (key: string, path: readonly string[]): boolean => {
    if (path.includes(key)) return false;
    const value = values.get(key);
    if (value === undefined) return INSTANCE_KEYS.includes(key);
    return typeof value === 'string' && referencesIn(value).some((other) => differs(other, [...path, key]));
  };
  return [...values.keys()].filter((key) => INSTANCE_KEYS.includes(key) && !differs(key, []));
}
