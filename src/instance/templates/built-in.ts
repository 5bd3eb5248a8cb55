import { LaunchpadError } from '../../core/errors.ts';
import type { Settings } from '../../core/settings.ts';
import { ARGOCD_NAMESPACE } from '../application/application.ts';
import type { NewInstanceValues } from '../new/options.ts';
import type { Seed } from '../new/seed.ts';
import { type Bound, bind, REQUIRED, type Signature } from './jinja/arguments.ts';
import { Callable } from './jinja/values.ts';
import { renderJinja, type TemplateContext } from './jinja.ts';
import { renderFile } from './template-files.ts';

/** A template's text, and its name for errors. */
export interface TemplateFile {
  readonly template: string;
  readonly templateName: string;
}

interface ConfigRequest {
  readonly name: string;
  readonly settings: Settings;
  readonly seed: Seed;
  readonly values?: NewInstanceValues;
  /** Where the cluster repository is hosted: the images are beside it. */
  readonly hosted?: { readonly owner: string; readonly name: string };
}

interface ApplicationRequest {
  readonly name: string;
  readonly settings: Settings;
  readonly repositoryUrl: string;
  readonly branch: string;
  readonly argocdNamespace?: string | undefined;
}

/**
 * Renders config.yml of a new instance from a plain template: a file with Jinja, as in templates/instance/.
 *
 * @throws LaunchpadError `template-invalid`, or `settings-invalid` where the domain of new instances is not set
 */
export function renderConfig(request: TemplateFile & ConfigRequest): Uint8Array {
  return render(request, configContext(request));
}

/** What config.yml of a plain template has: docs/template.md. @throws LaunchpadError `settings-invalid` without a domain */
export function configContext({ name, settings, seed, values, hosted }: ConfigRequest): TemplateContext {
  return {
    instance_name: name,
    cluster_domain: requireDomain(name, settings),
    environment: settings.environment,
    docker_registry: settings.registry.server,
    image_repository: imageRepository(name, hosted),
    storage_region: settings.storage.region,
    platform_name: values?.platformName ?? name,
    edx_platform_repository: values?.edxPlatformRepository ?? '',
    edx_platform_version: values?.edxPlatformVersion ?? '',
    tutor_version: values?.tutorVersion ?? '',
    ...templateFunctions(settings, seed, ''),
  };
}

/** The repository of the images, named as the cluster repository; registries take lower case only. */
function imageRepository(instance: string, { owner, name } = { owner: '', name: '' }): string {
  const path = [owner, name].filter((part) => part !== '').join('/');
  return (path === '' ? instance : path).toLowerCase();
}

/** Renders application.yml of a new instance. @throws LaunchpadError `template-invalid` */
export function renderApplication(request: TemplateFile & ApplicationRequest): Uint8Array {
  return render(request, applicationContext(request));
}

/** What application.yml of a plain template has: docs/template.md. */
export function applicationContext(request: ApplicationRequest): TemplateContext {
  const { name, settings, repositoryUrl, branch, argocdNamespace = ARGOCD_NAMESPACE } = request;
  return {
    instance_name: name,
    environment: settings.environment,
    instances_directory: settings.instancesDirectory,
    argocd_namespace: argocdNamespace,
    repository_url: repositoryUrl,
    target_revision: branch,
  };
}

/** The domain of a new instance's hosts. @throws LaunchpadError `settings-invalid` where it is not set */
export function requireDomain(name: string, settings: Pick<Settings, 'clusterDomain'>): string {
  if (settings.clusterDomain !== undefined) return settings.clusterDomain;
  throw new LaunchpadError(
    'settings-invalid',
    `Instance ${name} has no config.yml, and a new one needs input cluster-domain (LAUNCHPAD_CLUSTER_DOMAIN), the domain of its hosts.`,
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
  const { templateEnvironment, storage } = settings;
  return {
    env: new Callable('env', (args) => {
      const given = bind(args, { key: REQUIRED, default: unset });
      return templateEnvironment.get(given.text(0)) ?? given.value(1);
    }),
    generate_password: new Callable('generate_password', (args) => {
      bind(args, {});
      return seed.anonymousPassword();
    }),
    s3_host: new Callable('s3_host', (args) => {
      const given = bind(args, { ...PLACE, host: null });
      const host = given.optionalText(2) || storageEndpoint(given);
      return host.replace(/^https?:\/\//, '').replace(/(?<!\/)\/+$/, '');
    }),
    storage_endpoint_url: new Callable('storage_endpoint_url', (args) => {
      if (args.positional.length === 0 && args.named.size === 0) return storage.endpointUrl ?? '';
      return storageEndpoint(bind(args, PLACE));
    }),
  };
}

const PLACE: Signature = { storage_type: REQUIRED, region: REQUIRED };

/** The endpoint of a kind of storage in a region, as a template asks for it; empty for AWS. */
function storageEndpoint(place: Bound): string {
  const kind = (place.optionalText(0) || 'spaces').toLowerCase();
  if (kind === 'spaces') return `https://${place.optionalText(1) || 'nyc3'}.digitaloceanspaces.com`;
  if (kind === 's3') return '';
  throw new Error(`knows the storage types spaces and s3, not ${kind}`);
}
