import type { Settings } from '../core/settings.ts';

/** Paths of an instance's files in the cluster repository. */
export function instancePaths(settings: Pick<Settings, 'instancesDirectory'>, name: string) {
  const directory = `${settings.instancesDirectory}/${name}`;
  return { directory, config: `${directory}/config.yml`, application: `${directory}/application.yml` };
}

/** Name of the instance's Application. */
export function applicationName(name: string, settings: Pick<Settings, 'environment'>): string {
  return `${name}-${settings.environment}`;
}
