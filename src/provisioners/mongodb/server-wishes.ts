import type { Place } from '../endpoint.ts';

/** What config.yml and the settings say of a server whose vendor's API tells the rest. */
export interface ServerWishes {
  readonly wanted: Place;
  readonly trusted: Place;
  readonly useSsl: boolean | undefined;
  /** Certificate authority, PEM. */
  readonly ca: string | undefined;
  readonly replicaSet: string | undefined;
}
