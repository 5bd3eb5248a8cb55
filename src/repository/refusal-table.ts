/** A reason why a git host refuses, or fails: the words by which it is recognised, and what an operator reads. */
export interface Refusal {
  readonly code: string;
  /**
   * Linear in the length of the text. Each has a space or a character that neither a ref nor a URL may have, so that the
   * name of a branch or a repository is never taken for a reason.
   */
  readonly words: RegExp;
  readonly what: (target: { readonly url: string; readonly branch: string }) => string;
  readonly remedy: string | ((stderr: string) => string);
  /** Whether the next attempt may succeed. */
  readonly isTransient?: boolean;
}

const RUN_AGAIN = 'Then run again: what is done already is kept.';
const BYPASS =
  "Allow the pushing identity to bypass the rule: add its GitHub App to the rule's bypass list and give its token as input github-token.";
const CREDENTIALS =
  'Check out with actions/checkout and its credentials (persist-credentials), or give a token as input github-token.';

/** An HTTP status as git and curl write it: `error: 502`, `HTTP 502 curl 22`, `HTTP code = 502`. */
const status = (codes: string) => `(?:error:|HTTP|code|code =|response) (?:${codes})\\b`;
const any = (...parts: readonly string[]) => new RegExp(parts.join('|'), 'im');

/** The rows in the order in which they are tried: the particular before the general, a refusal before a lost connection. */
export const REFUSALS: readonly Refusal[] = [
  {
    code: 'proxy-refused',
    words: any('HTTP code 4\\d\\d from proxy', 'CONNECT tunnel failed, response 4\\d\\d'),
    what: ({ url }) => `The proxy refuses the connection to ${url}.`,
    remedy: 'Check the proxy of HTTPS_PROXY or http.proxy and its credentials, or except the git host by NO_PROXY.',
  },
  {
    code: 'push-secret-found',
    words: any('push cannot contain secrets', 'PUSH BLOCKED: secrets detected', 'GH009: secrets'),
    what: ({ url }) => `${url} found a secret in the commit and refused the push (push protection).`,
    remedy: secretRemedy,
  },
  {
    code: 'push-too-large',
    words: any(
      'GH001: large files',
      'file size limit of',
      'larger than the (?:allowed|maximum)',
      'exceeds maximum allowed size',
      'over (?:the|its) (?:size limit|data quota)',
      'above (?:the|its) size limit',
      'exceeded its size limit',
      'would exceed the .{0,40}limit',
      'quota exceeded',
      status('413'),
    ),
    what: ({ url }) => `${url} refuses the push because of its size: a file or the repository is too large.`,
    remedy: `Make room in the repository, or raise its size limit at the git host. ${RUN_AGAIN}`,
  },
  {
    code: 'push-message-refused',
    words: any(
      "commit messages? (?:must|should|does not|do not|doesn't|is not|contains|has)",
      'missing the JIRA',
      "message.{0,40} (?:doesn't|does not|must) match",
    ),
    what: ({ url }) => `A rule of ${url} refuses the commit's message.`,
    remedy: `Exempt the pushing identity from the rule for commit messages, or let it allow messages such as "feat: …" and "chore: …". ${RUN_AGAIN}`,
  },
  {
    code: 'push-author-refused',
    words: any(
      'GH007: ',
      'email privacy restrictions',
      "(?:author|committer)(?:'s)? e-?mail",
      'only push your own commits',
      'cannot push commits for',
      "(?:author|committer) '[^']{0,300}' is not",
      'was committed by .{0,200} but',
    ),
    what: ({ url }) => `A rule of ${url} refuses the commit's author.`,
    remedy: `Set commit-author-name and commit-author-email to an identity that the git host accepts: its own user, with a verified address. ${RUN_AGAIN}`,
  },
  {
    code: 'push-signature-required',
    words: any('must have (?:verified|valid) signatures?', 'must be signed', 'from unverified commit'),
    what: ({ url, branch }) => `Branch ${branch} of ${url} takes signed commits only, and this commit is not signed.`,
    remedy: `${BYPASS} ${RUN_AGAIN}`,
  },
  {
    code: 'push-path-refused',
    words: any(
      'file path is restricted',
      'without [`\'"]?workflows?[`\'"]? (?:permission|scope)',
      'is protected from changing file',
      'file ?name .{0,200} (?:was prohibited|was blacklisted|is forbidden)',
      'is locked by ',
    ),
    what: ({ url }) => `A rule of ${url} refuses a file of the commit.`,
    remedy: `Let the rule except the instances directory, or allow the pushing identity to bypass it. ${RUN_AGAIN}`,
  },
  {
    code: 'push-branch-protected',
    words: any(
      'GH006: ',
      'protected branch',
      'changes must be made through a pull request',
      'cannot update this protected ref',
      'permission denied to update branch',
      'only be modified through pull requests',
      'not permitted; you must use a pull request',
    ),
    what: ({ url, branch }) => `Branch ${branch} of ${url} is protected: the push was refused.`,
    remedy: `${BYPASS} ${RUN_AGAIN}`,
  },
  {
    code: 'push-rule-violated',
    words: any('GH013: ', 'due to repository rule violations', 'push rule'),
    what: ({ url, branch }) => `A rule of ${url} refuses the push to branch ${branch}.`,
    remedy: `${BYPASS} ${RUN_AGAIN}`,
  },
  {
    code: 'repository-archived',
    words: any('(?:is|was|been) archived', 'to an archived project'),
    what: ({ url }) => `${url} is archived and takes no pushes.`,
    remedy: `Unarchive the repository. ${RUN_AGAIN}`,
  },
  {
    code: 'repository-read-only',
    words: any('temporarily read-only', 'read[ -]only mode'),
    what: ({ url }) => `${url} is read-only for now.`,
    remedy: 'Check the state of the git host, then run again: what is done already is kept.',
    isTransient: true,
  },
  {
    code: 'repository-read-only',
    words: any('mirror repository is read-only', 'mirror is read-?only', 'read-only GitLab instance'),
    what: ({ url }) => `${url} takes no pushes: it is a read-only mirror.`,
    remedy: 'Set the remote of the checkout to the repository that it mirrors.',
  },
  {
    code: 'rate-limited',
    words: any('rate[ -]limit(?:ed|s)? ', 'secondary rate limit', 'too many requests', status('429')),
    what: ({ url }) => `${url} got too many requests.`,
    remedy: 'Wait some minutes, then run again: what is done already is kept.',
    isTransient: true,
  },
  {
    code: 'address-refused',
    words: any('IP allow list', 'IP address .{0,100}not (?:permitted|allowed)'),
    what: ({ url }) => `${url} does not accept connections from this runner's IP address.`,
    remedy: "Add the runner's address to the allow list of the git host, or use a runner whose address is on it.",
  },
  {
    code: 'credentials-refused',
    words: any(
      'authentication failed',
      'could not read (?:username|password)',
      'invalid username',
      'terminal prompts disabled',
      'permission denied \\(publickey',
      'basic: access denied',
      'enforced SAML SSO',
      'authentication was removed',
      status('401'),
    ),
    what: ({ url }) => `${url} does not accept the credentials.`,
    remedy: CREDENTIALS,
  },
  {
    code: 'repository-not-found',
    words: any(
      'repository not found',
      'repository .{0,200} not found',
      'project you were looking for could not be found',
      'not appear to be a git repository',
      'repository does not exist',
      'repository for this project does not exist',
      'GitLab: no such project',
      status('404'),
    ),
    what: ({ url }) => `${url} does not exist, or the credentials may not read it.`,
    remedy: `A private repository is "not found" to a token without access: give one that may read and write it as input github-token. Otherwise check the remote's URL.`,
  },
  {
    code: 'push-denied',
    words: any(
      'marked as read only',
      'not have write access',
      'write access to repository not granted',
      'permission to .{0,200} denied',
      'not allowed to (?:push|upload|access)',
      'permission denied for writing',
      'access denied',
      "(?:do not|don't) have permission(?! to view)",
      'denied to ',
      'cannot push or open issues',
      'pushing over HTTP is not allowed',
      status('403'),
    ),
    what: ({ url }) => `The credentials may not push to ${url}.`,
    remedy: 'Give the job `permissions: contents: write`, or a token that may write as input github-token.',
  },
  {
    code: 'host-key-refused',
    words: any('host key verification failed', 'host identification has changed', 'no matching host key'),
    what: ({ url }) => `The SSH host key of ${url} is unknown, or has changed.`,
    remedy: "Add the git host's key to known_hosts (input ssh-known-hosts of actions/checkout), after checking it.",
  },
  {
    code: 'certificate-refused',
    words: any('certificate problem', 'certificate verification failed', 'certificate verify failed', 'curl 60 '),
    what: ({ url }) => `The certificate of ${url} is not trusted.`,
    remedy:
      "Install the certificate authority of the git host on the runner, or name its file by git's http.sslCAInfo.",
  },
  {
    code: 'push-shallow',
    words: any('shallow update not allowed'),
    what: ({ url }) => `${url} refuses a push from a shallow clone.`,
    remedy: `Check out with fetch-depth: 0. ${RUN_AGAIN}`,
  },
  {
    code: 'branch-name-taken',
    words: any('exists; cannot create'),
    what: ({ url, branch }) => `${url} has a branch whose name is in the way of ${branch}.`,
    remedy: 'Rename one of the two branches: a/b cannot exist beside a.',
  },
  {
    code: 'push-outrun',
    words: any(
      '\\(fetch first\\)',
      '\\(non-fast-forward\\)',
      'cannot lock ref',
      '\\(stale info\\)',
      'failed to update ref',
      'reference already exists',
      'incorrect old value',
    ),
    what: ({ url, branch }) => `Branch ${branch} of ${url} has moved on meanwhile.`,
    remedy: 'Run again: what is done already is kept.',
    isTransient: true,
  },
  {
    code: 'repository-unreachable',
    words: any(
      'fatal error in commit_refs',
      '^ *! \\[remote rejected\\] .*\\(failure\\)',
      'internal server error',
      'failed to report status',
      status('408|500|502|503|504|52\\d'),
    ),
    what: ({ url }) => `${url} failed.`,
    remedy: 'Check the state of the git host, then run again: what is done already is kept.',
    isTransient: true,
  },
  {
    code: 'push-failed',
    words: any(status('[45]\\d\\d')),
    what: ({ url }) => `${url} answers with an HTTP error.`,
    remedy: "Check the remote's URL and what stands between it and the runner (proxy, gateway), then run again.",
  },
  {
    code: 'repository-unreachable',
    words: any(
      'could not resolve (?:host|proxy)',
      'name resolution',
      'name or service not known',
      'failed to connect',
      'connection (?:was )?(?:refused|reset|aborted|timed out|closed by|to .{0,200} (?:closed|timed out))',
      'network is unreachable',
      'no route to host',
      'broken pipe',
      'timed out',
      'operation too slow',
      'timeout, server',
      'early EOF',
      'unexpected disconnect',
      'hung up',
      'empty reply',
      'transfer closed',
      'not closed cleanly',
      "expected 'packfile'",
      'expected flush after',
      'bad line length',
      'index-pack output',
      'TLS connection was non-properly',
      'handshake(?:\\(\\))? failed',
      ': SSL_ERROR_SYSCALL',
      'CONNECT tunnel failed',
      'from proxy after CONNECT',
      'curl (?:5|6|7|16|18|28|35|52|55|56|92|95) ',
      'not our ref ',
    ),
    what: ({ url }) => `${url} could not be reached.`,
    remedy: 'Check the network and the state of the git host, then run again: what is done already is kept.',
    isTransient: true,
  },
  {
    code: 'push-hook-declined',
    words: any('hook declined', 'DENIED by '),
    what: ({ url, branch }) => `A hook of ${url} refuses the push to branch ${branch}.`,
    remedy: `Follow what the hook says, or let its administrator exempt the pushing identity. ${RUN_AGAIN}`,
  },
];

/** The links at which GitHub allows a secret come first. */
function secretRemedy(stderr: string): string {
  const links = [
    ...new Set(stderr.split(/\s+/).filter((word) => /^https:\/\/[\w./-]+\/unblock-secret\/\w+$/.test(word))),
  ];
  const exclude = `exclude the instances directory from push protection (secret scanning) in the repository's settings. ${RUN_AGAIN}`;
  if (links.length === 0) return `If the secret belongs there, ${exclude}`;
  return `${links.join(' and ')}: allow the secret there if it belongs in the repository. To allow all of them, ${exclude}`;
}
