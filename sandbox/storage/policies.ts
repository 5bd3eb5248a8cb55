interface Statement {
  readonly Effect?: string;
  readonly Principal?: string | { readonly AWS?: string | readonly string[] };
  readonly Action?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Condition?: object;
}

/** The statements of a policy, or undefined where the text is none. */
function statementsOf(policy: string): readonly Statement[] | undefined {
  try {
    const parsed: { Statement?: Statement | Statement[] } | null = JSON.parse(policy);
    if (parsed?.Statement === undefined) return undefined;
    return Array.isArray(parsed.Statement) ? parsed.Statement : [parsed.Statement];
  } catch {
    return undefined;
  }
}

export const isPolicy = (text: string) => statementsOf(text) !== undefined;

/**
 * Whether it allows everyone an action, without a condition
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status).
 */
export function isPublic(policy: string): boolean {
  return statementsOf(policy)?.some((one) => one.Effect === 'Allow' && isForAll(one) && !one.Condition) ?? false;
}

/** Whether an anonymous request may do that: a statement must allow it, and none deny it. */
export function allowsAll(policy: string | undefined, action: string, resource: string): boolean {
  const statements = (statementsOf(policy ?? '') ?? []).filter(
    (one) => isForAll(one) && !one.Condition && isOneOf(one.Action, action) && isOneOf(one.Resource, resource),
  );
  return statements.some(({ Effect }) => Effect === 'Allow') && !statements.some(({ Effect }) => Effect === 'Deny');
}

function isForAll({ Principal }: Statement): boolean {
  return Principal === '*' || (typeof Principal === 'object' && listOf(Principal.AWS).includes('*'));
}

function isOneOf(patterns: string | readonly string[] | undefined, value: string): boolean {
  return listOf(patterns).some((pattern) => {
    if (!pattern.endsWith('*')) return pattern === value;
    return value.startsWith(pattern.slice(0, -1));
  });
}

function listOf(value: string | readonly string[] | undefined): readonly string[] {
  return typeof value === 'string' ? [value] : (value ?? []);
}
