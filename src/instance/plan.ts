import type { Settings } from '../settings.ts';
import { type Application, checkApplication, parseApplication } from './application.ts';
import { completeInstance } from './complete.ts';
import { ConfigFile, type ConfigValue } from './config-file.ts';
import { checkInstance, type OtherInstance } from './guards.ts';
import type { Instance } from './instance.ts';
import type { Seed } from './seed.ts';
import { renderApplication, renderConfig } from './templates.ts';

/** An instance's two files as they stand at one commit of the cluster repository, and its neighbours' config.yml. */
export interface InstanceFiles {
  readonly config: Uint8Array | undefined;
  readonly application: Uint8Array | undefined;
  readonly others: readonly OtherInstance[];
}

/** What a plan is made with, besides the files. */
export interface PlanContext {
  readonly name: string;
  readonly settings: Settings;
  /** Branch that the Application follows. */
  readonly branch: string;
  /** URL by which Argo CD reads the cluster repository. */
  readonly repositoryUrl: string;
  readonly templates: { readonly config: string; readonly application: string };
}

/** What a run is going to do, made from one reading of the files; it has changed nothing. */
export interface Plan {
  readonly instance: Instance;
  /** The files that it was made from. */
  readonly files: InstanceFiles;
  /** config.yml as it was read, or as it was rendered where there is none. */
  readonly config: ConfigFile;
  /** Keys that config.yml lacks, with the values that it gets. */
  readonly additions: ReadonlyMap<string, ConfigValue>;
  /** application.yml as it was read, or as it was rendered where there is none. */
  readonly application: Uint8Array;
}

/** Paths of an instance's files in the cluster repository. */
export function instancePaths(settings: Pick<Settings, 'instancesDirectory'>, name: string) {
  const directory = `${settings.instancesDirectory}/${name}`;
  return { directory, config: `${directory}/config.yml`, application: `${directory}/application.yml` };
}

/**
 * Completes the instance from its files, the settings and the seed, and checks it against every guard.
 *
 * @param seed where the values that nobody chose come from; `seed.used` tells afterwards whether there are any
 * @throws LaunchpadError for whatever is wrong with the files, before anything is touched
 */
export function planInstance(files: InstanceFiles, seed: Seed, context: PlanContext): Plan {
  const { name, settings, templates } = context;
  const paths = instancePaths(settings, name);
  const configBytes =
    files.config ??
    renderConfig({ template: templates.config, templateName: 'templates/instance/config.yml', name, settings, seed });
  const config = ConfigFile.parse(configBytes, paths.config);
  const { instance, additions } = completeInstance({ name, config, settings, seed });
  checkInstance({ instance, config, settings, others: files.others });
  const application =
    files.application ??
    renderApplication({
      template: templates.application,
      templateName: 'templates/instance/application.yml',
      name,
      settings,
      repositoryUrl: context.repositoryUrl,
      branch: context.branch,
    });
  instanceApplication(application, context);
  return { instance, files, config, additions, application };
}

/** The Application in these bytes, which must be this instance's own. */
export function instanceApplication(bytes: Uint8Array, context: PlanContext): Application {
  const { name, settings, repositoryUrl } = context;
  const paths = instancePaths(settings, name);
  const application = parseApplication(bytes, paths.application);
  checkApplication(application, {
    name: applicationName(name, settings),
    instance: name,
    repositoryUrl,
    path: `${paths.directory}/env`,
  });
  return application;
}

/** Name of the instance's Application. */
export function applicationName(name: string, settings: Pick<Settings, 'environment'>): string {
  return `${name}-${settings.environment}`;
}
