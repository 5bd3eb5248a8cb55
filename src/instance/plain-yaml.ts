import { LaunchpadError } from '../core/errors.ts';

/** A form that a file may have in git instead of plain YAML, and what to do about it. */
interface Form {
  readonly code: 'file-encrypted' | 'file-pointer' | 'file-conflict' | 'file-encoding';
  /** Completes "instances/x/config.yml is". */
  readonly what: string;
  readonly isIn: (text: string) => boolean;
  readonly remedy: string;
}

const DECRYPT =
  'Launchpad and Tutor read this file as plain YAML from git. Decrypt it, commit it to a private repository, and run again.';
const begins = (start: string) => (text: string) => text.startsWith(start);
/** A pattern that must be fit for a text of any length: it begins at a line's start, or with letters of its own. */
const matches = (pattern: RegExp) => (text: string) => pattern.test(text);

const FORMS: readonly Form[] = [
  {
    code: 'file-pointer',
    what: 'a pointer of Git LFS',
    isIn: begins('version https://git-lfs.github.com/spec/'),
    remedy: 'Take the file out of LFS (git lfs untrack, then commit the file itself), and run again.',
  },
  {
    code: 'file-conflict',
    what: 'not merged: it has conflict markers',
    isIn: matches(/^(?:<{7}|>{7}|\|{7}) ?/m),
    remedy: 'Resolve the conflict, commit the file, and run again.',
  },
  { code: 'file-encrypted', what: 'encrypted by git-crypt', isIn: begins('\0GITCRYPT\0'), remedy: DECRYPT },
  { code: 'file-encrypted', what: 'encrypted by ansible-vault', isIn: begins('$ANSIBLE_VAULT;'), remedy: DECRYPT },
  {
    code: 'file-encrypted',
    what: 'encrypted by age',
    isIn: (text) => text.startsWith('age-encryption.org/') || text.startsWith('-----BEGIN AGE ENCRYPTED FILE-----'),
    remedy: DECRYPT,
  },
  { code: 'file-encrypted', what: 'encrypted by PGP', isIn: begins('-----BEGIN PGP MESSAGE-----'), remedy: DECRYPT },
  {
    code: 'file-encrypted',
    what: 'encrypted by OpenSSL (as transcrypt does)',
    isIn: (text) => text.startsWith('Salted__') || text.startsWith('U2FsdGVkX1'),
    remedy: DECRYPT,
  },
  {
    code: 'file-encrypted',
    what: 'encrypted by SOPS, as a whole or in part',
    isIn: matches(/^["']?sops["']?:[ \t\r]*$|ENC\[AES256_GCM,/m),
    remedy: DECRYPT,
  },
  {
    code: 'file-encrypted',
    what: 'encrypted in part: it has values of eyaml or ansible-vault',
    isIn: matches(/ENC\[(?:PKCS7|GPG|KMS|VAULT)|!vault(?:-encrypted)?[ \t]*(?:\||$)/m),
    remedy: DECRYPT,
  },
  {
    code: 'file-encoding',
    what: 'UTF-16',
    isIn: (text) => text.startsWith('\u00ff\u00fe') || text.startsWith('\u00fe\u00ff'),
    remedy: 'Save the file as UTF-8, commit it, and run again.',
  },
];

/**
 * Requires that a file is not encrypted, a pointer or an unresolved merge: its cipher must never become a value, and no
 * plain password stand beside it.
 *
 * @throws LaunchpadError `file-encrypted`, `file-pointer`, `file-conflict` or `file-encoding`
 */
export function requirePlainYaml(bytes: Uint8Array, name: string): void {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  const found = FORMS.find(({ isIn }) => isIn(text.startsWith('\u00ef\u00bb\u00bf') ? text.slice(3) : text));
  if (found !== undefined) throw new LaunchpadError(found.code, `${name} is ${found.what}.`, { remedy: found.remedy });
}

/** Values that a file may have, with aliases expanded, and how deep they may lie. */
export const MOST_VALUES = 100_000;
export const DEEPEST = 100;

/**
 * Requires that a parsed file stays small when its aliases are expanded: a few hundred bytes can stand for billions of
 * values.
 *
 * @returns what is wrong; undefined for a value within the limits
 */
export function beyondBudget(value: unknown): string | undefined {
  let count = 0;
  const waiting: { readonly value: unknown; readonly depth: number }[] = [{ value, depth: 0 }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    count += 1;
    if (count > MOST_VALUES) return `more than ${MOST_VALUES} values, its aliases expanded`;
    if (next.depth > DEEPEST) return `values nested more than ${DEEPEST} deep`;
    if (typeof next.value !== 'object' || next.value === null) continue;
    for (const inner of Object.values(next.value)) waiting.push({ value: inner, depth: next.depth + 1 });
  }
  return undefined;
}
