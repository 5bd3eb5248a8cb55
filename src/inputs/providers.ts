import type { MongodbSettings } from '../core/settings.ts';
import { namesOf } from './input.ts';
import { SETTINGS, type Setting, type SettingsReading } from './settings.ts';

export type MongodbProvider = MongodbSettings['provider'];

const DIRECT = [SETTINGS.mongodbHost, SETTINGS.mongodbAdminUser, SETTINGS.mongodbAdminPassword];
const DIGITALOCEAN = [SETTINGS.digitaloceanToken, SETTINGS.mongodbClusterId];
const ATLAS_KEYS = [SETTINGS.atlasPublicKey, SETTINGS.atlasPrivateKey];
const ATLAS_ACCOUNT = [SETTINGS.atlasClientId, SETTINGS.atlasClientSecret];
const ATLAS_CLUSTER = [SETTINGS.atlasProjectId, SETTINGS.atlasClusterName];

const NEEDS =
  'direct needs mongodb-host, mongodb-admin-user and mongodb-admin-password; digitalocean needs digitalocean-token and ' +
  'mongodb-cluster-id; atlas needs atlas-project-id and atlas-cluster-name with atlas-client-id and ' +
  'atlas-client-secret, or with atlas-public-key and atlas-private-key';

/** The provider of MongoDB, or what is wrong. */
export interface Chosen {
  readonly value?: MongodbProvider | undefined;
  readonly problem?: string | undefined;
}

/**
 * The provider of MongoDB: the setting, else the provider that the other settings belong to. A DigitalOcean token with the
 * ID of a cluster means DigitalOcean, whatever the host and admin settings are; complete Atlas keys mean Atlas; both are
 * ambiguous; the host and the admin's credentials alone mean direct.
 */
export function mongodbProvider(read: SettingsReading): Chosen {
  if (read.isGiven(SETTINGS.mongodbProvider)) {
    return { value: read.values.mongodbProvider, problem: read.problemOf(SETTINGS.mongodbProvider) };
  }
  const given = (settings: readonly Setting[]) => settings.filter((setting) => read.isGiven(setting));
  const complete = (settings: readonly Setting[]) => given(settings).length === settings.length;
  const digitalocean = complete(DIGITALOCEAN);
  const atlas = complete(ATLAS_CLUSTER) && (complete(ATLAS_KEYS) || complete(ATLAS_ACCOUNT));
  const vendors = given([...DIGITALOCEAN, ...ATLAS_KEYS, ...ATLAS_ACCOUNT, ...ATLAS_CLUSTER]);
  if (digitalocean && atlas)
    return problem(`the settings match both digitalocean and atlas (${namesIn(vendors)}): set it to the one to use`);
  if (digitalocean) return { value: 'digitalocean' };
  if (atlas) return { value: 'atlas' };
  const direct = given(DIRECT);
  // With settings of a direct connection only, the missing ones are named one by one.
  if (complete(DIRECT) || (direct.length > 0 && vendors.length === 0)) return { value: 'direct' };
  const seen = [...direct, ...vendors];
  return problem(`the settings match no provider (set: ${seen.length === 0 ? 'none' : namesIn(seen)}); ${NEEDS}`);
}

/** What is missing of the keys for Atlas: a service account, or a pair of keys. */
export function atlasKeyProblems(read: SettingsReading): string[] {
  const has = (setting: Setting) => read.isGiven(setting);
  if ([ATLAS_ACCOUNT, ATLAS_KEYS].some((pair) => pair.every(has))) return [];
  const half = [...ATLAS_ACCOUNT, ...ATLAS_KEYS].filter(has);
  const found = half.length === 0 ? 'neither is set' : `only ${namesIn(half)} is set`;
  return [
    `${ATLAS_ACCOUNT.map(namesOf).join(' and ')}, or ${ATLAS_KEYS.map(namesOf).join(' and ')}: missing ` +
      `(mongodb-provider atlas needs one pair, and ${found}). Make a service account or an API key for the project.`,
  ];
}

function namesIn(settings: readonly Setting[]): string {
  return settings.map(({ input }) => input).join(', ');
}

function problem(what: string): Chosen {
  return { problem: `${namesOf(SETTINGS.mongodbProvider)}: not set, and ${what}.` };
}
