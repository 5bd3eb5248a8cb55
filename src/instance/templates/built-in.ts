import { LaunchpadError } from '../../core/errors.ts';
import type { Settings } from '../../core/settings.ts';
import type { NewInstanceValues } from '../new/options.ts';
import type { Seed } from '../new/seed.ts';
import { templateFunctions } from './functions.ts';
import { renderJinja, type TemplateContext } from './jinja.ts';
import { TemplateProblem } from './problem.ts';
import { renderError } from './template-files.ts';

/** A template's text, and the name that errors call it by. */
export interface TemplateFile {
  readonly template: string;
  readonly templateName: string;
}

/**
 * Renders config.yml of a new instance from a plain template: a file with Jinja and these names, as templates/instance/
 * has it.
 *
 * @throws LaunchpadError `template-invalid`, or `settings-invalid` where the domain of new instances is not set
 */
export function renderConfig(
  request: TemplateFile & {
    readonly name: string;
    readonly settings: Settings;
    readonly seed: Seed;
    readonly values?: NewInstanceValues;
  },
): Uint8Array {
  const { name, settings, seed, values } = request;
  return render(request, {
    instance_name: name,
    cluster_domain: requireDomain(name, settings),
    environment: settings.environment,
    docker_registry: settings.registry.server,
    platform_name: values?.platformName ?? name,
    edx_platform_repository: values?.edxPlatformRepository ?? '',
    edx_platform_version: values?.edxPlatformVersion ?? '',
    tutor_version: values?.tutorVersion ?? '',
    ...templateFunctions(settings, seed, ''),
  });
}

/** Renders application.yml of a new instance. @throws LaunchpadError `template-invalid` */
export function renderApplication(
  request: TemplateFile & {
    readonly name: string;
    readonly settings: Settings;
    readonly repositoryUrl: string;
    readonly branch: string;
  },
): Uint8Array {
  const { name, settings, repositoryUrl, branch } = request;
  return render(request, {
    instance_name: name,
    environment: settings.environment,
    instances_directory: settings.instancesDirectory,
    repository_url: repositoryUrl,
    target_revision: branch,
  });
}

/** The domain that a new instance gets its hosts under. @throws LaunchpadError `settings-invalid` where it is not set */
export function requireDomain(name: string, settings: Pick<Settings, 'clusterDomain'>): string {
  if (settings.clusterDomain !== undefined) return settings.clusterDomain;
  throw new LaunchpadError(
    'settings-invalid',
    `Instance ${name} has no config.yml, and to make one the domain of its hosts is needed: input cluster-domain (LAUNCHPAD_CLUSTER_DOMAIN) is missing.`,
    { remedy: 'Set cluster-domain, such as example.org, or commit a config.yml for the instance.' },
  );
}

function render({ template, templateName }: TemplateFile, context: TemplateContext): Uint8Array {
  try {
    return new TextEncoder().encode(renderJinja(template, context));
  } catch (error) {
    if (error instanceof TemplateProblem) throw renderError(templateName, error);
    throw error;
  }
}
