import { InvalidValue } from '../problems.ts';

interface RegistryCredentials {
  readonly username: string;
  readonly password: string;
}

/**
 * Checks registry credentials: base64 of `user:password`. Accepts line breaks in the base64 and one at the end of the
 * password, which `echo user:password | base64` adds.
 *
 * @returns base64 of exactly `user:password`
 * @throws InvalidValue which never shows the value
 */
export function registryCredentials(value: string): string {
  const { username, password } = decodeRegistryCredentials(value);
  return Buffer.from(`${username}:${password}`).toString('base64');
}

/** Decodes registry credentials. @throws InvalidValue */
export function decodeRegistryCredentials(value: string): RegistryCredentials {
  const [, username, password] = /^([^:\p{Cc}]+):(\P{Cc}+)$/u.exec(decode(value).replace(/\r?\n$/, '')) ?? [];
  if (username === undefined || password === undefined) {
    throw new InvalidValue('is base64, but not of "user:password"', { shown: false });
  }
  return { username, password };
}

function decode(value: string): string {
  const base64 = value.replace(/\s/g, '');
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) {
    const plain = base64.includes(':') ? 'it seems to be plain text: ' : '';
    throw new InvalidValue(`is not base64: ${plain}give what \`printf %s "user:password" | base64\` prints`, {
      shown: false,
    });
  }
  return Buffer.from(base64, 'base64').toString();
}
