import type { OperatorValue } from './config-file.ts';
import { IDENTITY_KEYS, MONGODB_KEYS, MYSQL_KEYS } from './keys.ts';

/** Keys of config.yml whose values each instance has for itself: what a copy of an instance renews, images apart. */
export const OWN_KEYS: readonly string[] = [
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
    if (value === undefined) return OWN_KEYS.includes(key);
    const references = typeof value === 'string' ? [...value.matchAll(/\{\{\s*(\w+)\s*\}\}/g)] : [];
    return references.some(([, other = '']) => isOwn(other, [...path, key]));
  };
  return [...values.keys()].filter((key) => OWN_KEYS.includes(key) && !isOwn(key, []));
}
