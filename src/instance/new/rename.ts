import type { ConfigFile } from '../config/config-file.ts';
import type { OperatorValue } from '../config/config-values.ts';
import {
  BUCKET_KEYS,
  DOMAIN_KEYS,
  HOST_KEYS,
  IDENTITY_KEYS,
  MONGODB_KEYS,
  MYSQL_KEYS,
  type Spellings,
} from '../config/keys.ts';
import { defaultNames } from '../name.ts';
import type { Seed } from './seed.ts';

export interface RenameRequest {
  /** config.yml of the instance that is copied, and its name. */
  readonly source: ConfigFile;
  readonly from: string;
  readonly name: string;
  readonly seed: Seed;
  /** The domain of new hosts, needed where a host does not contain the old name. */
  readonly domain: () => string;
}

/**
 * The renamed keys of a copied config.yml, with the new instance's values: namespace, app name, hosts, databases, users,
 * passwords, bucket and images; none of its further domains. Keys that the source lacks stay out; a host that refers to
 * another key stays as it is.
 */
export function renamedKeys({ source, from, name, seed, domain }: RenameRequest): Map<string, OperatorValue> {
  const names = defaultNames(name);
  const renamed = new Map<string, OperatorValue>();
  const set = (keys: readonly string[], value: () => string) => {
    const present = keys.filter((key) => source.has(key));
    if (present.length === 0) return;
    const newValue = value();
    for (const key of present) renamed.set(key, newValue);
  };
  set(IDENTITY_KEYS, () => name);
  for (const [key, prefix] of HOST_KEYS) {
    const host = writtenText(source, key);
    if (host !== undefined) set([key], () => renamedHost(host, from, name) ?? `${prefix}${name}.${domain()}`);
  }
  // No two instances can serve a domain.
  for (const key of domainKeysOf(source)) renamed.set(key, []);
  const databases: readonly (readonly [Spellings, () => string])[] = [
    [MYSQL_KEYS.database, () => names.mysqlDatabase],
    [MYSQL_KEYS.username, () => names.mysqlUser],
    [MYSQL_KEYS.password, () => seed.password('MYSQL_PASSWORD')],
    [MONGODB_KEYS.database, () => names.mongodbDatabase],
    [MONGODB_KEYS.forumDatabase, () => names.forumDatabase],
    [MONGODB_KEYS.username, () => names.mongodbUser],
    [MONGODB_KEYS.password, () => seed.password('MONGODB_PASSWORD')],
    [BUCKET_KEYS, () => names.bucket(seed.bucketSuffix())],
  ];
  for (const [keys, value] of databases) set(keys, value);
  renameAuthSource(source, renamed);
  for (const key of source.keys().filter(isImageKey)) {
    const image = source.written(key);
    const newImage = image === undefined ? undefined : renamedImage(image, from, name);
    if (newImage !== undefined) renamed.set(key, newImage);
  }
  return renamed;
}

/** Lists of further domains that the copy does not have. */
export function domainKeysOf(source: ConfigFile): string[] {
  return DOMAIN_KEYS.filter((key) => {
    const value = source.value(key);
    return Array.isArray(value) && value.length > 0;
  });
}

/** Other keys whose values contain the old name: only the operator knows whether to change them. */
export function keysThatName(source: ConfigFile, from: string, renamed: ReadonlyMap<string, OperatorValue>): string[] {
  return source.keys().filter((key) => !renamed.has(key) && source.mentions(key, wordOf(from)));
}

/** A MongoDB user in the instance's own database moves with it. */
function renameAuthSource(source: ConfigFile, renamed: Map<string, OperatorValue>): void {
  const database = source.written('MONGODB_DATABASE');
  const moved = renamed.get('MONGODB_DATABASE');
  const authSource = source.written('MONGODB_AUTH_SOURCE');
  if (authSource !== undefined && authSource === database && moved !== undefined) {
    renamed.set('MONGODB_AUTH_SOURCE', moved);
  }
}

/** A host without references to other keys. */
function writtenText(source: ConfigFile, key: string): string | undefined {
  const text = source.written(key);
  return text?.includes('{{') ? undefined : text;
}

/** Renames the first match only: the domain may contain the same word. */
function renamedHost(host: string, from: string, name: string): string | undefined {
  const [place] = host.matchAll(wordOf(from));
  if (place === undefined) return undefined;
  return host.slice(0, place.index) + name + host.slice(place.index + from.length);
}

/** Renames the last part of an image only: registry and owner precede it. */
function renamedImage(image: string, from: string, name: string): string | undefined {
  const last = image.lastIndexOf('/') + 1;
  const renamed = image.slice(0, last) + image.slice(last).replace(wordOf(from), name);
  return renamed === image ? undefined : renamed;
}

/** Tutor and its plugins name them DOCKER_IMAGE_OPENEDX, MFE_DOCKER_IMAGE and the like. */
function isImageKey(key: string): boolean {
  return /^DOCKER_IMAGE_|_DOCKER_IMAGE$/.test(key);
}

/** Matches the name as a word: not at the end of another one, and followed by a hyphen at most. */
function wordOf(name: string): RegExp {
  return new RegExp(`(?<![A-Za-z0-9-])${RegExp.escape(name)}(?![A-Za-z0-9])`, 'g');
}
