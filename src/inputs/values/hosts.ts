import { isIP, isIPv6 } from 'node:net';
import { InvalidValue } from '../problems.ts';

const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i;
const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;

/** A host name by RFC 1123; not one that ends in a number, which reads as an IPv4 address. */
function isHostName(text: string): boolean {
  const labels = text.split('.');
  return text.length <= 253 && labels.every((label) => LABEL.test(label)) && !/^\d+$/.test(labels.at(-1) ?? '');
}

/** A host name or an IP address. @throws InvalidValue that suggests what was probably meant */
export function host(text: string): string {
  if (isHostName(text) || isIP(text) !== 0) return text;
  const accepted = 'is not a host: give a bare host name or IP address, without scheme, port or path';
  if (text.includes(',')) throw new InvalidValue(`${accepted}; one host is enough, the others are found through it`);
  throw new InvalidValue(`${accepted}${suggestion(text)}`);
}

function suggestion(text: string): string {
  const url = parseUrl(text);
  const name = url?.hostname.replace(/^\[|\]$/g, '') ?? '';
  if (url === undefined || name === text || !(isHostName(name) || isIP(name) !== 0)) return '';
  const port = url.port === '' ? '' : ` (port ${url.port} has a setting of its own)`;
  return `; did you mean ${JSON.stringify(name)}?${port}`;
}

/** A DNS name, such as `example.org`. @throws InvalidValue that suggests what was probably meant */
export function domain(text: string): string {
  if (isHostName(text)) return text;
  const name = parseUrl(text.replace(/^\*?\./, ''))?.hostname ?? '';
  const meant = name !== text && isHostName(name) ? `; did you mean ${JSON.stringify(name)}?` : '';
  throw new InvalidValue(`is not a domain: give a DNS name such as "example.org"${meant}`);
}

/**
 * A MongoDB host: a bare host, or `mongodb+srv://name` for members that are found by DNS, as Tutor takes it too.
 *
 * @throws InvalidValue
 */
export function mongodbHost(text: string): string {
  const [, scheme = '', name = text] = /^(mongodb\+srv:\/\/)([^/]*)\/?$/.exec(text) ?? [];
  return scheme + host(name);
}

/** A host, with or without a port. @throws InvalidValue that suggests what was probably meant */
export function hostAndPort(text: string): string {
  const url = parseUrl(text);
  const meant = url !== undefined && isUrlHost(url) ? url.host : undefined;
  if (meant === text) return text;
  const hint = meant === undefined ? '' : `; did you mean ${JSON.stringify(meant)}?`;
  throw new InvalidValue(`is not a host: give a host name, with \`:port\` if it needs one${hint}`);
}

/**
 * The root of an HTTP API: `https://host[:port]`, or only `host[:port]`, which means https.
 *
 * @returns the URL without a slash at its end
 * @throws InvalidValue
 */
export function endpointUrl(text: string): string {
  const url = parseUrl(SCHEME.test(text) ? text : `https://${text}`);
  if (url === undefined || !/^https?:$/.test(url.protocol) || !isUrlHost(url)) {
    throw new InvalidValue('is not an endpoint: give a URL such as "https://s3.example.org"');
  }
  const root = `${url.protocol}//${url.host}`;
  if (isRoot(url)) return root;
  throw new InvalidValue(
    `is not an endpoint: give it without user, path, query or fragment; did you mean ${JSON.stringify(root)}?`,
  );
}

function parseUrl(text: string): URL | undefined {
  const url = SCHEME.test(text) || !isIPv6(text) ? text : `[${text}]`;
  return URL.parse(SCHEME.test(url) ? url : `tcp://${url}`) ?? undefined;
}

function isUrlHost({ hostname }: URL): boolean {
  return isHostName(hostname) || isIP(hostname.replace(/^\[|\]$/g, '')) !== 0;
}

function isRoot({ username, password, pathname, search, hash }: URL): boolean {
  return username === '' && password === '' && search === '' && hash === '' && (pathname === '' || pathname === '/');
}
