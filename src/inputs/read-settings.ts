import { isIP } from 'node:net';
import type {
  AccessKey,
  AtlasApi,
  DigitaloceanApi,
  MongodbSettings,
  MysqlSettings,
  Settings,
} from '../core/settings.ts';
import {
  givenValue,
  missing,
  namesOf,
  optionalValue,
  outcomeOf,
  type Requirement,
  readValue,
  requireValue,
} from './input.ts';
import type { InputSource } from './input-source.ts';
import { quoted, SettingsInvalid } from './problems.ts';
import { atlasKeyProblems, type MongodbProvider, mongodbProvider } from './providers.ts';
import { ALL_SETTINGS, SETTINGS, type Setting } from './settings.ts';
import { decodeRegistryCredentials } from './values/registry-credentials.ts';

const SPACES_DOMAIN = 'digitaloceanspaces.com';

/**
 * Reads the settings and checks them.
 *
 * @throws SettingsInvalid with everything that is missing or wrong, by input and variable name, and no secret
 */
export function readSettings(inputSource: InputSource): Settings {
  const provider = mongodbProvider(inputSource);
  const problems = problemsOf(inputSource, provider);
  if (problems.length > 0 || 'problem' in provider) throw new SettingsInvalid(problems);

  const read = readerOf(inputSource);
  const credentials = read.optional(SETTINGS.dockerRegistryCredentials);
  return {
    registry: {
      server: read.required(SETTINGS.dockerRegistry),
      credentials: credentials === undefined ? undefined : decodeRegistryCredentials(credentials),
    },
    mysql: mysqlSettings(read),
    mongodb: mongodbSettings(read, provider.value ?? 'direct'),
    storage: {
      type: read.required(SETTINGS.storageType),
      region: read.required(SETTINGS.storageRegion),
      accessKey: accessKey(read),
      endpointUrl: storageEndpoint(inputSource),
      makePublic: read.required(SETTINGS.storageMakePublic) === 'true',
    },
    clusterDomain: read.optional(SETTINGS.clusterDomain),
    environment: read.required(SETTINGS.environment),
    instancesDirectory: read.required(SETTINGS.instancesDirectory),
    provisionerImage: read.required(SETTINGS.provisionerImage),
    templateEnvironment: templateEnvironment(inputSource, provider.value),
  };
}

/** Reads settings that have been checked. */
interface Reader {
  optional<T extends string | number>(setting: Setting<T>): T | undefined;
  required<T extends string | number>(setting: Setting<T>): T;
  /** What the caller set, and no default. */
  given<T extends string | number>(setting: Setting<T>): T | undefined;
}

function readerOf(inputSource: InputSource): Reader {
  return {
    optional: (setting) => optionalValue(setting, inputSource),
    required: (setting) => requireValue(setting, inputSource),
    given: (setting) => givenValue(setting, inputSource),
  };
}

function mysqlSettings(read: Reader): MysqlSettings {
  const ca = read.optional(SETTINGS.mysqlCa);
  switch (read.required(SETTINGS.mysqlProvider)) {
    case 'direct':
      return {
        provider: 'direct',
        host: read.required(SETTINGS.mysqlHost),
        port: read.required(SETTINGS.mysqlPort),
        adminUser: read.required(SETTINGS.mysqlAdminUser),
        adminPassword: read.required(SETTINGS.mysqlAdminPassword),
        sslMode: read.required(SETTINGS.mysqlSslMode),
        ca,
      };
    case 'digitalocean':
      return {
        provider: 'digitalocean',
        host: read.optional(SETTINGS.mysqlHost),
        port: read.given(SETTINGS.mysqlPort),
        adminUser: read.optional(SETTINGS.mysqlAdminUser),
        adminPassword: read.optional(SETTINGS.mysqlAdminPassword),
        api: digitaloceanApi(read),
        clusterId: read.required(SETTINGS.mysqlClusterId),
        sslMode: read.given(SETTINGS.mysqlSslMode) ?? 'verify-ca',
        ca,
      };
  }
}

function mongodbSettings(read: Reader, provider: MongodbProvider): MongodbSettings {
  const connection = { replicaSet: read.optional(SETTINGS.mongodbReplicaSet), ca: read.optional(SETTINGS.mongodbCa) };
  const place = { host: read.optional(SETTINGS.mongodbHost), port: read.given(SETTINGS.mongodbPort) };
  switch (provider) {
    case 'direct':
      return {
        provider,
        ...connection,
        host: read.required(SETTINGS.mongodbHost),
        port: read.required(SETTINGS.mongodbPort),
        adminUser: read.required(SETTINGS.mongodbAdminUser),
        adminPassword: read.required(SETTINGS.mongodbAdminPassword),
        authSource: read.required(SETTINGS.mongodbAuthSource),
      };
    case 'digitalocean':
      return {
        provider,
        ...connection,
        ...place,
        api: digitaloceanApi(read),
        clusterId: read.required(SETTINGS.mongodbClusterId),
      };
    case 'atlas':
      return {
        provider,
        ...connection,
        ...place,
        api: atlasApi(read),
        projectId: read.required(SETTINGS.atlasProjectId),
        clusterName: read.required(SETTINGS.atlasClusterName),
      };
  }
}

function digitaloceanApi(read: Reader): DigitaloceanApi {
  return { url: read.required(SETTINGS.digitaloceanApiUrl), token: read.required(SETTINGS.digitaloceanToken) };
}

/** A service account comes first: keys are what Atlas calls legacy. */
function atlasApi(read: Reader): AtlasApi {
  const url = read.required(SETTINGS.atlasApiUrl);
  const [clientId, clientSecret] = [read.optional(SETTINGS.atlasClientId), read.optional(SETTINGS.atlasClientSecret)];
  if (clientId !== undefined && clientSecret !== undefined)
    return { url, credentials: { kind: 'service-account', clientId, clientSecret } };
  const publicKey = read.required(SETTINGS.atlasPublicKey);
  return { url, credentials: { kind: 'digest', publicKey, privateKey: read.required(SETTINGS.atlasPrivateKey) } };
}

function accessKey(read: Reader): AccessKey | undefined {
  const [id, secret] = [read.optional(SETTINGS.storageAccessKeyId), read.optional(SETTINGS.storageSecretAccessKey)];
  return id === undefined || secret === undefined ? undefined : { id, secret };
}

function problemsOf(inputSource: InputSource, provider: ReturnType<typeof mongodbProvider>): string[] {
  const chosen = 'problem' in provider ? undefined : provider.value;
  const isMet = ({ input, value }: Requirement) => {
    if (input === SETTINGS.mongodbProvider.input) return chosen === value;
    return ALL_SETTINGS.some((setting) => setting.input === input && readValue(setting, inputSource) === value);
  };
  const wrong = ALL_SETTINGS.filter((setting) => setting !== SETTINGS.mongodbProvider).flatMap((setting) => {
    const { required } = setting;
    const outcome = outcomeOf(setting, inputSource);
    if ('problem' in outcome) return [outcome.problem];
    if (outcome.value !== undefined || required === undefined) return [];
    return required === 'always' || required.some(isMet) ? [missing(setting)] : [];
  });
  return [
    ...('problem' in provider ? [provider.problem] : []),
    ...wrong,
    ...(chosen === 'atlas' ? atlasKeyProblems(inputSource) : []),
    ...authorityProblems(inputSource),
    ...accessKeyProblems(inputSource),
    ...spacesProblems(inputSource),
  ];
}

/** A certificate can only be verified by an authority; DigitalOcean's API tells its own. */
function authorityProblems(inputSource: InputSource): string[] {
  const isDirect = readValue(SETTINGS.mysqlProvider, inputSource) === 'direct';
  const isVerified = readValue(SETTINGS.mysqlSslMode, inputSource) === 'verify-ca';
  if (!isDirect || !isVerified || !('value' in outcomeOf(SETTINGS.mysqlCa, inputSource))) return [];
  if (readValue(SETTINGS.mysqlCa, inputSource) !== undefined) return [];
  return [`${namesOf(SETTINGS.mysqlCa)}: missing (mysql-ssl-mode verify-ca needs it). ${SETTINGS.mysqlCa.description}`];
}

/** The access keys are sent to the endpoint: those of Spaces to DigitalOcean only, or to an address that stands in for it. */
function spacesProblems(inputSource: InputSource): string[] {
  const endpoint = readValue(SETTINGS.storageEndpointUrl, inputSource);
  if (endpoint === undefined || readValue(SETTINGS.storageType, inputSource) !== 'spaces') return [];
  const { hostname } = new URL(endpoint);
  if (hostname.endsWith(`.${SPACES_DOMAIN}`) || isIP(hostname) !== 0) return [];
  return [
    `${namesOf(SETTINGS.storageEndpointUrl)}: ${quoted(endpoint)} is not under ${SPACES_DOMAIN}, but storage-type is ` +
      'spaces: for another S3-compatible service set storage-type to s3.',
  ];
}

/** Half a key opens nothing; without any, config.yml must have one. */
function accessKeyProblems(inputSource: InputSource): string[] {
  const pair = [SETTINGS.storageAccessKeyId, SETTINGS.storageSecretAccessKey];
  const [absent, other] = pair.filter((setting) => givenValue(setting, inputSource) === undefined);
  return absent === undefined || other !== undefined ? [] : [missing(absent)];
}

function storageEndpoint(inputSource: InputSource): string | undefined {
  const endpoint = readValue(SETTINGS.storageEndpointUrl, inputSource);
  const region = readValue(SETTINGS.storageRegion, inputSource);
  if (endpoint !== undefined || region === undefined) return endpoint;
  return readValue(SETTINGS.storageType, inputSource) === 'spaces' ? `https://${region}.${SPACES_DOMAIN}` : undefined;
}

/** The settings as templates see them, by variable and with their defaults: all but the secrets of an admin. */
function templateEnvironment(inputSource: InputSource, provider: string | undefined): ReadonlyMap<string, string> {
  const seen = ALL_SETTINGS.filter(({ secret }) => secret !== 'admin');
  const settingValue = (setting: Setting) => {
    if (setting === SETTINGS.storageEndpointUrl) return storageEndpoint(inputSource);
    return setting === SETTINGS.mongodbProvider ? provider : readValue(setting, inputSource);
  };
  return new Map(
    seen.flatMap((setting) => {
      const value = settingValue(setting);
      return value === undefined ? [] : [[setting.variables[0], String(value)]];
    }),
  );
}
