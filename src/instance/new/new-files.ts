import type { Settings } from '../../core/settings.ts';
import { copyApplication } from '../application/copied-application.ts';
import { ConfigFile } from '../config/config-file.ts';
import { applicationName, instancePaths } from '../name.ts';
import { renderApplication, renderConfig, requireDomain, templateFunctions } from '../templates/built-in.ts';
import { isCookiecutter, renderCookiecutter } from '../templates/cookiecutter.ts';
import { type TemplateFiles, templateError, textOfFile } from '../templates/template-files.ts';
import { keysOfValues, type NewInstanceOptions, type TemplateSource } from './options.ts';
import { domainKeysOf, keysThatName, renamedKeys } from './rename.ts';
import type { Seed } from './seed.ts';

/** The files of a new instance. */
export interface NewFiles {
  /** Undefined where it was not needed. */
  readonly config: Uint8Array | undefined;
  readonly application: Uint8Array;
  /** Other files of the template, by path in the instance's directory. */
  readonly others: ReadonlyMap<string, Uint8Array>;
  /** For the operator. */
  readonly notes: readonly string[];
}

export interface NewFilesRequest {
  readonly name: string;
  /** Whether to create config.yml, or only the other files. */
  readonly needsConfig: boolean;
  readonly settings: Settings;
  readonly seed: Seed;
  readonly newInstance: NewInstanceOptions;
  /** Undefined: the action's own template. */
  readonly templateSource: TemplateSource | undefined;
  readonly templates: { readonly config: string; readonly application: string };
  readonly repositoryUrl: string;
  readonly argocdNamespace?: string | undefined;
  /** Where the cluster repository is hosted. */
  readonly hosted: { readonly owner: string; readonly name: string };
  readonly branch: string;
}

/**
 * Creates the files of a new instance, from a template or as a copy of another instance. Values of the inputs go into
 * config.yml last, whether the template uses them or not.
 *
 * @throws LaunchpadError for any mistake in the template, the copied instance or the settings
 */
export function createNewFiles(request: NewFilesRequest): NewFiles {
  const made =
    request.templateSource?.kind === 'instance' ? copied(request, request.templateSource) : rendered(request);
  if (made.config === undefined) return made;
  const { values, config } = request.newInstance;
  const path = instancePaths(request.settings, request.name).config;
  const set = new Map([...keysOfValues(values), ...config]);
  return { ...made, config: ConfigFile.parse(made.config, path).merge(set) };
}

/** The action's own template as files. */
function builtIn({ config, application }: NewFilesRequest['templates']): TemplateFiles {
  const files = { 'config.yml': config, 'application.yml': application };
  const encoder = new TextEncoder();
  const entries = Object.entries(files).map(([file, text]) => [file, encoder.encode(text)] as const);
  return { name: 'templates/instance', version: undefined, files: new Map(entries) };
}

function rendered(request: NewFilesRequest): NewFiles {
  const template =
    request.templateSource?.kind === 'template' ? request.templateSource.template : builtIn(request.templates);
  const files = isCookiecutter(template) ? cookiecut(request, template) : plain(request, template);
  const { 'config.yml': config, 'application.yml': application, ...others } = Object.fromEntries(files);
  if (config === undefined && request.needsConfig) {
    throw templateError(
      template,
      isCookiecutter(template) ? 'does not create a config.yml' : 'has neither a cookiecutter.json nor a config.yml',
      'Name the directory of an instance template by the inputs template and template-directory.',
    );
  }
  return {
    config,
    application: application ?? ownApplication(request),
    others: new Map(Object.entries(others)),
    notes: [],
  };
}

function cookiecut(request: NewFilesRequest, template: TemplateFiles): ReadonlyMap<string, Uint8Array> {
  const { name, needsConfig, settings, seed } = request;
  if (needsConfig) requireDomain(name, settings);
  const functions = templateFunctions(settings, seed, null);
  return renderCookiecutter({ template, name, answers: answersOf(request, template), functions });
}

/** The variables of cookiecutter templates, named as in launchpad_create_instance: docs/template.md. */
export function answersOf(
  {
    name,
    repositoryUrl,
    branch,
    hosted,
    newInstance: { values },
  }: Pick<NewFilesRequest, 'name' | 'repositoryUrl' | 'branch' | 'hosted' | 'newInstance'>,
  template: Pick<TemplateFiles, 'name' | 'version'>,
): ReadonlyMap<string, string> {
  const answers: readonly (readonly [string, string | undefined])[] = [
    ['instance_name', name],
    ['platform_name', values.platformName],
    ['platform_description', values.platformName],
    ['platform_repository', values.edxPlatformRepository],
    ['platform_version', values.edxPlatformVersion],
    ['tutor_version', values.tutorVersion],
    ['cluster_repository', repositoryUrl],
    ['cluster_repository_branch', branch],
    ['cluster_repository_owner', hosted.owner],
    ['cluster_repository_name', hosted.name],
    ['template_repository', template.name],
    ['template_version', template.version],
  ];
  return new Map(answers.flatMap(([variable, value]) => (value === undefined ? [] : [[variable, value]])));
}

/** A plain template: config.yml and application.yml only, with the names of templates/instance/. */
function plain(request: NewFilesRequest, template: TemplateFiles): ReadonlyMap<string, Uint8Array> {
  const made = new Map<string, Uint8Array>();
  const file = (name: string) => {
    const bytes = template.files.get(name);
    if (bytes === undefined) return undefined;
    const text = textOfFile(bytes);
    if (text === undefined) throw templateError(template, `has a ${name} that is not UTF-8`, 'Save it as UTF-8.');
    return { template: text, templateName: `${template.name}/${name}` };
  };
  const config = request.needsConfig ? file('config.yml') : undefined;
  if (config !== undefined)
    made.set('config.yml', renderConfig({ ...request, ...config, values: request.newInstance.values }));
  const application = file('application.yml');
  if (application !== undefined) made.set('application.yml', renderApplication({ ...request, ...application }));
  return made;
}

/** application.yml by the action's own template. */
function ownApplication(request: NewFilesRequest): Uint8Array {
  const template = request.templates.application;
  return renderApplication({ ...request, template, templateName: 'templates/instance/application.yml' });
}

function copied(request: NewFilesRequest, source: Extract<TemplateSource, { kind: 'instance' }>): NewFiles {
  const { name, settings, seed, repositoryUrl, branch } = request;
  const paths = instancePaths(settings, source.name);
  const config = ConfigFile.parse(source.config, paths.config);
  const domain = () => requireDomain(name, settings);
  const renamed = renamedKeys({ source: config, from: source.name, name, seed, domain });
  const left = keysThatName(config, source.name, renamed);
  const domains = domainKeysOf(config);
  const application =
    source.application === undefined
      ? { bytes: ownApplication(request), directories: [] }
      : copyApplication({
          bytes: source.application,
          path: paths.application,
          from: source.name,
          name,
          applicationName: applicationName(name, settings),
          environment: settings.environment,
          manifestsPath: `${instancePaths(settings, name).directory}/env`,
          repositoryUrl,
          branch,
        });
  return {
    config: config.merge(renamed),
    application: application.bytes,
    others: new Map(),
    notes: [
      ...(domains.length === 0 ? [] : [`Emptied, as these domains are those of ${source.name}: ${domains.join(', ')}`]),
      ...(left.length === 0 ? [] : [`Keys that still name ${source.name}, as the copy keeps them: ${left.join(', ')}`]),
      ...application.directories.map(
        (directory) => `Source of the Application to create, as it is not copied: ${directory}`,
      ),
    ],
  };
}
