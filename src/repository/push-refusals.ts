import { any, type Refusal, RUN_AGAIN, status } from './words.ts';

const BYPASS =
  "Allow the pushing identity to bypass the rule: add its GitHub App to the rule's bypass list and give its token as input github-token.";

/** Refusals of a commit by a rule of the git host, in the order in which they are tried: the particular before the general. */
export const PUSH_REFUSALS: readonly Refusal[] = [
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
    title: ({ branch }) => `Git: branch ${branch} is protected`,
    what: ({ url, branch }) => `Branch ${branch} of ${url} is protected: the push was refused.`,
    remedy: `${BYPASS} ${RUN_AGAIN}`,
  },
  {
    code: 'push-rule-violated',
    words: any('GH013: ', 'due to repository rule violations', 'push rule'),
    what: ({ url, branch }) => `A rule of ${url} refuses the push to branch ${branch}.`,
    remedy: `${BYPASS} ${RUN_AGAIN}`,
  },
];

/** The links at which GitHub allows a secret come first. */
function secretRemedy(stderr: string): string {
  const links = [
    ...new Set(stderr.split(/\s+/).filter((word) => /^https?:\/\/[\w.:/-]+\/unblock-secret\/\w+$/.test(word))),
  ];
  const exclude = `exclude the instances directory from push protection (secret scanning) in the repository's settings. ${RUN_AGAIN}`;
  if (links.length === 0) return `If the secret belongs there, ${exclude}`;
  return `${links.join(' and ')}: allow the secret there if it belongs in the repository. To allow all of them, ${exclude}`;
}
