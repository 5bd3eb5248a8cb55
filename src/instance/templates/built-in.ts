import { LaunchpadError } from '../../core/errors.ts';
import type { Settings } from '../../core/settings.ts';
import type { NewInstanceValues } from '../new/options.ts';
import type { Seed } from '../new/seed.ts';
import { renderJinja, type TemplateContext } from './jinja.ts';
import { renderFile } from './template-files.ts';

/** A template's text, and its name for errors. */
export interface TemplateFile {
  readonly template: string;
  readonly templateName: string;
}

/**
 * Renders config.yml of a new instance from a plain template: a file with Jinja and these names, as in templates/instance/.
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

/** The domain of a new instance's hosts. @throws LaunchpadError `settings-invalid` where it is not set */
export function requireDomain(name: string, settings: Pick<Settings, 'clusterDomain'>): string {
  if (settings.clusterDomain !== undefined) return settings.clusterDomain;
  throw new LaunchpadError(
    'settings-invalid',
    `Instance ${name} has no config.yml, and to make one the domain of its hosts is needed: input cluster-domain (LAUNCHPAD_CLUSTER_DOMAIN) is missing.`,
    { remedy: 'Set cluster-domain, such as example.org, or commit a config.yml for the instance.' },
  );
}

function render({ template, templateName }: TemplateFile, context: TemplateContext): Uint8Array {
  return new TextEncoder().encode(renderFile(templateName, () => renderJinja(template, context)));
}

/**
 * The functions that every template has. `env()` sees the settings that are not secret, and those secrets that the instance
 * needs. Passwords come from the seed: a resumed run generates the same ones.
 *
 * @param unset value of `env()` for a variable that is not set and has no default in the call
 */
export function templateFunctions(settings: Settings, seed: Seed, unset: null | ''): TemplateContext {
  return {
    env: (variable: string, fallback: unknown = unset) => settings.templateEnvironment.get(variable) ?? fallback,
    generate_password: () => seed.anonymousPassword(),
    storage_endpoint_url: (...args: readonly unknown[]) =>
      args.length === 0 ? (settings.storage.endpointUrl ?? '') : storageEndpoint(args[0], args[1]),
  };
}

/** The endpoint of a kind of storage in a region, as a template asks for it; empty for AWS. */
function storageEndpoint(type: unknown, region: unknown): string {
  const kind = String(type || 'spaces').toLowerCase();
  if (kind === 'spaces') return `https://${String(region || 'nyc3')}.digitaloceanspaces.com`;
  if (kind === 's3') return '';
  throw new Error(`storage_endpoint_url() knows spaces and s3, not ${kind}`);
}
