import { LaunchpadError } from '../../core/errors.ts';
import { quoted } from '../../core/quote.ts';
import type { Settings } from '../../core/settings.ts';
import { ConfigFile } from '../config/config-file.ts';
import { IDENTITY_KEYS } from '../config/keys.ts';
import type { Instance } from '../instance.ts';
import { type GuardProblem, nameProblems } from './name-guards.ts';
import { type Neighbour, neighbourProblems } from './neighbour-guards.ts';
import { formerPreviewProblems, type Preview, previewProblems } from './preview.ts';

export interface GuardRequest {
  readonly instance: Instance;
  readonly config: ConfigFile;
  readonly settings: Settings;
  readonly others: readonly Neighbour[];
  /** Only for an instance that a pull request adds. */
  readonly preview: Preview | undefined;
}

/**
 * Requires that config.yml gives its editors none of the admin's power: it may name no other host for the admin's
 * credentials, and no user, database or bucket of the system or of another instance.
 *
 * @throws LaunchpadError `config-refused` with all problems
 */
export function checkInstance(request: GuardRequest): void {
  const problems = [
    ...identityProblems(request),
    ...hostProblems(request),
    ...storageProblems(request),
    ...nameProblems(request.instance, request.settings),
    ...neighbourProblems(request.instance, request.others),
    ...namesOfPreview(request),
  ];
  if (problems.length === 0) return;
  const remedies = [...new Set(problems.map(({ remedy }) => remedy))];
  const [only] = problems;
  const message =
    problems.length === 1 && only !== undefined
      ? `${request.config.name}: ${only.what}.`
      : [`${request.config.name} is refused:`, ...problems.map(({ what }) => `  - ${what}`)].join('\n');
  throw new LaunchpadError('config-refused', message, { remedy: remedies.join(' ') });
}

function namesOfPreview({ instance, preview }: GuardRequest): GuardProblem[] {
  if (preview === undefined) return [];
  return preview.isEnding === true ? formerPreviewProblems(instance) : previewProblems(instance);
}

/** A file copied from another instance would give this one the other's names. */
function identityProblems({ instance, config, others }: GuardRequest): GuardProblem[] {
  return IDENTITY_KEYS.flatMap((key) => {
    const value = config.text(key);
    if (value === undefined || value === instance.name) return [];
    return [
      {
        what: `${key} is ${quoted(value)}, so the file is that of another instance`,
        remedy: others.some(({ name }) => name === value)
          ? `Remove ${directoryOf(config)} and run with from-instance: ${value}, which copies it with new names.`
          : `Set K8S_NAMESPACE and TUTOR_APP_NAME to ${instance.name}, and give the instance its own names.`,
      },
    ];
  });
}

function directoryOf({ name }: ConfigFile): string {
  return name.slice(0, name.lastIndexOf('/') + 1);
}

/**
 * An admin's credentials go only to a host of the settings or of the vendor's API. The provisioner, which calls the API,
 * checks the latter.
 */
function hostProblems({ instance: { mysql, mongodb }, settings }: GuardRequest): GuardProblem[] {
  const problems: GuardProblem[] = [];
  if (settings.mysql.provider === 'direct') {
    problems.push(...different('MYSQL_HOST', mysql.host, 'mysql-host', settings.mysql.host, sameHost));
    problems.push(...different('MYSQL_PORT', mysql.port, 'mysql-port', settings.mysql.port));
  }
  if (settings.mongodb.provider === 'direct') {
    problems.push(...different('MONGODB_HOST', mongodb.host, 'mongodb-host', settings.mongodb.host, sameHost));
    problems.push(...different('MONGODB_PORT', mongodb.port, 'mongodb-port', settings.mongodb.port));
  }
  return problems;
}

function different<T extends string | number>(
  key: string,
  value: T | undefined,
  input: string,
  setting: T,
  same: (a: T, b: T) => boolean = (a, b) => a === b,
): GuardProblem[] {
  if (value === undefined || same(value, setting)) return [];
  return [
    {
      what: `${key} is ${quoted(value)}, but the admin's credentials are for ${quoted(setting)} (input ${input})`,
      remedy: 'Give config.yml and the settings the same hosts and ports.',
    },
  ];
}

function sameHost(a: string, b: string): boolean {
  const plain = (host: string) =>
    host
      .toLowerCase()
      .replace(/^mongodb\+srv:\/\//, '')
      .replace(/\.$/, '');
  return plain(a) === plain(b);
}

function storageProblems({ instance: { storage }, settings }: GuardRequest): GuardProblem[] {
  const { type, endpointUrl } = settings.storage;
  const problems = different('STORAGE_TYPE', storage.type, 'storage-type', type);
  if (!/^[a-z0-9-]+$/.test(storage.region)) {
    problems.push({
      what: `the storage region ${quoted(storage.region)} is not valid`,
      remedy: 'Give the region in lower-case letters, digits and hyphens, such as us-east-1.',
    });
  }
  const ofRegion = type === 'spaces' ? `https://${storage.region}.digitaloceanspaces.com` : undefined;
  const allowed = [originOf(endpointUrl), ofRegion];
  if (!allowed.includes(originOf(storage.endpointUrl))) {
    problems.push({
      what: `the storage endpoint is ${storage.endpointUrl ?? 'that of AWS'}, but the access keys are for ${endpointUrl ?? 'AWS'} (input storage-endpoint-url)`,
      remedy: 'Give config.yml and the settings the same storage endpoint.',
    });
  }
  return problems;
}

function originOf(url: string | undefined): string | undefined {
  return url === undefined ? undefined : new URL(url).origin;
}

const KEY = 'LAUNCHPAD_PROTECTED';

/**
 * Requires that an instance may be deprovisioned: its config.yml on the branch that is in use does not protect it.
 *
 * @param bytes undefined where that branch has no such file
 * @throws LaunchpadError `instance-protected`; `config-invalid` for a value that is neither true nor false
 */
export function requireUnprotected(bytes: Uint8Array | undefined, path: string, instance: string): void {
  if (bytes === undefined || ConfigFile.parse(bytes, path).flag(KEY) !== true) return;
  throw new LaunchpadError('instance-protected', `Instance ${instance} is protected: ${path} has ${KEY}: true.`, {
    remedy: `Nothing was deleted. To delete ${instance} and all its data, remove ${KEY} from ${path}, commit that, and run again.`,
  });
}
