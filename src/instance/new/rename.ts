import type { ConfigFile } from '../config/config-file.ts';
import type { OperatorValue } from '../config/config-values.ts';
import { BUCKET_KEYS, HOST_KEYS, IDENTITY_KEYS, MONGODB_KEYS, MYSQL_KEYS, type Spellings } from '../config/keys.ts';
import { defaultNames } from '../name.ts';
import type { Seed } from './seed.ts';

export interface RenameRequest {
  /** config.yml of the instance that is copied. */
  readonly source: ConfigFile;
  /** Its name. */
  readonly from: string;
  readonly name: string;
  readonly seed: Seed;
  /** The domain of new hosts, asked for where a host does not have the old name in it. */
  readonly domain: () => string;
}

/**
 * The keys of a copied config.yml that say whose it is, with the values that the new instance gets: namespace, app name,
 * hosts, databases, users, passwords, bucket and images. A key that the source leaves out stays out; a host that refers to
 * another key follows it.
 */
export function renamedKeys({ source, from, name, seed, domain }: RenameRequest): Map<string, OperatorValue> {
  const names = defaultNames(name);
  const renamed = new Map<string, OperatorValue>();
  const set = (keys: readonly string[], value: () => string) => {
    const present = keys.filter((key) => source.has(key));
    if (present.length === 0) return;
    const made = value();
    for (const key of present) renamed.set(key, made);
  };
  set(IDENTITY_KEYS, () => name);
  for (const [key, prefix] of HOST_KEYS) {
    const host = writtenText(source, key);
    if (host !== undefined) set([key], () => renamedHost(host, from, name) ?? `${prefix}${name}.${domain()}`);
  }
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

/** Keys besides the renewed ones whose values have the old name in them: only the operator knows whether they shall. */
export function keysThatName(source: ConfigFile, from: string, renamed: ReadonlyMap<string, OperatorValue>): string[] {
  return source.keys().filter((key) => !renamed.has(key) && source.mentions(key, wordOf(from)));
}

/** The user of MongoDB may be made in the instance's own database: then it moves along. */
function renameAuthSource(source: ConfigFile, renamed: Map<string, OperatorValue>): void {
  const database = source.written('MONGODB_DATABASE');
  const moved = renamed.get('MONGODB_DATABASE');
  const authSource = source.written('MONGODB_AUTH_SOURCE');
  if (authSource !== undefined && authSource === database && moved !== undefined) {
    renamed.set('MONGODB_AUTH_SOURCE', moved);
  }
}

/** A host that the file writes out, and not as a reference to another key. */
function writtenText(source: ConfigFile, key: string): string | undefined {
  const text = source.written(key);
  return text?.includes('{{') ? undefined : text;
}

/** The first place counts: the domain may have the same word in it. */
function renamedHost(host: string, from: string, name: string): string | undefined {
  const [place] = host.matchAll(wordOf(from));
  if (place === undefined) return undefined;
  return host.slice(0, place.index) + name + host.slice(place.index + from.length);
}

/** Of an image only its last part names the instance: before it are the registry and whose it is. */
function renamedImage(image: string, from: string, name: string): string | undefined {
  const last = image.lastIndexOf('/') + 1;
  const renamed = image.slice(0, last) + image.slice(last).replace(wordOf(from), name);
  return renamed === image ? undefined : renamed;
}

/** As Tutor and its plugins name them: DOCKER_IMAGE_OPENEDX, MFE_DOCKER_IMAGE. */
function isImageKey(key: string): boolean {
  return /^DOCKER_IMAGE_|_DOCKER_IMAGE$/.test(key);
}

/** Every place of the name as a word of its own: not the end of another one, and followed by a hyphen at most. */
function wordOf(name: string): RegExp {
  return new RegExp(`(?<![A-Za-z0-9-])${RegExp.escape(name)}(?![A-Za-z0-9])`, 'g');
}
