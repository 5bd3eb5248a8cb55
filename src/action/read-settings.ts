import type { Settings } from '../settings.ts';
import {
  isGiven,
  missing,
  namesOf,
  optionalValue,
  outcomeOf,
  type Requirement,
  readValue,
  requireValue,
} from './input.ts';
import type { Lookup } from './lookup.ts';
import { quoted, SettingsInvalid } from './problems.ts';
import { decodeRegistryCredentials } from './registry-credentials.ts';
import { ALL_SETTINGS, SETTINGS, type Setting } from './settings.ts';
import { unsupportedMongodb, unsupportedPublicBucket } from './unsupported.ts';

const SPACES_DOMAIN = 'digitaloceanspaces.com';

/**
 * Reads the settings and checks them.
 *
 * @throws SettingsInvalid with everything that is missing or wrong, by input and variable name, and no secret
 */
export function readSettings(lookup: Lookup): Settings {
  const problems = problemsOf(lookup);
  if (problems.length > 0) throw new SettingsInvalid(problems);

  const optional = <T extends string | number>(setting: Setting<T>) => optionalValue(setting, lookup);
  const required = <T extends string | number>(setting: Setting<T>) => requireValue(setting, lookup);
  const credentials = optional(SETTINGS.dockerRegistryCredentials);
  return {
    registry: {
      server: required(SETTINGS.dockerRegistry),
      credentials: credentials === undefined ? undefined : decodeRegistryCredentials(credentials),
    },
    mysql: {
      provider: required(SETTINGS.mysqlProvider),
      host: required(SETTINGS.mysqlHost),
      port: required(SETTINGS.mysqlPort),
      adminUser: required(SETTINGS.mysqlAdminUser),
      adminPassword: required(SETTINGS.mysqlAdminPassword),
      sslMode: required(SETTINGS.mysqlSslMode),
      ca: optional(SETTINGS.mysqlCa),
    },
    mongodb: {
      provider: required(SETTINGS.mongodbProvider),
      host: required(SETTINGS.mongodbHost),
      port: required(SETTINGS.mongodbPort),
      adminUser: required(SETTINGS.mongodbAdminUser),
      adminPassword: required(SETTINGS.mongodbAdminPassword),
      authSource: required(SETTINGS.mongodbAuthSource),
      replicaSet: optional(SETTINGS.mongodbReplicaSet),
      ca: optional(SETTINGS.mongodbCa),
    },
    storage: {
      type: required(SETTINGS.storageType),
      region: required(SETTINGS.storageRegion),
      accessKeyId: required(SETTINGS.storageAccessKeyId),
      secretAccessKey: required(SETTINGS.storageSecretAccessKey),
      endpointUrl: storageEndpoint(lookup),
    },
    clusterDomain: optional(SETTINGS.clusterDomain),
    environment: required(SETTINGS.environment),
    instancesDirectory: required(SETTINGS.instancesDirectory),
    provisionerImage: required(SETTINGS.provisionerImage),
    templateEnvironment: templateEnvironment(lookup),
  };
}

function problemsOf(lookup: Lookup): string[] {
  const mongodb = isGiven(SETTINGS.mongodbProvider, lookup) ? undefined : unsupportedMongodb(lookup);
  const unsupported = [mongodb, unsupportedPublicBucket(lookup)].filter((found) => found !== undefined);
  const isMet = ({ input, value }: Requirement) =>
    ALL_SETTINGS.some((setting) => setting.input === input && readValue(setting, lookup) === value) &&
    !unsupported.some((found) => found.input === input);

  const wrong = ALL_SETTINGS.flatMap((setting) => {
    const { required } = setting;
    const outcome = outcomeOf(setting, lookup);
    if ('problem' in outcome) return [outcome.problem];
    if (outcome.value !== undefined || required === undefined) return [];
    return required === 'always' || isMet(required) ? [missing(setting)] : [];
  });
  return [...unsupported.map(({ problem }) => problem), ...wrong, ...spacesProblems(lookup)];
}

/** The access keys are sent to the endpoint: those of Spaces to DigitalOcean only. */
function spacesProblems(lookup: Lookup): string[] {
  const endpoint = readValue(SETTINGS.storageEndpointUrl, lookup);
  if (endpoint === undefined || readValue(SETTINGS.storageType, lookup) !== 'spaces') return [];
  if (new URL(endpoint).hostname.endsWith(`.${SPACES_DOMAIN}`)) return [];
  return [
    `${namesOf(SETTINGS.storageEndpointUrl)}: ${quoted(endpoint)} is not under ${SPACES_DOMAIN}, but storage-type is ` +
      'spaces: for another S3-compatible service set storage-type to s3.',
  ];
}

function storageEndpoint(lookup: Lookup): string | undefined {
  const endpoint = readValue(SETTINGS.storageEndpointUrl, lookup);
  const region = readValue(SETTINGS.storageRegion, lookup);
  if (endpoint !== undefined || region === undefined) return endpoint;
  return readValue(SETTINGS.storageType, lookup) === 'spaces' ? `https://${region}.${SPACES_DOMAIN}` : undefined;
}

/** The settings as templates see them, by variable and with their defaults: all but the secrets of an admin. */
function templateEnvironment(lookup: Lookup): ReadonlyMap<string, string> {
  const seen = ALL_SETTINGS.filter(({ secret }) => secret !== 'admin');
  return new Map(
    seen.flatMap((setting) => {
      const value = setting === SETTINGS.storageEndpointUrl ? storageEndpoint(lookup) : readValue(setting, lookup);
      return value === undefined ? [] : [[setting.variables[0], String(value)]];
    }),
  );
}
