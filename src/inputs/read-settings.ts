import { isIP } from 'node:net';
import { quoted } from '../core/quote.ts';
import type {
  AccessKey,
  AtlasApi,
  DigitaloceanApi,
  MongodbSettings,
  MysqlSettings,
  Settings,
} from '../core/settings.ts';
import { missing, namesOf, type Requirement } from './input.ts';
import type { InputSource } from './input-source.ts';
import { SettingsInvalid } from './problems.ts';
import { atlasKeyProblems, type Chosen, type MongodbProvider, mongodbProvider } from './providers.ts';
import { ALL_SETTINGS, SETTINGS, type Setting, type SettingsReading } from './settings.ts';
import { TableReading } from './table-reading.ts';
import { decodeRegistryCredentials } from './values/registry-credentials.ts';

const SPACES_DOMAIN = 'digitaloceanspaces.com';

/**
 * Reads the settings and checks them.
 *
 * @throws SettingsInvalid with everything that is missing or wrong, by input and variable name, and no secret
 */
export function readSettings(inputSource: InputSource): Settings {
  const read: SettingsReading = new TableReading(SETTINGS, inputSource);
  const chosen = mongodbProvider(read);
  const problems = problemsOf(read, chosen);
  if (problems.length > 0) throw new SettingsInvalid(problems);

  const provider = chosen.value ?? 'direct';
  const { dockerRegistryCredentials: credentials, clusterDomain } = read.values;
  return {
    registry: {
      server: read.required('dockerRegistry'),
      credentials: credentials === undefined ? undefined : decodeRegistryCredentials(credentials),
    },
    mysql: mysqlSettings(read),
    mongodb: mongodbSettings(read, provider),
    storage: {
      type: read.required('storageType'),
      region: read.required('storageRegion'),
      accessKey: accessKey(read),
      endpointUrl: storageEndpoint(read),
      makePublic: read.required('storageMakePublic') === 'true',
    },
    clusterDomain,
    environment: read.required('environment'),
    instancesDirectory: read.required('instancesDirectory'),
    provisionerImage: read.required('provisionerImage'),
    templateEnvironment: templateEnvironment(read, provider),
  };
}

function mysqlSettings(read: SettingsReading): MysqlSettings {
  const ca = read.values.mysqlCa;
  switch (read.required('mysqlProvider')) {
    case 'direct':
      return {
        provider: 'direct',
        host: read.required('mysqlHost'),
        port: read.required('mysqlPort'),
        adminUser: read.required('mysqlAdminUser'),
        adminPassword: read.required('mysqlAdminPassword'),
        sslMode: read.required('mysqlSslMode'),
        ca,
      };
    case 'digitalocean':
      return {
        provider: 'digitalocean',
        host: read.values.mysqlHost,
        port: read.given('mysqlPort'),
        adminUser: read.values.mysqlAdminUser,
        adminPassword: read.values.mysqlAdminPassword,
        api: digitaloceanApi(read),
        clusterId: read.required('mysqlClusterId'),
        sslMode: read.given('mysqlSslMode') ?? 'verify-ca',
        ca,
      };
  }
}

function mongodbSettings(read: SettingsReading, provider: MongodbProvider): MongodbSettings {
  const connection = { replicaSet: read.values.mongodbReplicaSet, ca: read.values.mongodbCa };
  const place = { host: read.values.mongodbHost, port: read.given('mongodbPort') };
  switch (provider) {
    case 'direct':
      return {
        provider,
        ...connection,
        host: read.required('mongodbHost'),
        port: read.required('mongodbPort'),
        adminUser: read.required('mongodbAdminUser'),
        adminPassword: read.required('mongodbAdminPassword'),
        authSource: read.given('mongodbAuthSource'),
      };
    case 'digitalocean':
      return {
        provider,
        ...connection,
        ...place,
        api: digitaloceanApi(read),
        clusterId: read.required('mongodbClusterId'),
      };
    case 'atlas':
      return {
        provider,
        ...connection,
        ...place,
        api: atlasApi(read),
        projectId: read.required('atlasProjectId'),
        clusterName: read.required('atlasClusterName'),
        connection: read.required('atlasConnection'),
      };
  }
}

function digitaloceanApi(read: SettingsReading): DigitaloceanApi {
  return { url: read.required('digitaloceanApiUrl'), token: read.required('digitaloceanToken') };
}

/** A service account comes first: keys are what Atlas calls legacy. */
function atlasApi(read: SettingsReading): AtlasApi {
  const url = read.required('atlasApiUrl');
  const [clientId, clientSecret] = [read.values.atlasClientId, read.values.atlasClientSecret];
  if (clientId !== undefined && clientSecret !== undefined)
    return { url, credentials: { kind: 'service-account', clientId, clientSecret } };
  const publicKey = read.required('atlasPublicKey');
  return { url, credentials: { kind: 'digest', publicKey, privateKey: read.required('atlasPrivateKey') } };
}

function accessKey(read: SettingsReading): AccessKey | undefined {
  const [id, secret] = [read.values.storageAccessKeyId, read.values.storageSecretAccessKey];
  return id === undefined || secret === undefined ? undefined : { id, secret };
}

function problemsOf(read: SettingsReading, chosen: Chosen): string[] {
  const isMet = ({ input, value }: Requirement) =>
    (input === SETTINGS.mongodbProvider.input ? chosen.value : read.valueFor({ input })) === value;
  const wrong = ALL_SETTINGS.filter((setting) => setting !== SETTINGS.mongodbProvider).flatMap((setting) => {
    const { required } = setting;
    const problem = read.problemOf(setting);
    if (problem !== undefined) return [problem];
    if (read.valueFor(setting) !== undefined || required === undefined) return [];
    return required === 'always' || required.some(isMet) ? [missing(setting)] : [];
  });
  return [
    ...(chosen.problem === undefined ? [] : [chosen.problem]),
    ...wrong,
    ...(chosen.value === 'atlas' ? atlasKeyProblems(read) : []),
    ...authorityProblems(read),
    ...accessKeyProblems(read),
    ...spacesProblems(read),
  ];
}

/** A certificate can only be verified with its authority; DigitalOcean's API gives that of a managed cluster. */
function authorityProblems(read: SettingsReading): string[] {
  const { mysqlProvider, mysqlSslMode, mysqlCa } = read.values;
  if (mysqlProvider !== 'direct' || mysqlSslMode !== 'verify-ca') return [];
  if (mysqlCa !== undefined || read.problemOf(SETTINGS.mysqlCa) !== undefined) return [];
  return [`${namesOf(SETTINGS.mysqlCa)}: missing (mysql-ssl-mode verify-ca needs it). ${SETTINGS.mysqlCa.description}`];
}

/** The endpoint gets the access keys: those of Spaces go to DigitalOcean only, or to an IP address that replaces it in tests. */
function spacesProblems({ values: { storageEndpointUrl: endpoint, storageType } }: SettingsReading): string[] {
  if (endpoint === undefined || storageType !== 'spaces') return [];
  const { hostname } = new URL(endpoint);
  if (hostname.endsWith(`.${SPACES_DOMAIN}`) || isIP(hostname) !== 0) return [];
  return [
    `${namesOf(SETTINGS.storageEndpointUrl)}: ${quoted(endpoint)} is not under ${SPACES_DOMAIN}, but storage-type is ` +
      'spaces: for another S3-compatible service set storage-type to s3.',
  ];
}

/** Half a key is useless; without any, config.yml must have one. */
function accessKeyProblems(read: SettingsReading): string[] {
  const pair = [SETTINGS.storageAccessKeyId, SETTINGS.storageSecretAccessKey];
  const [absent, other] = pair.filter((setting) => read.valueFor(setting) === undefined);
  return absent === undefined || other !== undefined ? [] : [missing(absent)];
}

function storageEndpoint({ values }: SettingsReading): string | undefined {
  const { storageEndpointUrl, storageRegion, storageType } = values;
  if (storageEndpointUrl !== undefined || storageRegion === undefined) return storageEndpointUrl;
  return storageType === 'spaces' ? `https://${storageRegion}.${SPACES_DOMAIN}` : undefined;
}

/** The settings as templates see them, by each of their variables and with their defaults: all but the secrets of an admin. */
function templateEnvironment(read: SettingsReading, provider: MongodbProvider): ReadonlyMap<string, string> {
  const shown = (setting: Setting) => {
    if (setting === SETTINGS.storageEndpointUrl) return storageEndpoint(read);
    return setting === SETTINGS.mongodbProvider ? provider : read.valueFor(setting);
  };
  return new Map(
    ALL_SETTINGS.filter(({ secret }) => secret !== 'admin').flatMap((setting) => {
      const value = shown(setting);
      if (value === undefined) return [];
      return setting.variables.map((name): [string, string] => [
        name,
        name === STORAGE_HOST ? new URL(String(value)).host : String(value),
      ]);
    }),
  );
}

/** The other variable of the endpoint's URL: a template that reads it expects a host. */
const STORAGE_HOST = 'LAUNCHPAD_STORAGE_HOST';
