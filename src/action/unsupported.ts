import { type Lookup, variableOf } from './lookup.ts';
import { NOT_SUPPORTED_YET } from './values.ts';

/** What the environment asks for that is not supported yet. */
export interface Unsupported {
  /** Input of the setting that is left undecided by it, so that nothing more is asked for on its account. */
  readonly input: string;
  readonly problem: string;
}

const DIGITALOCEAN = ['LAUNCHPAD_DIGITALOCEAN_TOKEN', 'LAUNCHPAD_MONGODB_CLUSTER_ID'];
const ATLAS = [
  'LAUNCHPAD_ATLAS_PUBLIC_KEY',
  'LAUNCHPAD_ATLAS_PRIVATE_KEY',
  'LAUNCHPAD_ATLAS_PROJECT_ID',
  'LAUNCHPAD_ATLAS_CLUSTER_NAME',
];
const MAKE_PUBLIC = 'LAUNCHPAD_STORAGE_MAKE_PUBLIC';

/** Variables that are read only to say what is not supported, and whose values are secret all the same. */
export const UNSUPPORTED_SECRETS: readonly string[] = ['LAUNCHPAD_DIGITALOCEAN_TOKEN', 'LAUNCHPAD_ATLAS_PRIVATE_KEY'];

/**
 * The provider of MongoDB that the environment stands for where none is named: a DigitalOcean token with a cluster's ID
 * is DigitalOcean, whatever the host and admin settings say; complete Atlas keys are Atlas; both are ambiguous; without
 * either it is direct.
 */
export function unsupportedMongodb(lookup: Lookup): Unsupported | undefined {
  const complete = (names: readonly string[]) => names.every((name) => variableOf(lookup, name) !== undefined);
  const [digitalocean, atlas] = [complete(DIGITALOCEAN), complete(ATLAS)];
  if (!digitalocean && !atlas) return undefined;
  const seen = [...(digitalocean ? DIGITALOCEAN : []), ...(atlas ? ATLAS : [])].join(', ');
  const asks =
    digitalocean && atlas
      ? `are ambiguous, they ask for DigitalOcean and for Atlas, and neither ${NOT_SUPPORTED_YET}`
      : `ask for ${atlas ? 'Atlas' : 'DigitalOcean'}, which ${NOT_SUPPORTED_YET}`;
  return {
    input: 'mongodb-provider',
    problem:
      `mongodb-provider (LAUNCHPAD_MONGODB_PROVIDER): ${seen} ${asks}. ` +
      'For a direct connection set it to direct, with host and admin user.',
  };
}

/** A bucket that anybody may read. */
export function unsupportedPublicBucket(lookup: Lookup): Unsupported | undefined {
  const value = variableOf(lookup, MAKE_PUBLIC)?.toLowerCase() ?? 'false';
  if (['false', '0', 'no', 'off'].includes(value)) return undefined;
  return {
    input: 'storage-make-public',
    problem: `${MAKE_PUBLIC}: a public bucket ${NOT_SUPPORTED_YET}. Remove it, or set it to false: the bucket is private.`,
  };
}
