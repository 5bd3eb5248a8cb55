import type { Remedies } from '../operations/outcome/failure.ts';

/**
 * What to do at a terminal about errors whose own remedy speaks of a workflow's `with:` and `env:`, its checkout or its
 * token, by their codes.
 */
const CREDENTIALS =
  'Try git push --dry-run in the clone: the same credentials are used, or the token of the variable ' +
  'LAUNCHPAD_GITHUB_TOKEN where it is set. They must be allowed to push to that branch; --branch names another one.';
const BYPASS =
  'Allow the identity that pushes to bypass the rule (yours, or that of LAUNCHPAD_GITHUB_TOKEN where it is set), or name ' +
  'another branch by --branch.';
const REMEDIES: Readonly<Record<string, string>> = {
  'settings-invalid':
    'Give an input as the option of its name, or set its variable in the environment or in a file (.env, or --settings-file); ' +
    'secrets by variable only. launchpad-provision provision --help lists them.',
  'kubeconfig-invalid':
    'Set KUBECONFIG to the file of a kubeconfig that works with kubectl: kubectl config view --minify shows what it uses.',
  'no-checkout':
    'Run it in your clone of the cluster repository, or say where that is by --repository-path. The clone needs a remote.',
  'no-branch':
    'Name a branch that the remote has by --branch, or push yours first (git push -u). A new repository needs a first commit.',
  'push-denied': CREDENTIALS,
  'credentials-refused': CREDENTIALS,
  'repository-not-found': CREDENTIALS,
  'push-branch-protected': BYPASS,
  'push-signature-required': BYPASS,
  'push-rule-violated': BYPASS,
  'push-shallow': 'Fetch the whole history first: git fetch --unshallow.',
  'host-key-refused': "Connect once by ssh to check the git host's key, which adds it to known_hosts; then run again.",
  'push-author-refused':
    'Set user.name and user.email of the clone, or --commit-author-name and --commit-author-email, to what the git host accepts.',
  'git-missing': 'Install git, and check that the clone of the cluster repository exists.',
  'action-incomplete': 'Install the package again: its dist/, manifests/ and templates/ belong together.',
  'not-confirmed': 'To delete it with all its data, pass --confirm <instance>; for several --confirm a,b,c.',
};

export const terminalRemedies: Remedies = ({ code }) => REMEDIES[code];
