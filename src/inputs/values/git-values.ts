import { isIP } from 'node:net';
import { InvalidValue } from '../problems.ts';
import { repositoryDirectory } from './values.ts';

/** URL of a git repository, by https or SSH. @throws InvalidValue */
export function gitUrl(value: string): string {
  if (/^(https?|ssh):\/\/[^\s]+$/.test(value) && URL.canParse(value)) {
    if (new URL(value).password === '') return value;
    throw new InvalidValue('contains a password, which would be shown in the Application: give it to Argo CD instead', {
      shown: false,
    });
  }
  if (/^[\w.-]+@[\w.-]+:[^\s:]+$/.test(value)) return value;
  throw new InvalidValue(
    'is not a URL of a git repository: give one such as "https://github.com/org/repository.git" or ' +
      '"git@github.com:org/repository.git"',
  );
}

/** Whether a template is in its own repository, not in a directory of the cluster repository. */
export function isGitUrl(value: string): boolean {
  return value.includes('://') || /^[\w.-]+@[\w.-]+:/.test(value);
}

/**
 * A directory of the cluster repository, or the URL of a git repository. Only https and SSH are allowed, because the
 * template becomes an instance's settings; http only with an IP address, as in tests.
 *
 * @throws InvalidValue
 */
export function templatePlace(value: string): string {
  if (!isGitUrl(value)) return repositoryDirectory(value);
  const url = gitUrl(value);
  if (!url.startsWith('http:') || isIP(new URL(url).hostname) !== 0) return url;
  throw new InvalidValue('is not encrypted in transit: give a URL that begins with "https://", or an SSH one');
}

/** Name of a branch or tag (https://git-scm.com/docs/git-check-ref-format), or a commit. @throws InvalidValue */
export function gitVersion(value: string): string {
  if (/^[A-Za-z0-9_][\w./+@-]*$/.test(value) && !/\.\.|@\{|\/\/|\.lock$|[/.]$/.test(value)) return value;
  throw new InvalidValue(
    'is not a branch, tag or commit: give a name such as "main" or "v1.2.0", or a full commit SHA',
  );
}

/** Whether it always names the same commit. */
export function isFullCommit(value: string): boolean {
  return /^[0-9a-f]{40}([0-9a-f]{24})?$/i.test(value);
}

/** One line of text that Tutor uses unchanged, and a template can put between quotes. */
export function platformText(value: string): string {
  if (!/[\p{Cc}"\\]|\{[{%#]/u.test(value)) return value;
  throw new InvalidValue('is not accepted: give one line without double quotes, backslashes and Jinja');
}
