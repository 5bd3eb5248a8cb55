import { runInNewContext } from 'node:vm';
import { type Fields, textIn, textsIn } from '../../core/fields.ts';

/** A commit that the action may push, as far as it is known before the run. */
export interface ExpectedCommit {
  /** One of these is its message. */
  readonly messages: readonly string[];
  /** Files that it certainly changes. */
  readonly paths: readonly string[];
  /** Address of author and committer. */
  readonly email: string;
}

/** Why a rule with these parameters refuses the commit, in words; undefined if it does not, or if that is not certain. */
type Judge = (parameters: Fields, commit: ExpectedCommit) => string | undefined;

/**
 * What each type of rule of a branch means for a push of one commit, by its description in GitHub's API: words where it
 * refuses any (https://docs.github.com/en/rest/repos/rules#get-rules-for-a-branch). The others are left to the push: they
 * allow one commit on top of a branch that exists (required_linear_history, non_fast_forward, creation, deletion,
 * branch_name_pattern), are about merges (workflows), or about files of a MB and more (max_file_size).
 */
const RULES: Readonly<Record<string, string | Judge>> = {
  pull_request: 'changes need a pull request',
  merge_queue: 'changes need the merge queue',
  update: 'updates are restricted',
  required_signatures: 'commits must be signed',
  required_status_checks: 'status checks must pass before the push',
  required_deployments: 'deployments must succeed before the push',
  code_scanning: 'code scanning must have results before the push',
  commit_message_pattern: (parameters, { messages }) =>
    patternWords(`the commit message ("${messages[0]?.split('\n')[0]}")`, parameters, messages),
  commit_author_email_pattern: (parameters, { email }) =>
    patternWords(`the author's address (${email})`, parameters, [email]),
  committer_email_pattern: (parameters, { email }) =>
    patternWords(`the committer's address (${email})`, parameters, [email]),
  file_path_restriction: (parameters, { paths }) =>
    pathWords(paths, textsIn(parameters, 'restricted_file_paths'), isMatch),
  file_extension_restriction: (parameters, { paths }) =>
    pathWords(paths, textsIn(parameters, 'restricted_file_extensions'), (path, extension) =>
      path.endsWith(extension.replace(/^\*?\.?/, '.')),
    ),
  max_file_path_length: ({ max_file_path_length: limit }, { paths }) => {
    const path = paths.find(({ length }) => typeof limit === 'number' && length > limit);
    return path === undefined ? undefined : `paths must have at most ${limit} characters (${path})`;
  },
};

/** Why the rule refuses one of the commits, or any; undefined if it does not, or if that is not certain. */
export function refusalBy({ type, parameters }: Rule, commits: readonly ExpectedCommit[]): string | undefined {
  const judge = RULES[type];
  if (typeof judge !== 'function') return judge;
  return commits.map((commit) => judge(parameters, commit)).find((words) => words !== undefined);
}

/** A rule of a branch, as GitHub's API gives it. */
export interface Rule {
  readonly type: string;
  readonly parameters: Fields;
}

const VERBS: Readonly<Record<string, string>> = {
  starts_with: 'start with',
  ends_with: 'end with',
  contains: 'contain',
  regex: 'match',
};

/** What a pattern asks of the subject, where it refuses each of the values. */
function patternWords(subject: string, parameters: Fields, values: readonly string[]): string | undefined {
  const { negate, operator } = parameters;
  const isNegated = negate === true;
  const isRefused = (value: string) => {
    const matches = matchesOf(parameters, value);
    return matches.length > 0 && matches.every((isMatching) => isMatching === isNegated);
  };
  if (!values.every(isRefused)) return undefined;
  return `${subject} must ${isNegated ? 'not ' : ''}${VERBS[String(operator)]} ${textIn(parameters, 'pattern')}`;
}

/**
 * Whether the value matches, by each way in which the pattern may be meant: GitHub evaluates expressions by RE2. None for
 * one that JavaScript does not read, or not in time.
 */
function matchesOf(parameters: Fields, value: string): boolean[] {
  const pattern = textIn(parameters, 'pattern');
  if (pattern === undefined) return [];
  switch (parameters.operator) {
    case 'starts_with':
      return [value.startsWith(pattern)];
    case 'ends_with':
      return [value.endsWith(pattern), value.trimEnd().endsWith(pattern)];
    case 'contains':
      return [value.includes(pattern)];
    case 'regex': {
      const found = ['u', 'um', 'us', 'ums'].map((flags) => isFound(pattern, flags, value));
      return found.every((one) => one !== undefined) ? found : [];
    }
    default:
      return [];
  }
}

function pathWords(
  paths: readonly string[],
  patterns: readonly string[],
  matches: (path: string, pattern: string) => boolean,
): string | undefined {
  const found = paths.find((path) => patterns.some((pattern) => matches(path, pattern)));
  return found === undefined ? undefined : `${found} is a restricted path`;
}

/** As fnmatch: `*` within a directory, `**` in any. */
function isMatch(path: string, pattern: string): boolean {
  if (/[[\]{}\\!]/.test(pattern)) return false;
  const parts = pattern.split(/(\*\*\/|\*\*|\*|\?)/);
  const expressions: Readonly<Record<string, string>> = { '**/': '(?:.*/)?', '**': '.*', '*': '[^/]*', '?': '[^/]' };
  const escaped = parts.map((part) => expressions[part] ?? RegExp.escape(part));
  return isFound(`^/?${escaped.join('')}$`, '', path) === true;
}

/** Milliseconds for an expression of the ruleset: JavaScript may take for ever where RE2 does not. */
const LIMIT_MS = 200;

/** Whether the text has what the expression matches; undefined where JavaScript does not read it, or not in time. */
function isFound(pattern: string, flags: string, text: string): boolean | undefined {
  try {
    const globals = { pattern, flags, text };
    return runInNewContext('new RegExp(pattern, flags).test(text)', globals, { timeout: LIMIT_MS }) === true;
  } catch {
    return undefined;
  }
}
