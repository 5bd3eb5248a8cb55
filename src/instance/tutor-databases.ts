import { quoted } from '../core/quote.ts';
import type { ConfigFile } from './config/config-file.ts';
import { decodeConfig, readYaml } from './config/config-text.ts';

/** Keys by which Tutor runs database servers itself, beside the provisioned ones: each is true unless it is set to false. */
const SERVERS = [
  { key: 'RUN_MYSQL', server: 'MySQL' },
  { key: 'RUN_MONGODB', server: 'MongoDB' },
] as const;

/** What becomes of Tutor's own servers. */
export interface OwnServers {
  /** Keys to set to false. */
  readonly additions: ReadonlyMap<string, false>;
  readonly warnings: readonly string[];
}

/**
 * Decides on Tutor's own database servers. Nothing that may run is switched off: with pruning, that would delete its data
 * at the next build.
 *
 * @param hasEnvironment whether the instance was built: the repository has its `env` directory
 */
export function ownServers(config: ConfigFile, hasEnvironment: boolean): OwnServers {
  const additions = new Map<string, false>();
  const warnings: string[] = [];
  for (const { key, server } of SERVERS) {
    const value = config.value(key);
    if (value === undefined && !hasEnvironment) additions.set(key, false);
    else if (isOn(value)) {
      warnings.push(
        `${config.name}: ${key} is ${describeValue(value)}: Tutor runs its own ${server} server beside the provisioned one. ` +
          `If nothing uses that server, back up its data and set ${key}: false.`,
      );
    }
  }
  return { additions, warnings };
}

/**
 * Whether Tutor runs the server: its templates ask `{% if RUN_MYSQL %}`, where Python takes for true whatever is not empty
 * or 0, and a value that is a text stays one when Tutor renders it (tutor/env.py, render_unknown).
 */
function isOn(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return ![null, false, '', 0, 0n].some((off) => off === value);
  return Object.keys(value).length > 0;
}

function describeValue(value: unknown): string {
  if (value === undefined) return 'not set, which means true';
  if (value === true) return 'true';
  if (typeof value !== 'string') return 'neither true nor false, which Tutor takes for true';
  return `the text ${quoted(value)}, which Tutor takes for true`;
}

/**
 * Jobs that drydock must leave out: Tutor's for MySQL and drydock's for MongoDB log in as the server's administrator, for
 * whom Tutor takes the instance's password (`upgrade_obsolete` in tutor/config.py), and create what the run created.
 */
const DATABASE_JOBS = ['mysql-job', 'mongodb-job'];

/** A warning where drydock runs these jobs at the first sync (https://github.com/eduNEXT/drydock); empty otherwise. */
export function initJobWarnings(config: ConfigFile): string[] {
  const { asYaml11 } = readYaml(decodeConfig(config.bytes, config.name).text, config.name);
  // drydock asks for any value that Python takes for true.
  if ([undefined, null, false, 0, ''].some((off) => asYaml11.DRYDOCK_INIT_JOBS === off)) return [];
  const excluded = asYaml11.DRYDOCK_INIT_JOBS_EXCLUDED;
  const listed: readonly unknown[] = Array.isArray(excluded) ? excluded : [];
  const missing = DATABASE_JOBS.filter((job) => !listed.includes(job));
  if (missing.length === 0) return [];
  const jobs = missing.join(' and ');
  const isList = excluded === undefined || excluded === null || Array.isArray(excluded);
  return [
    `${config.name}: DRYDOCK_INIT_JOBS is set and DRYDOCK_INIT_JOBS_EXCLUDED ${isList ? 'lacks' : 'is not a list with'} ${jobs}: ` +
      'at the next sync each logs in as an administrator with the password of the instance, fails, and stops the sync. ' +
      `Set DRYDOCK_INIT_JOBS_EXCLUDED: ${JSON.stringify([...listed, ...missing])} and run the build workflow.`,
  ];
}
