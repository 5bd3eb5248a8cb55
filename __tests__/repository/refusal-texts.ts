/** What git hosts really answer: their own words, shortened to what tells, with the place where somebody quotes them. */
export interface RefusalText {
  readonly source: string;
  readonly stderr: string;
  readonly code: string;
  readonly isRetried: boolean;
}

const row = (source: string, code: string, ...lines: readonly string[]): RefusalText => ({
  source,
  code: code.replace('retried: ', ''),
  isRetried: code.startsWith('retried: '),
  stderr: `${lines.join('\n')}\n`,
});

/** The lines that git adds itself when the server refuses a ref. */
const rejected = (reason: string) => [
  'To https://git.example.org/org/cluster.git',
  ` ! [remote rejected] 3f78685 -> main (${reason})`,
  "error: failed to push some refs to 'https://git.example.org/org/cluster.git'",
];
const HOOK = rejected('pre-receive hook declined');
const RULES = rejected('push declined due to repository rule violations');
const status = (code: number) =>
  `fatal: unable to access 'https://git.example.org/org/cluster.git/': The requested URL returned error: ${code}`;
const NOT_READ = 'fatal: Could not read from remote repository.';
const GH013 = [
  'remote: error: GH013: Repository rule violations found for refs/heads/main.',
  'remote: Review all repository rules at https://github.com/org/cluster/rules?ref=refs%2Fheads%2Fmain',
  'remote: ',
];
export const UNBLOCK =
  'https://github.com/yangg/carelabel/security/secret-scanning/unblock-secret/2gakJrAududURpxlhIZdNlX14ZZ';

const GITHUB = [
  row(
    'palxiao/poster-design#140',
    'push-secret-found',
    'remote: error: GH013: Repository rule violations found for refs/heads/main.',
    'remote: - GITHUB PUSH PROTECTION',
    'remote:   —————————————————————————————————————————',
    'remote:     Resolve the following violations before pushing again',
    'remote:     - Push cannot contain secrets',
    'remote:       —— GitHub Personal Access Token ——————————————————————',
    'remote:        locations:',
    'remote:          - commit: 5477a7dd26384ed3c8b3814ee677f755ad27a597',
    'remote:            path: src/api/github.ts:34',
    'remote:        (?) To push, remove secret from commit(s) or follow this URL to allow the secret.',
    `remote:        ${UNBLOCK}`,
    ...RULES,
  ),
  row(
    'yshavit/mdq#255',
    'push-branch-protected',
    ...GH013,
    'remote: - Changes must be made through a pull request.',
    ...RULES,
  ),
  row(
    'transloadit/uppy#6442',
    'push-signature-required',
    ...GH013,
    'remote: - Commits must have verified signatures.        ',
    'remote:   Found 1 violation:        ',
    ...RULES,
  ),
  row(
    'renovatebot/renovate#44819',
    'push-path-refused',
    ...GH013,
    'remote: - GITHUB PUSH PROTECTION',
    'remote:     - File path is restricted',
    ...RULES,
  ),
  row(
    'docs.github.com: Troubleshooting rules',
    'push-message-refused',
    ...GH013,
    'remote: - Commit message must match a given regex pattern: ^JIRA-\\d+',
    ...RULES,
  ),
  row('docs.github.com: Troubleshooting your migration', 'push-rule-violated', ...GH013, ...RULES),
  row(
    'foundry-rs/block-explorers#110',
    'push-branch-protected',
    'remote: error: GH006: Protected branch update failed for refs/heads/main.',
    'remote: - Changes must be made through a pull request.',
    ...rejected('protected branch hook declined'),
  ),
  row(
    'kubeflow/pipelines#4384',
    'push-branch-protected',
    'remote: error: GH006: Protected branch update failed for refs/heads/main.',
    'remote: error: 6 of 6 required status checks are expected.',
    ...rejected('protected branch hook declined'),
  ),
  row(
    'bitprj/FirstContributions#174',
    'push-denied',
    'remote: Permission to bitprj/FirstContributions.git denied to steinbist.',
    status(403),
  ),
  row('IIC3253/2026#73', 'push-denied', 'remote: Write access to repository not granted.', status(403)),
  row(
    'valor-software/ngx-bootstrap#1636',
    'push-denied',
    'ERROR: Permission to org/cluster.git denied to imribarr-compit.',
    NOT_READ,
  ),
  row(
    'haskell-jp/blog#221',
    'push-denied',
    'ERROR: The key you are authenticating with has been marked as read only.',
    NOT_READ,
  ),
  row(
    'uwhpsc-2016/syllabus#19',
    'repository-not-found',
    'remote: Repository not found.',
    "fatal: repository 'https://github.com/uwhpsc-2016/homework1-Marisa67/' not found",
  ),
  row(
    'gitbucket/gitbucket#2595',
    'repository-archived',
    'remote: This repository was archived so it is read-only.',
    status(403),
  ),
  row(
    'git-lfs/git-lfs#6330',
    'push-too-large',
    "remote: error: File images/1-001.zip is 301.74 MB; this exceeds GitHub's file size limit of 100.00 MB",
    'remote: error: GH001: Large files detected. You may want to try Git Large File Storage - https://git-lfs.github.com/.',
    ...HOOK,
  ),
  row(
    'repo-sync/github-sync#23',
    'push-path-refused',
    ...rejected(
      'refusing to allow a GitHub App to create or update workflow `.github/workflows/dlc.yml` without `workflows` permission',
    ),
  ),
  row(
    'AlexandreMeslin/ENG4021#14',
    'push-author-refused',
    'remote: error: GH007: Your push would publish a private email address.        ',
    ...rejected('push declined due to email privacy restrictions'),
  ),
  row(
    'Mergifyio/mergify#1145',
    'credentials-refused',
    "remote: The `xxxxx' organization has enabled or enforced SAML SSO. To access",
    'remote: this repository, you must re-authorize the GitHub App `Mergify`.',
    status(403),
  ),
  row(
    'desktop/desktop#16398',
    'retried: repository-unreachable',
    'remote: fatal error in commit_refs',
    ...rejected('failure'),
  ),
  row(
    'isaacs/github#1741',
    'retried: repository-unreachable',
    'remote: Internal Server Error',
    ' ! [remote failure]  master -> master (remote failed to report status)',
  ),
  row(
    'ROCm/TheRock#6431',
    'retried: rate-limited',
    'remote: This request was rate-limited due to too many requests. Reduce the frequency of your requests or try again later.',
    status(429),
  ),
  row(
    'sansan0/TrendRadar#502',
    'retried: rate-limited',
    'error: RPC failed; HTTP 429 curl 22 The requested URL returned error: 429',
    "fatal: expected 'packfile'",
  ),
  row('metamath/set.mm#1531', 'push-shallow', ...rejected('shallow update not allowed')),
];

const TRANSPORT = [
  row(
    'xetdata/xet-core#363',
    'retried: repository-unreachable',
    'error: RPC failed; HTTP 500 curl 22 The requested URL returned error: 500',
    'send-pack: unexpected disconnect while reading sideband packet',
    'fatal: the remote end hung up unexpectedly',
  ),
  row(
    'MakerPress/atlas-public-feedback#55',
    'retried: repository-unreachable',
    'error: RPC failed; result=22, HTTP code = 502',
    'fatal: The remote end hung up unexpectedly',
  ),
  row(
    'Cyfrin/audit-repo-cloner#17',
    'retried: repository-unreachable',
    'error: RPC failed; HTTP 408 curl 18 HTTP/2 stream 7 was reset',
  ),
  row(
    'microsoft/vscode-azureappservice#2659',
    'push-failed',
    'error: RPC failed; HTTP 400 curl 22 The requested URL returned error: 400',
    'send-pack: unexpected disconnect while reading sideband packet',
    'fatal: the remote end hung up unexpectedly',
  ),
  row(
    'desktop/desktop#13784',
    'retried: repository-unreachable',
    'error: RPC failed; curl 55 Send failure: Connection was aborted',
  ),
  row(
    'GAIR-NLP/benbench#9',
    'retried: repository-unreachable',
    'error: RPC failed; curl 92 HTTP/2 stream 0 was not closed cleanly: CANCEL (err 8)',
  ),
  row(
    'WeblateOrg/weblate#8890',
    'retried: repository-unreachable',
    'kex_exchange_identification: read: Connection reset by peer',
    'Connection reset by 140.82.121.4 port 22',
    NOT_READ,
  ),
  row(
    'zai-org/CodeGeeX#18',
    'retried: repository-unreachable',
    'Connection closed by 20.205.243.166 port 22',
    NOT_READ,
  ),
  row(
    'fork-dev/TrackerWin#2399',
    'retried: repository-unreachable',
    'ssh: connect to host github.com port 22: Connection timed out',
    NOT_READ,
  ),
  row(
    'bramus/react-native-maps-directions-example#7',
    'credentials-refused',
    'Git@github.com: Permission denied (publickey). ',
    NOT_READ,
  ),
];

const GITLAB = [
  row(
    'gitlab.com: lib/gitlab/checks (spec)',
    'push-branch-protected',
    'remote: GitLab: You are not allowed to push code to protected branches on this project.',
    ...HOOK,
  ),
  row(
    'gitlabhq/gitlabhq#10405',
    'push-branch-protected',
    'remote: GitLab: You are not allowed to force push code to a protected branch on this project.',
    ...HOOK,
  ),
  row('gitlabhq/gitlabhq#9060', 'push-denied', "remote: GitLab: You don't have permission", ...HOOK),
  row(
    'gitlab.com: git_access.rb',
    'push-denied',
    'remote: You are not allowed to push code to this project.',
    status(403),
  ),
  row(
    'gitlab.com: git_access.rb',
    'push-denied',
    'remote: ERROR: This deploy key does not have write access to this project.',
    NOT_READ,
  ),
  row(
    'gitlab.com: git_access.rb',
    'repository-archived',
    "remote: You can't push code to an archived project.",
    status(403),
  ),
  row(
    'gitlab.com: git_access.rb',
    'retried: repository-read-only',
    'remote: The repository is temporarily read-only. Please try again later.',
    status(403),
  ),
  row(
    'gitlab.com: git_access.rb',
    'repository-not-found',
    "remote: The project you were looking for could not be found or you don't have permission to view it.",
    "fatal: repository 'https://gitlab.com/org/cluster.git/' not found",
  ),
  row(
    'deverrors.com: gitlab-push-rules-commit-message',
    'push-message-refused',
    "remote: GitLab: Commit message does not follow the pattern 'JIRA-\\d+'",
    ...HOOK,
  ),
  row(
    'gitlab.com: push_rule check',
    'push-author-refused',
    "remote: GitLab: Committer's email 'a@b.c' does not follow the pattern '.*@valid.com'",
    ...HOOK,
  ),
  row(
    'docs.gitlab.com: secret push protection',
    'push-secret-found',
    'remote: GitLab: ',
    'remote: PUSH BLOCKED: Secrets detected in code changes',
    'remote: -- myFile.txt:2 | GitLab Personal Access Token',
    ...HOOK,
  ),
  row('sameersbn/docker-gitlab#3031', 'retried: repository-unreachable', 'remote: Internal API unreachable', NOT_READ),
  row('gitlabhq/gitlabhq#8660', 'retried: repository-unreachable', 'remote: GitLab: API is not accessible', ...HOOK),
  row(
    'semantic-release/gitlab#259',
    'credentials-refused',
    'remote: HTTP Basic: Access denied',
    "fatal: Authentication failed for 'https://gitlab.awe.eco.cpanel.net/foo/bar.git/'",
  ),
];

const GITEA_AND_BITBUCKET = [
  row(
    'go-gitea/gitea: hook_pre_receive.go',
    'push-branch-protected',
    'remote: Gitea: Not allowed to push to protected branch main',
    ...HOOK,
  ),
  row(
    'go-gitea/gitea: hook_pre_receive.go',
    'push-path-refused',
    'remote: Forgejo: branch main is protected from changing file instances/a/config.yml',
    ...HOOK,
  ),
  row('go-gitea/gitea#31525', 'push-denied', 'remote: Gitea: User permission denied for writing.', ...HOOK),
  row('go-gitea/gitea#22293', 'retried: repository-unreachable', 'remote: Gitea: Internal Server Error', ...HOOK),
  row('go-gitea/gitea#7609', 'repository-read-only', 'remote: mirror repository is read-only', status(403)),
  row(
    'go-gitea/gitea: routers/web/repo/githttp.go',
    'repository-archived',
    'remote: This repo is archived. You can view files and clone it, but cannot push or open issues/pull-requests.',
    status(403),
  ),
  row(
    'community.atlassian.com: qaq-p/2249496',
    'push-branch-protected',
    'remote: Permission denied to update branch main.',
    ...HOOK,
  ),
  row(
    'support.atlassian.com: reduce-repository-size',
    'push-too-large',
    'remote: Repository is over the size limit (4 GB) and will not accept further additions.',
    ...HOOK,
  ),
  row(
    'atlassian.com: git push size limits',
    'push-too-large',
    'remote: fatal: pack exceeds maximum allowed size',
    ...rejected('unpacker error'),
  ),
  row(
    'renovatebot/renovate#11154',
    'push-author-refused',
    'remote: You can only push your own commits in this repository',
    ...HOOK,
  ),
  row(
    'chef-boneyard/delivery-cli#30',
    'repository-not-found',
    'fatal: remote error: Repository not found        ',
    'The requested repository does not exist, or you do not have permission to        ',
    'access it. ',
  ),
  row(
    'github/platform-samples#257',
    'push-message-refused',
    'remote: ERROR: e9b0dd4 in master',
    'remote: ERROR: is missing the JIRA Issue',
    ...HOOK,
  ),
  row(
    'Bioconductor/bioc_git_transition#19',
    'push-hook-declined',
    'remote: FATAL: W refs/heads/main packages/BiocStyle a.oles DENIED by fallthru',
    ...rejected('hook declined'),
  ),
];

export const REFUSAL_TEXTS: readonly RefusalText[] = [...GITHUB, ...TRANSPORT, ...GITLAB, ...GITEA_AND_BITBUCKET];
