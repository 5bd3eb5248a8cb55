import type { Place } from './endpoint.ts';
import { ProvisionerError } from './report.ts';

/** What config.yml and the settings say of a server whose vendor's API tells the rest. */
export interface RequestedServer {
  readonly wanted: Place;
  readonly trusted: Place;
  readonly useSsl: boolean | undefined;
  /** Certificate authority, PEM. */
  readonly ca: string | undefined;
  readonly replicaSet: string | undefined;
}

/**
 * Whether connections are by TLS: as config.yml says, else as the vendor does.
 *
 * @throws ProvisionerError `mongodb-tls-needed` where config.yml says no and the vendor takes nothing else
 */
export function agreedTls(
  wanted: boolean | undefined,
  known: boolean,
  { host, source }: { readonly host: string; readonly source: string },
): boolean {
  if (wanted !== false || !known) return wanted ?? known;
  throw new ProvisionerError(
    'mongodb-tls-needed',
    `config.yml has MONGODB_USE_SSL false, but ${source} says that MongoDB at ${host} is reached by TLS only.`,
    { host, hint: 'Set MONGODB_USE_SSL to true in config.yml, or remove it.' },
  );
}
