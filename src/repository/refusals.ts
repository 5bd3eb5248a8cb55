import { LaunchpadError } from '../core/errors.ts';
import { shortened } from '../core/quote.ts';
import { withoutCredentials } from './git.ts';

/**
 * What a failed push, or fetch, means: reads the messages of git, in the C locale, and of the server. GitHub's codes: GH006
 * for a protected branch, GH013 for a ruleset
 * (https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository).
 *
 * @returns LaunchpadError `push-refused`, `push-outrun` if somebody else pushed in between, `repository-unreachable` if the
 *   connection failed (perhaps after the server took the push), or `push-failed`
 */
export function classify(
  stderr: string,
  { url, branch }: { readonly url: string; readonly branch: string },
): LaunchpadError {
  const said = shortened(withoutCredentials(stderr));
  const refused = (what: string, remedy: string) =>
    new LaunchpadError('push-refused', `${what} Git says: ${said}`, { remedy });
  if (/GH006|GH013|protected branch|pre-receive hook declined|hook declined|rule violations/i.test(stderr)) {
    return refused(
      `Branch ${branch} of ${url} is protected: the push was refused.`,
      "Let the identity that pushes bypass the protection: a GitHub App whose token is given as input github-token, or the rule's bypass list. Then run again: the databases are kept.",
    );
  }
  if (
    /\(fetch first\)|\(non-fast-forward\)|cannot lock ref|stale info|failed to update ref|reference already exists/i.test(
      stderr,
    )
  ) {
    return new LaunchpadError('push-outrun', `Branch ${branch} has moved on meanwhile.`);
  }
  if (/archived|read-only/i.test(stderr)) {
    return refused(`${url} takes no pushes.`, 'Unarchive the repository, or push with a key or token that may write.');
  }
  if (/error: 403|Permission .{0,300}denied|not allowed|access denied|denied to/i.test(stderr)) {
    return refused(
      `The credentials may not push to ${url}.`,
      'Give the job `permissions: contents: write`, or a token that may write as input github-token.',
    );
  }
  if (
    /Authentication failed|could not read Username|error: 401|Invalid username|terminal prompts disabled|Permission denied \(publickey/i.test(
      stderr,
    )
  ) {
    return refused(
      `${url} does not accept the credentials.`,
      'Check out with actions/checkout and its credentials (persist-credentials), or give a token as input github-token.',
    );
  }
  if (
    /Could not resolve host|Failed to connect|Connection (refused|reset|timed out)|timed out|Operation too slow|Timeout, server|early EOF|unexpected disconnect|hung up|error: 5\d\d|RPC failed|Empty reply|transfer closed|curl \d+/i.test(
      stderr,
    )
  ) {
    return new LaunchpadError('repository-unreachable', `${url} could not be reached: ${said}`, {
      remedy: 'Check the network and the state of the git host, then run again: what is done already is kept.',
    });
  }
  return new LaunchpadError('push-failed', `Git could not work with branch ${branch} of ${url}: ${said}`, {
    remedy: 'Mend what git complains of, then run again: what is done already is kept.',
  });
}
