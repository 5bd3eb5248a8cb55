import { Template } from '@huggingface/jinja';
import { LaunchpadError, messageOf } from '../errors.ts';
import type { Settings } from '../settings.ts';
import type { Seed } from './seed.ts';

/** A template's text, and the name that errors call it by. */
export interface TemplateFile {
  readonly template: string;
  readonly templateName: string;
}

/**
 * Renders config.yml of a new instance. Templates are Jinja, as operators' cookiecutter templates are, rendered by
 * @huggingface/jinja: an interpreter of its own that compiles no JavaScript and knows no prototype.
 *
 * @throws LaunchpadError `template-invalid`, or `settings-invalid` where the domain of new instances is not set
 */
export function renderConfig(
  request: TemplateFile & { readonly name: string; readonly settings: Settings; readonly seed: Seed },
): Uint8Array {
  const { name, settings, seed } = request;
  if (settings.clusterDomain === undefined) {
    throw new LaunchpadError(
      'settings-invalid',
      `Instance ${name} has no config.yml, and to make one the domain of its hosts is needed: input cluster-domain (LAUNCHPAD_CLUSTER_DOMAIN) is missing.`,
      { remedy: 'Set cluster-domain, such as example.org, or commit a config.yml for the instance.' },
    );
  }
  return render(request, {
    instance_name: name,
    cluster_domain: settings.clusterDomain,
    environment: settings.environment,
    docker_registry: settings.registry.server,
    env: (variable: string) => settings.templateEnvironment.get(variable) ?? '',
    generate_password: () => seed.anonymousPassword(),
    storage_endpoint_url: () => settings.storage.endpointUrl ?? '',
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

function render({ template, templateName }: TemplateFile, context: Readonly<Record<string, unknown>>): Uint8Array {
  try {
    const rendered = new Template(template).render({ ...context });
    // Jinja drops the last line end; cookiecutter, and whoever reads the file, want it kept.
    const end = template.endsWith('\n') && !rendered.endsWith('\n') ? '\n' : '';
    return new TextEncoder().encode(rendered + end);
  } catch (cause) {
    throw new LaunchpadError('template-invalid', `${templateName} cannot be rendered: ${messageOf(cause)}`, {
      remedy: 'Mend the template.',
      cause,
    });
  }
}
