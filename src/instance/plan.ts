import { LaunchpadError } from '../core/errors.ts';
import type { Settings } from '../core/settings.ts';
import { type Application, checkApplication, parseApplication } from './application/application.ts';
import { checkPreviewApplication } from './application/application-fields.ts';
import { completeInstance } from './complete.ts';
import { ConfigFile } from './config/config-file.ts';
import type { ConfigValue, OperatorValue } from './config/config-values.ts';
import { requireOperatorKeys } from './config/operator-keys.ts';
import { keysToChange, requireSamePlaces } from './configure.ts';
import { checkInstance } from './guards/guards.ts';
import { type Neighbour, unreadableNeighbours } from './guards/neighbour-guards.ts';
import { followPreview, type Preview } from './guards/preview.ts';
import type { Instance, ResourceNames } from './instance.ts';
import { applicationName, instancePaths } from './name.ts';
import { createNewFiles, type NewFiles } from './new/new-files.ts';
import { keysOfValues, type NewInstanceOptions, PLAIN_NEW_INSTANCE, type TemplateSource } from './new/options.ts';
import { Seed } from './new/seed.ts';
import { initJobWarnings, ownServers } from './tutor-databases.ts';

export { applicationName, instancePaths } from './name.ts';

/** An instance's two files at one commit of the cluster repository, and what the config.yml of all others names. */
export interface InstanceFiles {
  readonly config: Uint8Array | undefined;
  readonly application: Uint8Array | undefined;
  readonly others: readonly Neighbour[];
  /** Whether the instance was built: the repository has its `env` directory. */
  readonly hasEnvironment?: boolean;
  /** Source of the missing files; absent: the action's own template. */
  readonly templateSource?: TemplateSource | undefined;
}

/** What a plan needs besides the files. */
export interface PlanContext {
  readonly name: string;
  readonly settings: Settings;
  /** Branch that the instance is deployed from in the end, and that a new application.yml names. */
  readonly branch: string;
  /** Only for an instance that a pull request adds. */
  readonly preview?: Preview | undefined;
  /** URL by which Argo CD reads the cluster repository. */
  readonly repositoryUrl: string;
  /** Namespace of Argo CD, if it is not the usual one. */
  readonly argocdNamespace?: string;
  readonly templates: { readonly config: string; readonly application: string };
  /** Absent: the action's own template, and no values. */
  readonly newInstance?: NewInstanceOptions;
  /** Names that the instance had before, as its namespace has them. */
  readonly known?: Partial<ResourceNames>;
  /** Keys to set in the existing config.yml, which may have other values. */
  readonly changes?: ReadonlyMap<string, OperatorValue>;
  /** Where the cluster repository is hosted, for templates that ask for it. */
  readonly hosted?: { readonly owner: string; readonly name: string };
}

/** What a run is going to do, planned from the files without any change. */
export interface Plan {
  readonly instance: Instance;
  /** The files that it was planned from. */
  readonly files: InstanceFiles;
  /** config.yml as it was read, or the new one. */
  readonly config: ConfigFile;
  /** Keys that the caller sets: that config.yml lacks, or that operation `configure` changes. */
  readonly wanted: ReadonlyMap<string, OperatorValue>;
  /** config.yml with these keys; the instance was completed from it. */
  readonly whole: ConfigFile;
  /** Keys that config.yml lacks, with the values that it gets. */
  readonly additions: ReadonlyMap<string, ConfigValue>;
  /** application.yml as it was read, or the new one. */
  readonly application: Uint8Array;
  /** Other files of a new instance, by path in its directory. */
  readonly otherFiles: ReadonlyMap<string, Uint8Array>;
  /** What the operator should know. */
  readonly notes: readonly string[];
  /** What the operator should look at. */
  readonly warnings: readonly string[];
}

/**
 * Completes the instance from its files, the settings and the seed, and checks it by every guard.
 *
 * @param seed source of generated values; `seed.used` is true afterwards if there are any
 * @throws LaunchpadError for any mistake in the files
 */
export function planInstance(files: InstanceFiles, seed: Seed, context: PlanContext): Plan {
  const { name, settings, changes, newInstance = PLAIN_NEW_INSTANCE } = context;
  const paths = instancePaths(settings, name);
  if (files.config !== undefined && newInstance.source.kind === 'instance')
    throw isThere(paths, newInstance.source.name);
  const made = newFiles(files, seed, context);
  const config = ConfigFile.parse(files.config ?? made.config ?? new Uint8Array(), paths.config);
  const wanted =
    changes === undefined ? requireOperatorKeys(config, newInstance.config) : keysToChange(config, changes);
  const whole = ConfigFile.parse(config.merge(wanted), paths.config);
  const { instance, additions } = completeInstance({ name, config: whole, settings, seed, known: context.known });
  if (changes !== undefined) requireSamePlaces({ name, settings, seed, before: config, after: whole, instance });
  checkInstance({ instance, config: whole, settings, others: files.others, preview: context.preview });
  const servers = ownServers(whole, files.hasEnvironment ?? false);
  const application = files.application ?? made.application;
  instanceApplication(application, context);
  requirePreviewApplication(application, files, context);
  return {
    instance,
    files,
    config,
    wanted,
    whole,
    additions: new Map([...additions, ...servers.additions]),
    application,
    otherFiles: files.config === undefined ? made.others : new Map(),
    notes: files.config === undefined ? made.notes : ignoredValues(config, newInstance),
    warnings: [
      ...servers.warnings,
      ...initJobWarnings(whole),
      ...unreadableNeighbours(files.others, (other) => instancePaths(settings, other).config),
    ],
  };
}

const NONE: NewFiles = { config: undefined, application: new Uint8Array(), others: new Map(), notes: [] };

/** The missing files. The seed stays unused unless config.yml is one of them. */
function newFiles(files: InstanceFiles, seed: Seed, context: PlanContext): NewFiles {
  if (files.config !== undefined && files.application !== undefined) return NONE;
  return createNewFiles({
    ...context,
    newInstance: context.newInstance ?? PLAIN_NEW_INSTANCE,
    hosted: context.hosted ?? { owner: '', name: '' },
    templateSource: files.templateSource,
    needsConfig: files.config === undefined,
    seed: files.config === undefined ? seed : Seed.random(),
  });
}

/**
 * Requires that application.yml of a preview has nothing that its author chose. One that is being deprovisioned is not
 * applied any more.
 *
 * @param bytes application.yml
 * @throws LaunchpadError `application-refused`
 */
export function requirePreviewApplication(bytes: Uint8Array, files: InstanceFiles, context: PlanContext): void {
  const { preview, settings, name, newInstance = PLAIN_NEW_INSTANCE } = context;
  if (preview === undefined || preview.isEnding === true) return;
  const path = instancePaths(settings, name).application;
  const isCopy = newInstance.source.kind === 'instance' && files.templateSource?.kind !== 'instance';
  const made = createNewFiles({
    ...context,
    newInstance: isCopy ? PLAIN_NEW_INSTANCE : newInstance,
    hosted: context.hosted ?? { owner: '', name: '' },
    templateSource: files.templateSource,
    needsConfig: false,
    seed: Seed.random(),
  });
  const written = parseApplication(made.application, path);
  const projects = [written.spec.project, preview.project].flatMap((one) => (typeof one === 'string' ? [one] : []));
  checkPreviewApplication(parseApplication(bytes, path), written, projects);
}

/** A note of the inputs for new instances that differ from an existing config.yml. */
function ignoredValues(config: ConfigFile, { values }: NewInstanceOptions): string[] {
  const ignored = [...keysOfValues(values)].filter(([key, value]) => !config.says(key, value)).map(([key]) => key);
  return ignored.length === 0 ? [] : [`config.yml exists and keeps its own: ${ignored.join(', ')}`];
}

function isThere({ config, directory }: ReturnType<typeof instancePaths>, source: string): LaunchpadError {
  return new LaunchpadError('config-exists', `${config} exists, and from-instance only creates new instances.`, {
    remedy: `Run without from-instance to keep the instance as it is; to copy ${source} again, remove ${directory}/ and run with from-instance: ${source}.`,
  });
}

/** The Application in these bytes, which must be this instance's, as it is applied: a preview's follows its branch. */
export function instanceApplication(bytes: Uint8Array, context: PlanContext): Application {
  const { name, settings, repositoryUrl, argocdNamespace, preview } = context;
  const paths = instancePaths(settings, name);
  const application = parseApplication(bytes, paths.application);
  checkApplication(application, {
    name: applicationName(name, settings),
    instance: name,
    repositoryUrl,
    path: `${paths.directory}/env`,
    argocdNamespace,
  });
  return preview === undefined ? application : followPreview(application, preview, repositoryUrl);
}
