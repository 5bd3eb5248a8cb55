import type { ConfigFile } from './config/config-file.ts';
import { decodeConfig } from './config/config-text.ts';
import { readYaml } from './config/yaml-values.ts';

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
