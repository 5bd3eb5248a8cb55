import { LaunchpadError } from '../../core/errors.ts';
import type { ConfigFile, OperatorValue } from './config-file.ts';

/** A value of config.yml and the spellings that its key may have; the first is the one that is written. */
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

/** Storage keys: Launchpad's own family, and that of the plugin tutor-contrib-s3. */
export const STORAGE_KEYS = ['STORAGE_BUCKET_NAME', 'STORAGE_TYPE', 'STORAGE_REGION', 'STORAGE_ENDPOINT_URL'] as const;
export const S3_KEYS = [
  'S3_STORAGE_BUCKET',
  'S3_REGION',
  'S3_HOST',
  'S3_PORT',
  'S3_USE_SSL',
  'OPENEDX_AWS_ACCESS_KEY',
  'OPENEDX_AWS_SECRET_ACCESS_KEY',
] as const;

/** Keys that say whose file it is. */
export const IDENTITY_KEYS = ['K8S_NAMESPACE', 'TUTOR_APP_NAME'] as const;

/** Every key that a run goes by. */
const USED_KEYS: readonly string[] = [
  ...Object.values(MYSQL_KEYS).flat(),
  ...Object.values(MONGODB_KEYS).flat(),
  ...STORAGE_KEYS,
  ...S3_KEYS,
  ...IDENTITY_KEYS,
];

/** Used keys that do not say the same in both files. A key that one of them cannot tell counts as changed. */
export function changedKeys(before: ConfigFile, after: ConfigFile): string[] {
  return USED_KEYS.filter((key) => tell(before, key) !== tell(after, key));
}

function tell(config: ConfigFile, key: string): string {
  if (!config.has(key)) return '';
  if (key === 'MONGODB_USE_SSL' || key === 'S3_USE_SSL') return String(config.flag(key));
  return config.text(key) ?? '';
}

/**
 * The value under whichever of its spellings the file has.
 *
 * @throws LaunchpadError `config-invalid` where two spellings have different values
 */
export function spelled(config: ConfigFile, spellings: Spellings): string | undefined {
  const found = spellings.flatMap((key) => {
    const value = config.text(key);
    return value === undefined ? [] : [{ key, value }];
  });
  const [first, ...rest] = found;
  const other = rest.find(({ value }) => value !== first?.value);
  if (first !== undefined && other !== undefined) {
    throw new LaunchpadError('config-invalid', `${config.name}: ${first.key} and ${other.key} are different.`, {
      remedy: `Remove one of them, or give both the same value.`,
    });
  }
  return first?.value;
}

/** Keys of config.yml whose values each instance has for itself: what a copy of an instance renews, images apart. */
const INSTANCE_KEYS: readonly string[] = [
  ...IDENTITY_KEYS,
  'LMS_HOST',
  'CMS_HOST',
  'PREVIEW_LMS_HOST',
  ...MYSQL_KEYS.database,
  ...MYSQL_KEYS.username,
  ...MYSQL_KEYS.password,
  ...MONGODB_KEYS.database,
  ...MONGODB_KEYS.forumDatabase,
  ...MONGODB_KEYS.username,
  ...MONGODB_KEYS.password,
  'STORAGE_BUCKET_NAME',
  'S3_STORAGE_BUCKET',
];

/**
 * Those of the keys whose values would be the same for every instance that they are set for, and must not be. A value that
 * refers to another key which each instance has for itself differs with that one.
 */
export function sharedKeys(values: ReadonlyMap<string, OperatorValue>): string[] {
  const isOwn = (key: string, path: readonly string[]): boolean => {
    if (path.includes(key)) return false;
    const value = values.get(key);
    if (value === undefined) return INSTANCE_KEYS.includes(key);
    const references = typeof value === 'string' ? [...value.matchAll(/\{\{\s*(\w+)\s*\}\}/g)] : [];
    return references.some(([, other = '']) => isOwn(other, [...path, key]));
  };
  return [...values.keys()].filter((key) => INSTANCE_KEYS.includes(key) && !isOwn(key, []));
}
