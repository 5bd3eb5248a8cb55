/** Longest value that an error quotes, in characters. */
const LONGEST = 100;
/** Tokens by their own prefixes: GitHub, GitLab, DigitalOcean, Slack, AWS. */
const TOKEN = /\b(?:gh[a-z]_|github_pat_|glpat-|do[a-z]_v1_|xox[a-z]-|AKIA|ASIA)[\w-]{8,}/g;
/** A secret in the query of a URL. */
const QUERY_SECRET =
  /([?&;][^=&;\s]{0,40}(?:pass|pwd|secret|key|token|credential|signature)[^=&;\s]{0,40}=)[^&;\s"']+/gi;

/**
 * A value as errors quote it: cut, and without user and password before a host, tokens, and secrets in a query. Every
 * error that quotes a value of a setting or of a file does so by this function.
 */
export function quoted(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const shown = withoutSecrets(value);
  return JSON.stringify(shown.length > LONGEST ? `${shown.slice(0, LONGEST)}…` : shown);
}

/** The text without user and password before a host, tokens, and secrets in a query. A password may have any sign. */
export function withoutSecrets(text: string): string {
  const at = text.lastIndexOf('@');
  const scheme = text.indexOf('://');
  const start = scheme < 0 || scheme > at ? 0 : scheme + 3;
  // `git` is the user of every SSH URL.
  const isPlain = at < 0 || text.slice(start, at) === 'git';
  const shown = isPlain ? text : `${text.slice(0, start)}***${text.slice(at)}`;
  return shown.replace(TOKEN, '***').replace(QUERY_SECRET, '$1***');
}

/** Most characters of a line of a log, or of what a server says, that are shown. */
const LONGEST_LINE = 2_000;

/**
 * The text of others, cut where it is too long. It is cut at a blank: a part of a secret would not be recognised as one,
 * and not be hidden.
 */
export function shortened(text: string, longest = LONGEST_LINE): string {
  if (text.length <= longest) return text;
  return `${text.slice(0, Math.max(0, text.lastIndexOf(' ', longest - 1)))}…`;
}
