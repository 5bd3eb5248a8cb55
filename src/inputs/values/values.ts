import { X509Certificate } from 'node:crypto';
import type { IdForm } from '../../core/vendor-ids.ts';
import { InvalidValue } from '../problems.ts';

/** Any text on one line. */
export function text(value: string): string {
  if (/\p{Cc}/u.test(value)) throw new InvalidValue('has line breaks or control characters: give one line of text');
  return value;
}

/** A number from 1 to 65535. */
export function port(value: string): number {
  const number = Number(value);
  if (/^\d{1,5}$/.test(value) && number >= 1 && number <= 65_535) return number;
  throw new InvalidValue('is not a port: give a number from 1 to 65535');
}

/** A whole number within these bounds. */
export function wholeNumber(from: number, to: number): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (/^\d{1,9}$/.test(value) && number >= from && number <= to) return number;
    throw new InvalidValue(`is not accepted: give a whole number from ${from} to ${to}`);
  };
}

/**
 * One of a few words, in upper or lower case.
 *
 * @param accepted the words, each with its value; errors show the values
 */
export function choice<const T extends string>(accepted: Readonly<Record<string, T>>): (value: string) => T {
  const meanings = new Map(Object.entries(accepted));
  const values = [...new Set(meanings.values())].join(', ');
  return (value) => {
    const word = value.toLowerCase();
    const meaning = meanings.get(word);
    if (meaning !== undefined) return meaning;
    throw new InvalidValue(`is not known: accepted is ${values}`);
  };
}

/** `true` or `false`, or another usual word for them. */
export const flag = choice({
  true: 'true',
  false: 'false',
  '1': 'true',
  '0': 'false',
  yes: 'true',
  no: 'false',
  on: 'true',
  off: 'false',
});

const BEGIN = '-----BEGIN CERTIFICATE-----';
const END = '-----END CERTIFICATE-----';

/** A certificate authority: one or more certificates in PEM form. */
export function certificates(value: string): string {
  const wrong = (what: string) => new InvalidValue(what, { shown: false });
  if (value.includes('PRIVATE KEY')) throw wrong('holds a private key: give the certificates of the authority only');
  const blocks = value
    .split(BEGIN)
    .slice(1)
    .map((rest) => `${BEGIN}${rest.split(END, 1)[0] ?? ''}${END}`);
  if (blocks.length === 0 || !value.includes(END)) {
    throw wrong('is not PEM: give the text of the file that begins with "-----BEGIN CERTIFICATE-----"');
  }
  for (const [index, block] of blocks.entries()) {
    if (block.includes('\\n')) throw wrong('has "\\n" written out: give the PEM text with real line breaks');
    if (!isCertificate(block)) throw wrong(`is not PEM: certificate ${index + 1} of ${blocks.length} cannot be read`);
  }
  return `${blocks.map((block) => block.replaceAll('\r', '')).join('\n')}\n`;
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).serialNumber !== '';
  } catch {
    return false;
  }
}

/** A region, such as `nyc3` or `us-east-1`. */
export function region(value: string): string {
  if (/^[a-z0-9](-?[a-z0-9]){0,62}$/.test(value)) return value;
  throw new InvalidValue('is not a region: give lower-case letters, digits and hyphens, such as "nyc3" or "us-east-1"');
}

/**
 * The end of the Application's name: a DNS label of at most 22 characters. Argo CD puts the name into a label of the
 * Application's objects, and a label's value has at most 63: 40 of the instance, a hyphen, and these 22.
 */
export function environment(value: string): string {
  if (value.length <= 22 && /^[a-z0-9](-*[a-z0-9])*$/.test(value)) return value;
  throw new InvalidValue(
    'is not an environment: give at most 22 lower-case letters, digits and hyphens, such as "production"',
  );
}

/** Name of an AppProject: an RFC 1123 subdomain, as of every custom resource. @throws InvalidValue */
export function projectName(value: string): string {
  if (value.length <= 253 && /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(value)) return value;
  throw new InvalidValue('is not a project: give lower-case letters, digits, "-" and ".", such as "previews"');
}

/** Name of a namespace: a DNS label. @throws InvalidValue */
export function namespaceName(value: string): string {
  if (value.length <= 63 && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(value)) return value;
  throw new InvalidValue(
    'is not a namespace: give at most 63 lower-case letters, digits and hyphens, such as "argocd"',
  );
}

/** A directory inside the cluster repository. @returns it without a slash at its end and without `.` segments */
export function repositoryDirectory(value: string): string {
  const segments = value.split('/').filter((segment) => segment !== '' && segment !== '.');
  const fine = segments.every(
    (segment) => /^[A-Za-z0-9_.][A-Za-z0-9_.-]*$/.test(segment) && segment !== '..' && segment.toLowerCase() !== '.git',
  );
  if (fine && segments.length > 0 && !value.startsWith('/')) return segments.join('/');
  throw new InvalidValue(
    'is not a directory of the repository: give a path relative to its root, such as "instances", of letters, ' +
      'digits, ".", "_", "-" and "/", without ".."',
  );
}

/** An identifier of a vendor. @param shown whether the value may be in the error: a secret may have been mistaken for it */
export function idOf({ pattern, looks }: IdForm, what: string, shown = true): (value: string) => string {
  return (value) => {
    if (pattern.test(value)) return value;
    throw new InvalidValue(`is not ${what}: give ${looks}`, { shown });
  };
}

/** An image reference (https://github.com/distribution/reference): `[host[:port]/]name[:tag][@digest]`. */
export function image(value: string): string {
  const name = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
  const host = '(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\\d+)?/)?';
  const reference = `^${host}${name}(?:/${name})*(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@[a-z0-9]+:[0-9a-f]{32,})?$`;
  if (new RegExp(reference).test(value)) return value;
  throw new InvalidValue('is not an image: give a reference such as "node:24-alpine" or "ghcr.io/org/node:24"');
}

/** Name of a database of MongoDB (https://www.mongodb.com/docs/manual/reference/limits/#naming-restrictions). */
export function mongodbDatabase(value: string): string {
  if (/^[^/\\. "$*<>:|?\p{Cc}]{1,63}$/u.test(value)) return value;
  throw new InvalidValue('is not the name of a database: give a name such as "admin"');
}

/** Name of a replica set. */
export function replicaSet(value: string): string {
  if (/^[\w.-]+$/.test(value)) return value;
  throw new InvalidValue('is not the name of a replica set: give letters, digits, ".", "_" and "-", such as "rs0"');
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

const SHORTEST_MS = 1_000;

const LONGEST_MS = 24 * 3_600_000;

/**
 * A duration as in Go (https://pkg.go.dev/time#ParseDuration), such as `10m` or `1h30m`: from one second, the unit of a
 * Workflow's deadline, to a day.
 *
 * @returns milliseconds
 * @throws InvalidValue
 */
export function duration(value: string): number {
  if (/^\d+$/.test(value)) throw new InvalidValue(`has no unit: give a duration such as "${value}s" or "10m"`);
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(value)) {
    throw new InvalidValue('is not a duration: give numbers with the units h, m and s, such as "10m" or "1h30m"');
  }
  const parts = [...value.matchAll(/(?<![\d.])([\d.]+)(ms|s|m|h)/g)];
  const milliseconds = parts.reduce((sum, [, count, unit = '']) => sum + Number(count) * (UNITS[unit] ?? 0), 0);
  if (milliseconds >= SHORTEST_MS && milliseconds <= LONGEST_MS) return Math.round(milliseconds);
  throw new InvalidValue('is out of bounds: give a duration from 1s to 24h');
}
