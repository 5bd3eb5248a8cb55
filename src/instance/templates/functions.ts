import type { Settings } from '../../core/settings.ts';
import type { Seed } from '../new/seed.ts';
import type { TemplateContext } from './jinja.ts';

/**
 * The functions that every template has. Of the settings `env()` sees what is not secret, and of the secrets those that
 * the instance itself needs; passwords come from the seed, so that a run that begins again makes the same ones.
 *
 * @param unset what `env()` gives for a variable that is not set and has no default in the call
 */
export function templateFunctions(settings: Settings, seed: Seed, unset: null | ''): TemplateContext {
  return {
    env: (variable: string, fallback: unknown = unset) => settings.templateEnvironment.get(variable) ?? fallback,
    generate_password: () => seed.anonymousPassword(),
    storage_endpoint_url: (...args: readonly unknown[]) =>
      args.length === 0 ? (settings.storage.endpointUrl ?? '') : storageEndpoint(args[0], args[1]),
  };
}

/** The endpoint of a kind of storage in a region, as the template's author asks for it; AWS has none to name. */
function storageEndpoint(type: unknown, region: unknown): string {
  const kind = String(type || 'spaces').toLowerCase();
  if (kind === 'spaces') return `https://${String(region || 'nyc3')}.digitaloceanspaces.com`;
  if (kind === 's3') return '';
  throw new Error(`storage_endpoint_url() knows spaces and s3, not ${kind}`);
}
