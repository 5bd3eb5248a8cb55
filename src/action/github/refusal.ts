import { LaunchpadError, messageOf } from '../../core/errors.ts';
import { fieldsOf } from '../../core/fields.ts';

/**
 * The error for a request that GitHub's API did not do.
 *
 * @param what completes "GitHub did not"
 * @param permission what the job's token must be allowed to do
 * @returns LaunchpadError `github-refused` where the token may not do it, else `github-unreachable`
 */
export function refusal(what: string, error: unknown, permission = 'pull-requests: write'): LaunchpadError {
  // That of Octokit's RequestError.
  const { status: found } = fieldsOf(error);
  const status = typeof found === 'number' ? found : undefined;
  const said = messageOf(error);
  const answer = status === undefined || status === 500 ? said : `${status} ${said}`;
  const code = status !== undefined && [401, 403, 404, 410].includes(status) ? 'github-refused' : 'github-unreachable';
  return new LaunchpadError(code, `GitHub's API did not ${what}: ${answer}`, {
    remedy: remedyFor(status, said, permission),
    cause: error,
  });
}

/** GitHub answers 404, too, for what a token may not see. */
function remedyFor(status: number | undefined, said: string, permission: string): string {
  if (/rate limit/i.test(said)) return 'Run again when the limit of the token is reset, or use another token.';
  switch (status) {
    case 401:
      return "Set input api-token to a valid token, or remove it: the job's own token is used then.";
    case 403:
    case 404:
      return `Give the job \`permissions: ${permission}\` (and \`contents: write\`), or the token of input api-token the same rights.`;
    case 410:
      return "Enable issues and pull requests in the repository's settings.";
    default:
      return "Check the state of GitHub and the runner's way to it (GITHUB_API_URL, HTTPS_PROXY), then run again.";
  }
}
