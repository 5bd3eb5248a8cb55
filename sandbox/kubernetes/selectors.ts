import { badRequest } from './status.ts';

type Labels = Readonly<Record<string, string>>;

/** A label selector (https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors). */
export function labelMatcher(selector: string): (labels: Labels) => boolean {
  const requirements = split(selector).map(requirement);
  return (labels) => requirements.every((matches) => matches(labels));
}

/** Commas separate requirements, but not within the parentheses of a set. */
function split(selector: string): string[] {
  return selector
    .split(/,(?![^(]*\))/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function requirement(text: string): (labels: Labels) => boolean {
  const set = /^(\S+)\s+(in|notin)\s+\(([^)]*)\)$/.exec(text);
  if (set !== null) {
    const [, key = '', operator, list = ''] = set;
    const values = list.split(',').map((value) => value.trim());
    return (labels) => values.includes(labels[key] ?? '\0') === (operator === 'in');
  }
  const equality = /^([^\s=!]+)\s*(==?|!=)\s*(\S*)$/.exec(text);
  if (equality !== null) {
    const [, key = '', operator, value] = equality;
    return (labels) => (labels[key] === value) === (operator !== '!=');
  }
  const presence = /^(!?)([^\s=!]+)$/.exec(text);
  if (presence !== null) {
    const [, absent, key = ''] = presence;
    return (labels) => key in labels === (absent === '');
  }
  throw badRequest(`unable to parse requirement: ${text}`);
}
