import { type Fields, isFields } from '../../core/fields.ts';
import { globExpression } from '../../core/glob.ts';

/** Marks our statement among those of others. */
const SID = 'LaunchpadPublicRead';

/**
 * The policy with a statement by which everybody may read the bucket's objects, and not list them: the others stay.
 *
 * @param present the policy as the service gives it, or undefined where there is none
 * @param region for the partition of the bucket's ARN
 *   (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html)
 * @returns undefined where a statement says so already
 * @throws SyntaxError or TypeError where the policy is not one
 */
export function withPublicRead(present: string | undefined, bucket: string, region: string): string | undefined {
  const policy: unknown = present === undefined ? { Version: '2012-10-17', Statement: [] } : JSON.parse(present);
  if (!isFields(policy)) throw new TypeError('The policy of the bucket is not a JSON object.');
  const resource = `arn:${partitionOf(region)}:s3:::${bucket}/*`;
  // One statement may stand without a list.
  const statements = listOf(policy.Statement);
  if (statements.some((statement) => isFields(statement) && isPublicRead(statement, resource))) return undefined;
  const ours = { Sid: SID, Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: resource };
  const others = statements.filter((statement) => !isFields(statement) || statement.Sid !== SID);
  return JSON.stringify({ ...policy, Statement: [...others, ours] });
}

function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

/** Services write the same in several ways, and give it back in another one than they got it. */
function isPublicRead(statement: Fields, resource: string): boolean {
  const { Effect, Principal, Action, Resource, Condition } = statement;
  return (
    Effect === 'Allow' &&
    principalsOf(Principal).includes('*') &&
    (Condition === undefined || (isFields(Condition) && Object.keys(Condition).length === 0)) &&
    textsOf(Action).some((action) => isMatch(action.toLowerCase(), 's3:getobject')) &&
    textsOf(Resource).some((pattern) => isMatch(pattern, resource))
  );
}

/**
 * Whether a statement allows everybody something, under whatever condition.
 *
 * @throws SyntaxError or TypeError where the policy is not one
 */
export function isForEverybody(text: string): boolean {
  const policy: unknown = JSON.parse(text);
  if (!isFields(policy)) throw new TypeError('The policy of the bucket is not a JSON object.');
  return listOf(policy.Statement).some(
    (one) =>
      isFields(one) &&
      one.Effect === 'Allow' &&
      (one.NotPrincipal !== undefined || principalsOf(one.Principal).includes('*')),
  );
}

function principalsOf(principal: unknown): readonly unknown[] {
  return isFields(principal) ? listOf(principal.AWS) : listOf(principal);
}

function listOf(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

function textsOf(value: unknown): string[] {
  return listOf(value).filter((item) => typeof item === 'string');
}

/** Whether a pattern, in which each `*` stands for any text, is that of the value. */
export function isMatch(pattern: string, value: string): boolean {
  return globExpression(pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))).test(value);
}
