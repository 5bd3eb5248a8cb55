import { ProvisionerError } from './provisioner-error.ts';

/** A host and port as somebody has it; a host may begin with `mongodb+srv://`. */
export interface Place {
  readonly host: string | undefined;
  readonly port: number | undefined;
}

export interface EndpointRequest {
  /** What config.yml says. */
  readonly wanted: Place;
  /** What the settings say: credentials may be sent there. */
  readonly trusted: Place;
  /** Where the vendor's API says that the server is; the first is the default. */
  readonly known: readonly { readonly host: string; readonly port: number }[];
  /** Keys of config.yml, for the error. */
  readonly keys: { readonly host: string; readonly port: string };
  /** Where the known places come from, such as `DigitalOcean's API`. */
  readonly source: string;
}

/**
 * The place that config.yml means, which must be one that the settings or the vendor's API name: an editor of
 * config.yml must not choose where credentials are sent.
 *
 * @throws ProvisionerError `host-refused`
 */
export function chooseEndpoint({ wanted, trusted, known, keys, source }: EndpointRequest): {
  readonly host: string;
  readonly port: number;
} {
  const places = trusted.host === undefined ? known : [{ host: trusted.host, port: trusted.port }, ...known];
  const [first] = places;
  const host = wanted.host ?? first?.host;
  const place = places.find((one) => host !== undefined && bare(one.host) === bare(host));
  const port = wanted.port ?? place?.port ?? known[0]?.port;
  const isPort =
    port !== undefined && (port === place?.port || port === trusted.port || known.some((one) => one.port === port));
  if (host !== undefined && place !== undefined && port !== undefined && isPort) return { host: bare(host), port };
  const allowed = [...new Set(places.map((one) => `${one.host}:${one.port ?? known[0]?.port ?? ''}`))].join(' or ');
  throw new ProvisionerError(
    'host-refused',
    `config.yml has ${keys.host} ${JSON.stringify(wanted.host ?? '')} and ${keys.port} ${wanted.port ?? ''}, but ${source} has ${allowed || 'no address'}.`,
    {
      host: bare(host ?? ''),
      hint: `Remove ${keys.host} and ${keys.port} from config.yml, or set them to what ${source} has.`,
    },
  );
}

/** `host:port`; an IPv6 address in brackets. */
export function hostAndPort(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** A host without the scheme that MONGODB_HOST may have, in lower case. */
export function bare(host: string): string {
  return host
    .replace(/^mongodb(\+srv)?:\/\//i, '')
    .replace(/\.$/, '')
    .toLowerCase();
}

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
 * Whether connections are by TLS, by the first of these connection strings that says so (`ssl`, `tls`), else by their
 * schemes: `mongodb+srv` means TLS, `mongodb` does not
 * (https://www.mongodb.com/docs/manual/reference/connection-string-options/#tls-options).
 */
export function tlsOf(...uris: readonly (string | undefined)[]): boolean {
  const said = uris.flatMap((uri = '') => /[?&](?:ssl|tls)=(true|false)(?=&|$)/i.exec(uri)?.[1] ?? []);
  if (said[0] !== undefined) return said[0].toLowerCase() === 'true';
  return uris.some((uri = '') => uri.startsWith('mongodb+srv://'));
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
