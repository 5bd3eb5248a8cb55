import { LaunchpadError } from '../core/errors.ts';
import { fieldsOf, textIn } from '../core/fields.ts';
import { quoted } from '../core/quote.ts';
import type { AccessKey, StorageSettings } from '../core/settings.ts';
import type { ConfigFile } from './config/config-file.ts';
import { type ConfigValue, configError } from './config/config-values.ts';
import { DOMAIN_KEYS, S3_KEYS, STORAGE_KEYS } from './config/keys.ts';
import type { Bucket } from './instance.ts';

/** The bucket as config.yml describes it; undefined: the file leaves it out. */
export interface StorageKeys {
  readonly bucket: string | undefined;
  readonly type: 's3' | 'spaces' | undefined;
  readonly region: string | undefined;
  /** Origin of the S3 API. */
  readonly endpointUrl: string | undefined;
  /** The spelling that the file uses, and so the one for additions. */
  readonly family: 'STORAGE' | 'S3';
}

const SPACES_DOMAIN = '.digitaloceanspaces.com';

/**
 * Reads the storage keys of either family.
 *
 * @throws LaunchpadError `config-invalid` where the file has both families with different values
 */
export function readStorage(config: ConfigFile): StorageKeys {
  const hasStorage = STORAGE_KEYS.some((key) => config.has(key));
  const hasS3 = S3_KEYS.some((key) => config.has(key));
  const storage = storageFamily(config);
  if (!hasS3) return storage;
  const s3 = s3Family(config);
  if (!hasStorage) return s3;
  for (const field of ['bucket', 'type', 'region', 'endpointUrl'] as const) {
    if (storage[field] !== undefined && s3[field] !== undefined && storage[field] !== s3[field]) {
      const what = `the STORAGE_* and S3_* keys disagree on the ${FIELD_NAMES[field]}: ${storage[field]} and ${s3[field]}.`;
      throw configError(config.name, what, 'Keep one of the two families.');
    }
  }
  return {
    bucket: storage.bucket ?? s3.bucket,
    type: storage.type ?? s3.type,
    region: storage.region ?? s3.region,
    endpointUrl: storage.endpointUrl ?? s3.endpointUrl,
    family: 'STORAGE',
  };
}

const FIELD_NAMES = { bucket: 'bucket', type: 'type', region: 'region', endpointUrl: 'endpoint' } as const;

function storageFamily(config: ConfigFile): StorageKeys {
  const type = config.text('STORAGE_TYPE');
  if (type !== undefined && type !== 's3' && type !== 'spaces') {
    const what = `STORAGE_TYPE is ${quoted(type)}.`;
    throw configError(config.name, what, 'Set STORAGE_TYPE to "s3" or "spaces".');
  }
  const endpoint = config.text('STORAGE_ENDPOINT_URL');
  return {
    bucket: config.text('STORAGE_BUCKET_NAME'),
    type,
    region: config.text('STORAGE_REGION'),
    endpointUrl: endpoint === undefined ? undefined : originOf(endpoint, config.name, 'STORAGE_ENDPOINT_URL'),
    family: 'STORAGE',
  };
}

/** https://github.com/cleura/tutor-contrib-s3 names the keys: no host means AWS; another one says nothing of the type. */
function s3Family(config: ConfigFile): StorageKeys {
  const host = config.text('S3_HOST');
  const port = config.port('S3_PORT');
  const scheme = config.flag('S3_USE_SSL') === false ? 'http' : 'https';
  const endpoint = host === undefined ? undefined : `${scheme}://${host}${port === undefined ? '' : `:${port}`}`;
  return {
    bucket: config.text('S3_STORAGE_BUCKET'),
    type: host === undefined ? 's3' : host.endsWith(SPACES_DOMAIN) ? 'spaces' : undefined,
    region: config.text('S3_REGION'),
    endpointUrl: endpoint === undefined ? undefined : originOf(endpoint, config.name, 'S3_HOST'),
    family: 'S3',
  };
}

function originOf(endpoint: string, name: string, key: string): string {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  const plain =
    url !== undefined && url.pathname === '/' && url.search === '' && url.username === '' && url.hash === '';
  if (plain && /^https?:$/.test(url.protocol)) return url.origin;
  const what = `${key} is not the URL of an S3 service: ${quoted(endpoint)}.`;
  throw configError(name, what, 'Give it as https://host or https://host:port.');
}

/** The keys that a file lacks, in the family that it uses. */
export function storageAdditions(
  { bucket, type, region, endpointUrl, family }: StorageKeys,
  complete: Pick<Bucket, 'name' | 'type' | 'region' | 'endpointUrl'>,
): [string, ConfigValue][] {
  const url = complete.endpointUrl === undefined ? undefined : new URL(complete.endpointUrl);
  const additions: [string, string | undefined, ConfigValue | undefined][] =
    family === 'STORAGE'
      ? [
          ['STORAGE_BUCKET_NAME', bucket, complete.name],
          ['STORAGE_TYPE', type, complete.type],
          ['STORAGE_REGION', region, complete.region],
          ['STORAGE_ENDPOINT_URL', endpointUrl, complete.endpointUrl],
        ]
      : [
          ['S3_STORAGE_BUCKET', bucket, complete.name],
          ['S3_REGION', region, complete.region],
          ['S3_HOST', endpointUrl, url?.hostname],
          ['S3_PORT', endpointUrl, url?.port || undefined],
          ['S3_USE_SSL', endpointUrl, url?.protocol === 'http:' ? false : undefined],
        ];
  return additions.flatMap(([key, present, value]) =>
    present === undefined && value !== undefined ? [[key, value]] : [],
  );
}

/**
 * The access key of the bucket: that of the settings, else that of config.yml.
 *
 * @throws LaunchpadError `settings-invalid` where there is none
 */
export function storageAccessKey(config: ConfigFile, { accessKey }: StorageSettings): AccessKey {
  if (accessKey !== undefined) return accessKey;
  const [id, secret] = [config.text('OPENEDX_AWS_ACCESS_KEY'), config.text('OPENEDX_AWS_SECRET_ACCESS_KEY')];
  if (id !== undefined && secret !== undefined) return { id, secret };
  throw new LaunchpadError(
    'settings-invalid',
    `No access key for the bucket: inputs storage-access-key-id (LAUNCHPAD_STORAGE_ACCESS_KEY_ID) and storage-secret-access-key (LAUNCHPAD_STORAGE_SECRET_ACCESS_KEY) are empty, and ${config.name} has no OPENEDX_AWS_ACCESS_KEY and OPENEDX_AWS_SECRET_ACCESS_KEY.`,
    { remedy: 'Set the two inputs, or both keys in config.yml.' },
  );
}

/**
 * The origins of the instance's pages, for the bucket's CORS rules: LMS, CMS, micro frontends and further domains. Tutor uses
 * http where ENABLE_HTTPS is not true; without the key the result has both. What only Tutor can render is left out.
 */
export function corsOrigins(config: ConfigFile): string[] {
  const https = config.looseFlag('ENABLE_HTTPS');
  const schemes = https === undefined ? ['https', 'http'] : [https ? 'https' : 'http'];
  const lms = config.text('LMS_HOST');
  const hosts = [
    lms,
    config.text('CMS_HOST'),
    // The default of tutor-mfe (https://github.com/overhangio/tutor-mfe): one of its pages, ORA grading, reads files.
    config.expanded(config.written('MFE_HOST') ?? (lms === undefined ? '' : `apps.${lms}`)),
    ...DOMAIN_KEYS.flatMap((key) => domainsIn(config.value(key))).map((domain) => config.expanded(domain)),
  ];
  return [...new Set(hosts.flatMap((host) => schemes.flatMap((scheme) => browserOrigin(scheme, host))))];
}

function domainsIn(list: unknown): string[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((item) =>
    typeof item === 'string' ? item : ['domain', 'mfe_domain'].flatMap((key) => textIn(fieldsOf(item), key) ?? []),
  );
}

/** An origin as browsers send it; none where the host is more than one. S3 takes one `*` in it. */
function browserOrigin(scheme: string, host = ''): string[] {
  const url = `${scheme}://${host}`;
  if (host.includes(',') || host.split('*').length > 2 || !URL.canParse(url)) return [];
  const { origin, href } = new URL(url);
  return href === `${origin}/` ? [origin] : [];
}
