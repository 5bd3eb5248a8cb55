/** What may be shown of what a credential plugin writes. */

import { stripVTControlCharacters } from 'node:util';
import { withoutSecrets } from '../../core/quote.ts';

const LONGEST_LINE = 300;
/** Shorter values would be found in words. */
const SHORTEST_SECRET = 4;
const SECRET_NAME = /pass|_pwd|secret|token|credential|key|auth/i;
/** Names of variables that hold a path. */
const PATH_NAME = /(?:file|path|sock|dir|application_credentials)$/i;

/** What shows a secret in a line of text, and what is left of it there. */
const SHOWN: readonly (readonly [RegExp, string])[] = [
  // Bearer abc, --client-secret abc
  [/\b(bearer|basic)\s+[^\s,;]{8,}/gi, '$1 ***'],
  [/((?<![\w-])-[\w-]{0,30}(?:pass|secret|token|credential|key)[\w-]{0,30}[ =])[^\s-]\S*/gi, '$1***'],
  // token=abc, "token": "abc", password: abc
  [
    /((?:pass|pwd|secret|token|credential|key|authorization)\w{0,30}["']?\s{0,3}=\s{0,3})("[^"]*"|'[^']*'|[^\s,;]+)/gi,
    '$1***',
  ],
  [/((?:pass|pwd|secret|token|credential|key|authorization)\w{0,30}["']?\s{0,3}:\s{0,3})("[^"]*"|'[^']*')/gi, '$1***'],
  [/((?:password|passphrase|passwd|pwd|secret|key)["']?\s{0,3}:\s{0,3})[^\s,;]+/gi, '$1***'],
  // JSON Web Tokens, long hexadecimal words, long words that mix letters of both cases and digits
  [/\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?/g, '***'],
  [/\b[0-9a-f]{32,}\b/gi, '***'],
  [/(?<![\w+/=.-])(?=[\w+/=-]*\d)(?=[\w+/=-]*[a-z])(?=[\w+/=-]*[A-Z])\w[\w+/=-]{19,}/g, '***'],
];

/** The values of variables and of arguments (`--name value`, `--name=value`) whose names say that they are secret. */
export function secretsOf(
  environment: Readonly<Record<string, string | undefined>>,
  args: readonly string[],
): string[] {
  const values = Object.entries(environment).map(([name, value = '']) => [name, value] as const);
  const options = args.flatMap((arg, index): (readonly [string, string])[] => {
    const [, name = '', value] = /^(-[^=]*)(?:=(.*))?$/s.exec(arg) ?? [];
    return name === '' ? [] : [[name, value ?? args[index + 1] ?? '']];
  });
  return [...values, ...options].flatMap(([name, value]) =>
    SECRET_NAME.test(name) && !PATH_NAME.test(name) && value.length >= SHORTEST_SECRET ? [value] : [],
  );
}

/** The last line that a program wrote, without these secrets and without what looks like one. */
export function lastLineOf(output: string, secrets: readonly string[]): string {
  const lines = stripVTControlCharacters(output).split(/[\r\n]+/);
  let line = lines.findLast((one) => one.trim() !== '')?.trim() ?? '';
  for (const secret of secrets) line = line.replaceAll(secret, '***');
  line = line.split(' ').map(withoutSecrets).join(' ');
  for (const [pattern, shown] of SHOWN) line = line.replace(pattern, shown);
  return line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}…` : line;
}
