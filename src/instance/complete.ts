import { quoted } from '../core/quote.ts';
import type { Settings } from '../core/settings.ts';
import type { ConfigFile } from './config/config-file.ts';
import { type ConfigValue, configError } from './config/config-values.ts';
import { MONGODB_KEYS, MYSQL_KEYS, type Spellings, spelled } from './config/keys.ts';
import type { Bucket, Instance, MongodbDatabases, MysqlDatabase, ResourceNames } from './instance.ts';
import { defaultNames } from './name.ts';
import type { Seed } from './new/seed.ts';
import { corsOrigins, readStorage, storageAccessKey, storageAdditions } from './storage.ts';

export interface CompletionRequest {
  readonly name: string;
  readonly config: ConfigFile;
  readonly settings: Settings;
  readonly seed: Seed;
  /** Names that the instance had before, for those that the file lacks. */
  readonly known?: Partial<ResourceNames> | undefined;
}

export interface Completion {
  readonly instance: Instance;
  /** Keys that the file lacks, in the spelling that it uses, with their values. */
  readonly additions: ReadonlyMap<string, ConfigValue>;
}

/**
 * The instance as a run needs it: the values of config.yml, and for those that it lacks the default names, the hosts of the
 * settings, and passwords from the seed.
 *
 * @throws LaunchpadError `config-invalid`
 */
export function completeInstance(request: CompletionRequest): Completion {
  const { name, config } = request;
  const additions = new Map<string, ConfigValue>();
  const fill: Fill = (spellings, make) => {
    const present = spelled(config, spellings);
    if (present !== undefined) return present;
    const value = make();
    if (value !== undefined) additions.set(spellingInUse(config, spellings), value);
    return value;
  };
  const mysql = completeMysql(request, fill);
  const mongodb = completeMongodb(request, fill);
  const storage = completeStorage(request, additions);
  return { instance: { name, mysql, mongodb, storage }, additions };
}

/** Values to mask in the log: those of at least 8 characters, as the mask of a short word would mangle the log. */
export function secretsOf({ mysql, mongodb, storage }: Instance): string[] {
  const secrets = [mysql.password, mongodb.password ?? '', storage.accessKey.id, storage.accessKey.secret];
  return secrets.filter((secret) => secret.length >= 8);
}

/** The file's value, else the given one, which is also added; undefined where only the vendor's API knows it. */
type Fill = <T extends string | undefined>(spellings: Spellings, make: () => T) => string | T;

function completeMysql(request: CompletionRequest, fill: Fill): MysqlDatabase {
  const { name, config, seed, known } = request;
  const { mysql } = request.settings;
  const names = { ...defaultNames(name), ...known };
  return {
    database: fill(MYSQL_KEYS.database, () => names.mysqlDatabase),
    username: fill(MYSQL_KEYS.username, () => names.mysqlUser),
    password: fill(MYSQL_KEYS.password, () => seed.password('MYSQL_PASSWORD')),
    host: fill(MYSQL_KEYS.host, () => mysql.host),
    port: fillPort(config, fill, MYSQL_KEYS.port, mysql.port),
  };
}

function completeMongodb(request: CompletionRequest, fill: Fill): MongodbDatabases {
  const { name, config, seed, known } = request;
  const { mongodb } = request.settings;
  const names = { ...defaultNames(name), ...known };
  const authMechanism = config.text('MONGODB_AUTH_MECHANISM') ?? '';
  if (!['', 'SCRAM-SHA-1', 'SCRAM-SHA-256'].includes(authMechanism)) {
    const what = `MONGODB_AUTH_MECHANISM is ${quoted(authMechanism)}.`;
    throw configError(config.name, what, 'Leave it empty, or set it to "SCRAM-SHA-256" or "SCRAM-SHA-1".');
  }
  return {
    database: fill(MONGODB_KEYS.database, () => names.mongodbDatabase),
    forumDatabase: fill(MONGODB_KEYS.forumDatabase, () => names.forumDatabase),
    username: fill(MONGODB_KEYS.username, () => names.mongodbUser),
    // DigitalOcean's API generates the password.
    password: fill(MONGODB_KEYS.password, () =>
      mongodb.provider === 'digitalocean' ? undefined : seed.password('MONGODB_PASSWORD'),
    ),
    host: fill(MONGODB_KEYS.host, () => mongodb.host),
    port: fillPort(config, fill, MONGODB_KEYS.port, mongodb.port),
    authSource: config.text('MONGODB_AUTH_SOURCE') ?? 'admin',
    authMechanism,
    replicaSet: config.text('MONGODB_REPLICA_SET') ?? mongodb.replicaSet ?? '',
    useSsl:
      config.flag('MONGODB_USE_SSL') ?? (mongodb.provider === 'direct' && mongodb.ca !== undefined ? true : undefined),
  };
}

function completeStorage(request: CompletionRequest, additions: Map<string, ConfigValue>): Bucket {
  const { name, config, seed, known } = request;
  const { storage } = request.settings;
  const present = readStorage(config);
  const complete = {
    name: present.bucket ?? known?.bucket ?? defaultNames(name).bucket(seed.bucketSuffix()),
    type: present.type ?? storage.type,
    region: present.region ?? storage.region,
    endpointUrl: present.endpointUrl ?? storage.endpointUrl,
  };
  for (const [key, value] of storageAdditions(present, complete)) additions.set(key, value);
  return { ...complete, accessKey: storageAccessKey(config, storage), corsOrigins: corsOrigins(config) };
}

function fillPort(config: ConfigFile, fill: Fill, keys: Spellings, port: number | undefined): number | undefined {
  fill(keys, () => port?.toString());
  return config.port(keys[0]) ?? port;
}

/** New keys have the spelling of the file's other keys: MYSQL_*, unless it has OPENEDX_MYSQL_* only. */
function spellingInUse(config: ConfigFile, spellings: Spellings): string {
  const [first, second] = spellings;
  if (second === undefined) return first;
  const uses = (family: number) =>
    Object.values(MYSQL_KEYS).some((keys: Spellings) => keys.length > 1 && config.has(keys[family] ?? ''));
  return !uses(0) && uses(1) ? second : first;
}
