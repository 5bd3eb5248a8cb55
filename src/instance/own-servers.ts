import type { ConfigFile } from './config/config-file.ts';

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
    const isSet = config.has(key);
    if (!isSet && !hasEnvironment) additions.set(key, false);
    else if (!isSet || config.looseFlag(key) === true) {
      warnings.push(
        `${config.name}: ${key} is ${isSet ? 'true' : 'not set, which means true'}: Tutor runs its own ${server} server beside the provisioned one. ` +
          `If nothing uses that server, back up its data and set ${key}: false.`,
      );
    }
  }
  return { additions, warnings };
}
